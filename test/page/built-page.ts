import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the page as `npm run build` does, into a new folder: what is tested is what the source says. Throws if that fails. */
export const buildPage = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-page-'));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vite/bin/vite.js'),
      'build',
      '--configLoader=native',
      '--logLevel=warn',
      '--emptyOutDir',
      `--outDir=${folder}`,
    ],
    { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
  );
  if (status !== 0) throw new Error(`the page cannot be built:\n${stdout}${stderr}`);
  return folder;
};
