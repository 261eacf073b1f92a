/**
 * Packs what would be published, in a temporary folder, and holds it against what a user needs: exports and types that resolve
 * (publint, attw), each subpath imported with nothing installed but what the package brings, and one line of remedy where a command
 * needs an optional package. What test/entry/consumer.ts writes compiles against the published types, strictly. Reads the sources alone; the page is left out, since nothing imports it.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = resolve(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const run = promisify(execFile);
const problems: string[] = [];

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** What `npm pack` says of a tarball. */
interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly entryCount: number;
  readonly files: readonly { readonly path: string }[];
}

const ending = (file: string, args: readonly string[], cwd: string): Promise<Ended> =>
  run(file, args, { cwd, env: { ...process.env, FORCE_COLOR: '0' } }).then(
    ({ stdout, stderr }) => ({ code: 0, output: `${stdout}${stderr}` }),
    ({ code, stdout, stderr }) => ({ code: Number(code), output: `${stdout}${stderr}` }),
  );

/** Builds and packs; the tarball's path. */
const packed = async (folder: string): Promise<string> => {
  const source = join(folder, 'source');
  mkdirSync(source);
  for (const name of [
    'package.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'DIVERGENCE.md',
    'docs',
    'deploy',
  ]) {
    cpSync(join(root, name), join(source, name), { recursive: true });
  }
  const { code, output } = await ending(
    process.execPath,
    [join(root, 'tools/build.ts'), '--without-page', '--out', join(source, 'dist')],
    root,
  );
  if (code !== 0) throw new Error(`it cannot be built:\n${output}`);
  // As `npm run site` would leave it.
  mkdirSync(join(source, 'dist/site'));
  writeFileSync(join(source, 'dist/site/index.html'), '');
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: source,
  });
  const answer = JSON.parse(stdout);
  const [first]: readonly Packed[] = Array.isArray(answer) ? answer : Object.values(answer);
  const { filename, size, entryCount, files } = first!;
  const surplus = files.filter(({ path }) => /^(?:dist\/site|tools|test)\//.test(path));
  if (surplus.length > 0) problems.push(`it carries ${surplus[0]!.path}, which no user needs`);
  process.stdout.write(`packed without the page: ${(size / 1024).toFixed(0)} KiB, ${entryCount} files\n`);
  return join(folder, filename);
};

/** As npm would install it: beside its dependencies and nothing else. */
const installed = async (folder: string, tarball: string): Promise<string> => {
  const modules = join(folder, 'app/node_modules');
  const own = join(modules, 'raftchart');
  mkdirSync(own, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', own, '--strip-components=1']);
  const optional = manifest.peerDependenciesMeta;
  const peers = Object.keys(manifest.peerDependencies).filter((name) => optional[name] === undefined);
  for (const name of [...Object.keys(manifest.dependencies), ...peers]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  return own;
};

const checkTypes = async (tarball: string): Promise<void> => {
  const attw = new URL('dist/index.js', import.meta.resolve('@arethetypeswrong/cli/package.json'));
  const { code, output } = await ending(
    process.execPath,
    [fileURLToPath(attw), tarball, '--profile', 'esm-only'],
    root,
  );
  if (code !== 0) problems.push(`attw:\n${output}`);
};

const checkManifest = async (own: string): Promise<void> => {
  const { messages, pkg } = await publint({ pkgDir: own, strict: true, pack: false });
  for (const message of messages) problems.push(`publint: ${formatMessage(message, pkg!)}`);
};

const checkImports = async (app: string): Promise<void> => {
  const subpaths = Object.keys(manifest.exports).filter((each) => !each.endsWith('.json'));
  const imports = subpaths.map((each) => `await import(${JSON.stringify(each.replace('.', 'raftchart'))});`);
  const { code, output } = await ending(
    process.execPath,
    ['--input-type=module', '-e', imports.join('\n')],
    app,
  );
  if (code !== 0 || output !== '') problems.push(`importing ${subpaths.join(', ')}:\n${output}`);
};

const checkConsumer = async (app: string): Promise<void> => {
  mkdirSync(join(app, 'node_modules/@types'), { recursive: true });
  symlinkSync(join(root, 'node_modules/@types/node'), join(app, 'node_modules/@types/node'));
  cpSync(join(root, 'test/entry/consumer.ts'), join(app, 'consumer.mts'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  // XState's own declarations do not hold under exactOptionalPropertyTypes: they are left out.
  const strictly = [
    '--strict',
    '--exactOptionalPropertyTypes',
    '--noUncheckedIndexedAccess',
    '--skipLibCheck',
  ];
  const flags = ['--noEmit', '--module', 'nodenext', '--target', 'es2024', '--types', 'node', ...strictly];
  const { code, output } = await ending(process.execPath, [tsc, ...flags, 'consumer.mts'], app);
  if (code !== 0) problems.push(`a consumer does not compile:\n${output}`);
};

/** A command whose optional package is not installed says so in one line, and what to do. */
const checkRemedy = async (own: string, exitCode: number, name: string, ...args: string[]): Promise<void> => {
  const [bin, ...flags] = args;
  const { code, output } = await ending(process.execPath, [join(own, 'dist/src/cli', bin!), ...flags], own);
  const isOneLine = output.trimEnd().split('\n').length === 1 && output.includes(`npm install ${name}`);
  if (code !== exitCode || !isOneLine)
    problems.push(`${args.join(' ')} without ${name} ended with ${code}:\n${output}`);
};

const folder = mkdtempSync(join(tmpdir(), 'raftchart-package-'));
try {
  const tarball = await packed(folder);
  const own = await installed(folder, tarball);
  const machine = join(folder, 'app/machine.mjs');
  writeFileSync(
    machine,
    "import { createMachine } from 'xstate';\nexport const machine = createMachine({});\n",
  );
  const node = ['raft-node.js', '--id', '1', '--data-dir', join(folder, 'data')];
  await Promise.all([
    checkTypes(tarball),
    checkManifest(own),
    checkImports(join(folder, 'app')),
    checkConsumer(join(folder, 'app')),
    checkRemedy(own, 2, 'elkjs', 'raftchart.js', 'diagram', 'raft'),
    checkRemedy(
      own,
      2,
      'junit-report-builder',
      ...['raftchart.js', 'conformance', '--adapter', 'true', '--junit', 'report.xml'],
    ),
    checkRemedy(own, 2, 'typescript', 'raftchart.js', 'diff', machine, machine),
    checkRemedy(own, 1, 'pino-pretty', ...node, '--log-format', 'pretty'),
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
