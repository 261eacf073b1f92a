import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The playground as it is built from what the source says now, as a file: URL; gone at the end of these tests. Throws if that fails. */
export const buildPlayground = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-playground-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vite/bin/vite.js'),
      'build',
      '--config=vite.play.config.ts',
      '--configLoader=native',
      '--logLevel=error',
      '--emptyOutDir',
      `--outDir=${folder}`,
    ],
    { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
  );
  if (status !== 0) throw new Error(`the playground cannot be built:\n${stdout}${stderr}`);
  return pathToFileURL(join(folder, 'index.html')).href;
};
