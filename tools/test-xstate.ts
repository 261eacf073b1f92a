/**
 * Runs the types and the whole suite on the lowest and on the highest xstate that package.json allows as a peer, each in a
 * temporary copy of what git knows of. Arguments are handed to vitest: `npm run test:xstate -- test/machines`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const range: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).peerDependencies.xstate;
const ask = (...args: readonly string[]): string => execFileSync('npm', args, { encoding: 'utf8' });

const lowest = range.replace(/^\^/, '');
const answer = JSON.parse(ask('view', `xstate@${range}`, 'version', '--json')) as string | readonly string[];
const highest = [answer].flat().at(-1)!;
const files = execFileSync('git', [
  '-C',
  root,
  'ls-files',
  '-z',
  '--cached',
  '--others',
  '--exclude-standard',
])
  .toString()
  .split('\0')
  .filter((file) => file !== '');

/** Whether all went well with `version`. */
const passes = (version: string): boolean => {
  const folder = mkdtempSync(join(tmpdir(), `raftchart-xstate-${version}-`));
  const run = (command: string, ...args: readonly string[]): boolean =>
    spawnSync(command, args, { cwd: folder, stdio: 'inherit' }).status === 0;
  try {
    for (const file of files) cpSync(join(root, file), join(folder, file));
    return (
      run('npm', 'ci', '--no-audit', '--no-fund') &&
      run(
        'npm',
        'install',
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        `xstate@${version}`,
      ) &&
      run('npx', '--no', 'tsc', '-p', 'tsconfig.json', '--noEmit') &&
      run('npx', '--no', 'vitest', 'run', ...process.argv.slice(2))
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

for (const version of new Set([lowest, highest])) {
  const isGood = passes(version);
  process.stdout.write(`xstate ${version}: ${isGood ? 'passed' : 'FAILED'}\n`);
  if (!isGood) process.exitCode = 1;
}
