import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { projectOf, removeProjects } from '../machine/module-folder.ts';

removeProjects();

const hasNoGit = spawnSync('git', ['--version']).status !== 0;
if (hasNoGit) process.stderr.write('git is missing: git difftool is not tested\n');

const door = (event: string) =>
  `import { setup } from 'xstate';\nimport { isFree } from './guards.ts';\nexport const door = setup({ guards: { isFree } }).createMachine({ id: 'door', initial: 'shut', states: { shut: { on: { ${event}: { target: 'wide', guard: 'isFree' } } }, wide: {} } });\n`;

describe.skipIf(hasNoGit)('git shows the difference of machines', () => {
  let folder = '';
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        ...Object.fromEntries(
          ['AUTHOR', 'COMMITTER'].flatMap((who) => [
            [`GIT_${who}_NAME`, 'A'],
            [`GIT_${who}_EMAIL`, 'a@example.com'],
          ]),
        ),
      },
    });

  beforeAll(() => {
    folder = projectOf({
      '.gitignore': 'node_modules\nbin\n',
      'app/door.machine.ts': door('OPEN'),
      'app/guards.ts': 'export const isFree = () => true;\n',
      'app/gone.machine.ts': "export * from './door.machine.ts';\n",
      'README.md': 'Doors.\n',
    });
    mkdirSync(join(folder, 'bin'));
    const program = join(packageRoot(), 'src/cli/raftchart.ts');
    writeFileSync(
      join(folder, 'bin/raftchart'),
      `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`,
      {
        mode: 0o755,
      },
    );
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '-m', 'Doors');
    writeFileSync(join(folder, 'app/door.machine.ts'), door('PUSH'));
    writeFileSync(join(folder, 'app/fresh.machine.ts'), door('OPEN'));
    writeFileSync(join(folder, 'app/guards.ts'), 'export const isFree = () => false;\n');
    writeFileSync(join(folder, 'README.md'), 'More doors.\n');
    rmSync(join(folder, 'app/gone.machine.ts'));
    git('add', '.');
  });

  const told = [
    'not compared: README.md is not a module',
    'app/door.machine.ts',
    '  - shut: OPEN [isFree] → wide',
    '  + shut: PUSH [isFree] → wide',
    'app/fresh.machine.ts is new: there are no two versions to compare',
    'app/gone.machine.ts is gone: there are no two versions to compare',
    'not compared: app/guards.ts exports no XState 5 machine: isFree is a function: if it makes a machine, export that',
  ];
  const linesOf = (text: string) => text.split('\n').filter((line) => told.includes(line));

  it('as git difftool, configured as a tool, file by file until the last', () => {
    git('config', 'difftool.raftchart.cmd', 'raftchart diff --at "$MERGED" "$LOCAL" "$REMOTE"');
    git('config', 'difftool.raftchart.trustExitCode', 'true');
    expect(linesOf(git('difftool', '-y', '-t', 'raftchart', 'HEAD')).toSorted()).toEqual(told.toSorted());
  });

  it('as git difftool between two commits whose files are both temporary', () => {
    git('commit', '--quiet', '-m', 'More doors');
    rmSync(join(folder, 'app/door.machine.ts'));
    const args = ['-x', 'raftchart diff --at "$MERGED"', 'HEAD~1', 'HEAD', '--', '*door.machine.ts'] as const;
    expect(linesOf(git('difftool', '-y', ...args))).toEqual(told.slice(1, 4));
    git('checkout', '--quiet', '--', 'app/door.machine.ts');
  });

  it('as git show, by a driver for some files', () => {
    writeFileSync(join(folder, '.git/info/attributes'), '*.machine.ts diff=raftchart\n');
    git('config', 'diff.raftchart.command', `f() { raftchart diff --at "\${8:-$1}" "$2" "$5"; }; f`);
    const text = git('show', '--ext-diff', 'HEAD');
    expect(linesOf(text)).toEqual(told.slice(1, 6));
    expect(text).toContain('+More doors.');
  });
});
