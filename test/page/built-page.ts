import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const folders: string[] = [];
// Here, since a hook in which a page is built can register no other.
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A page as `npm run build` builds it from what the source says now: the built one, or a new one until the end of these tests. Throws if that fails. */
export const buildPage = (name: 'page' | 'play' = 'page'): string => {
  if (spawnSync(process.execPath, [join(root, 'tools/build.ts'), '--check']).status === 0)
    return join(root, 'dist', name);
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-page-'));
  folders.push(folder);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vite/bin/vite.js'),
      'build',
      `--config=${name === 'page' ? 'vite.config.ts' : 'vite.play.config.ts'}`,
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

/** The playground, built in the same way, as a file: URL. */
export const buildPlayground = (): string => pathToFileURL(join(buildPage('play'), 'index.html')).href;
