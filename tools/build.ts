/**
 * Builds the package into `dist/` (or another folder): the modules with their types, the page of `raftchart view` and that of `raftchart play`. With `--if-stale` it does nothing
 * where `dist/` was built from what stands here now: `npx` asks for it each time, and must not make anybody wait. With `--check` it only says so,
 * by its exit code.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';

const root = resolve(import.meta.dirname, '..');
/** All that decides what is built. The page names the tests of each rule. */
const inputs = [
  'machines',
  'src',
  'test',
  'tools/build.ts',
  'tools/palette-sheet.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'vite.config.ts',
  'vite.play.config.ts',
];
const stampName = 'built-from';

const { values } = parseArgs({
  options: {
    'if-stale': { type: 'boolean' },
    check: { type: 'boolean' },
    'without-page': { type: 'boolean' },
    out: { type: 'string', default: join(root, 'dist') },
  },
});

const filesBelow = (path: string): readonly string[] => {
  const entries = readdirSync(join(root, path), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

const hashOfInputs = (): string => {
  const hash = createHash('sha256');
  for (const input of inputs) {
    const files = /\.\w+$/.test(input) ? [join(root, input)] : filesBelow(input);
    for (const file of files.toSorted())
      hash.update(`${file.slice(root.length)}\n`).update(readFileSync(file));
  }
  return hash.digest('hex');
};

const isFresh = (folder: string, stamp: string): boolean => {
  const file = join(folder, stampName);
  return existsSync(file) && readFileSync(file, 'utf8') === stamp;
};

/** Runs a program of a dependency. Rejects if it fails. */
const run = (script: string, ...args: readonly string[]): Promise<void> =>
  new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], {
      cwd: root,
      stdio: 'inherit',
    });
    child.once('error', failed);
    child.once('exit', (code) => (code === 0 ? done() : failed(new Error(`${script} ended with ${code}`))));
  });

/** Puts all modules of ours that `raft-node` consists of into one file: loading 160 files takes as long as reading a long log, and a cluster that restarts waits for both. */
const joinNode = async (folder: string): Promise<void> => {
  const directory = join(folder, 'src/cli/node');
  // Packages stay what npm installed.
  const bundle = await rolldown({
    cwd: folder,
    input: join(directory, 'main.js'),
    platform: 'node',
    external: /^[^./]/,
  });
  // What is imported only when it is needed, and may be missing, stays a file of its own.
  await bundle.write({ dir: directory, format: 'esm', chunkFileNames: '[name]-[hash].js', comments: false });
  await bundle.close();
};

/** Into a folder beside it first: who runs what is in `out` meanwhile finds all of the old or all of the new. */
const build = async (out: string, stamp: string): Promise<void> => {
  const fresh = `${out}.${process.pid}`;
  try {
    const page = (name: string, config: string) =>
      run(
        'vite/bin/vite.js',
        'build',
        `--config=${config}`,
        '--configLoader=native',
        '--logLevel=warn',
        `--outDir=${join(fresh, name)}`,
        '--emptyOutDir',
      );
    await Promise.all([
      run('typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh),
      ...(values['without-page']
        ? []
        : [page('page', 'vite.config.ts'), page('play', 'vite.play.config.ts')]),
    ]);
    for (const text of filesBelow('src').filter((path) => /\.(?:txt|proto)$/.test(path))) {
      const copy = join(fresh, relative(root, text));
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(text, copy);
    }
    await joinNode(fresh);
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const path of Object.values<string>(bin))
      chmodSync(join(fresh, path.replace(/^\.\/dist\//, '')), 0o755);
    writeFileSync(join(fresh, stampName), stamp);
    // The documentation site is built by `npm run site` alone.
    if (existsSync(join(out, 'site'))) renameSync(join(out, 'site'), join(fresh, 'site'));
    rmSync(out, { recursive: true, force: true });
    renameSync(fresh, out);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
};

const out = resolve(values.out);
const stamp = hashOfInputs();
if (values.check) process.exitCode = isFresh(out, stamp) ? 0 : 1;
else if (!(values['if-stale'] && isFresh(out, stamp))) await build(out, stamp);
