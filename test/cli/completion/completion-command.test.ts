import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'raftchart-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));

const started = join(folder, 'started');
/** Programs that write down what they are given: what a shell has made of a line, and that Tab alone starts nothing. */
const programs = ['raftchart', 'raft-node', 'raft-client'];
mkdirSync(join(folder, 'bin'));
for (const name of programs) {
  const file = join(folder, 'bin', name);
  writeFileSync(file, `#!/bin/sh\necho "\${0##*/} $*" >> '${started}'\n`);
  chmodSync(file, 0o755);
}
const home = join(folder, 'home');
mkdirSync(join(home, 'traces'), { recursive: true });
for (const name of ['monday.backup', 'story.txt', 'traces/node1.ndjson']) writeFileSync(join(home, name), '');

const scriptFor = (shell: string): string => {
  const file = join(folder, `completion.${shell}`);
  writeFileSync(
    file,
    execFileSync(process.execPath, ['src/cli/raftchart.ts', 'completion', shell], { encoding: 'utf8' }),
  );
  return file;
};

/** What is typed before Tab, and the line that comes of it. */
const lines: readonly (readonly [string, string, string])[] = [
  ['a command', 'raftchart simu', 'raftchart simulate'],
  ['a command below a command', 'raft-client member prom', 'raft-client member promote'],
  [
    'a command after a flag and its value',
    'raft-client --target get tran',
    'raft-client --target get transfer-leader',
  ],
  ['a flag', 'raft-node --peer-ce', 'raft-node --peer-cert'],
  ['a flag of a command', 'raftchart simulate --drop', 'raftchart simulate --drop-rate'],
  ['a flag of the program after a command', 'raft-client get x --end', 'raft-client get x --endpoints'],
  ['a choice', 'raft-node --id 1 --storage j', 'raft-node --id 1 --storage json'],
  ['a choice after =', 'raft-node --storage=j', 'raft-node --storage=json'],
  ['a choice of a flag of the program', 'raft-client get x -w j', 'raft-client get x -w json'],
  ['a choice of a flag that may have none', 'raft-node --metrics of', 'raft-node --metrics off'],
  ['a flag after a flag without its value', 'raft-node --metrics --stor', 'raft-node --metrics --storage'],
  [
    'a choice after an address',
    'raft-client --endpoints 127.0.0.1:8001 -w j',
    'raft-client --endpoints 127.0.0.1:8001 -w json',
  ],
  ['a file', 'raftchart restore mon', 'raftchart restore monday.backup'],
  ['a file of a flag', 'raftchart scenario --file st', 'raftchart scenario --file story.txt'],
  ['a file of a flag after =', 'raft-node --trace-file=mon', 'raft-node --trace-file=monday.backup'],
  ['a file in a folder', 'raftchart validate traces/no', 'raftchart validate traces/node1.ndjson'],
  ['a directory', 'raft-node --data-dir tr', 'raft-node --data-dir traces'],
  ['a second file', 'raftchart diff story.txt mon', 'raftchart diff story.txt monday.backup'],
  ['one of any number of files', 'raftchart validate a b c st', 'raftchart validate a b c story.txt'],
  ['a choice as an operand', 'raftchart token wri', 'raftchart token write'],
  ['no choice as the operand after it', 'raftchart token write wri', 'raftchart token write wri'],
  ['no third file where two belong', 'raftchart diff a b mon', 'raftchart diff a b mon'],
  ['no file where a directory belongs', 'raft-node --data-dir mon', 'raft-node --data-dir mon'],
  ['no file where none belongs', 'raft-client get mon', 'raft-client get mon'],
  ['no flag of another command', 'raft-client get x --abs', 'raft-client get x --abs'],
  ['no command in place of a value', 'raft-client put memb', 'raft-client put memb'],
];

const environment = { ...process.env, HOME: home, TERM: 'dumb', PATH: `${folder}/bin:${process.env.PATH}` };

/** The lines with which the programs were started. */
const startedLines = (): readonly string[] => {
  const text = existsSync(started) ? readFileSync(started, 'utf8') : '';
  rmSync(started, { force: true });
  // zsh takes away the slash behind a directory once the line ends.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/\/$/, ''));
};

const missing = (program: string, ...args: readonly string[]): boolean => {
  const isMissing = spawnSync(program, args).status !== 0;
  if (isMissing) process.stderr.write(`${program} is missing: its completion is not tested\n`);
  return isMissing;
};

const expected = lines.map(([subject, , line]) => `${subject}: ${line}`);
const told = (results: readonly string[]): readonly string[] =>
  lines.map(([subject], index) => `${subject}: ${results[index]}`);

describe.skipIf(missing('bash', '--version'))('in bash, Tab completes', () => {
  it(`each of ${lines.length} lines, and starts nothing`, () => {
    const typed = lines.map(([, line]) => `${line}\t\n`).join('');
    spawnSync('bash', ['--noprofile', '--norc', '-i'], {
      cwd: home,
      env: { ...environment, INPUTRC: '/dev/null' },
      input: `source '${scriptFor('bash')}'\n${typed}exit\n`,
    });
    expect(told(startedLines())).toEqual(expected);
  });
});

const hasNoTerminal = missing('script', '--version');
describe.skipIf(missing('zsh', '--version') || hasNoTerminal)('in zsh, Tab completes', () => {
  it(`each of ${lines.length} lines, and starts nothing`, async () => {
    writeFileSync(
      join(home, '.zshrc'),
      `autoload -Uz compinit; compinit -u -D; source '${scriptFor('zsh')}'; precmd() { print READY }\n`,
    );
    const child = spawn('script', ['-qec', 'zsh -i -o no_global_rcs', '/dev/null'], {
      cwd: home,
      env: { ...environment, ZDOTDIR: home },
    });
    // Its line editor takes what is typed only once it runs.
    const waiting = [...lines.map(([, line]) => `${line}\t\n`), 'exit\n'];
    let output = '';
    for await (const chunk of child.stdout) {
      output += String(chunk);
      const end = output.indexOf('READY');
      if (end === -1) continue;
      output = output.slice(end + 'READY'.length);
      child.stdin.write(waiting.shift() ?? '');
    }
    expect(told(startedLines())).toEqual(expected);
  });
});

describe.skipIf(missing('fish', '--version'))('in fish, Tab completes', () => {
  it(`each of ${lines.length} lines, and starts nothing`, () => {
    const ask = lines.map(([, line]) => `complete -C '${line}' | cut -f 1; echo ---`).join('\n');
    const answer = execFileSync('fish', ['--no-config', '-c', `source '${scriptFor('fish')}'\n${ask}`], {
      cwd: home,
      env: environment,
      encoding: 'utf8',
    });
    const results = answer.split('---\n').map((each, index) => {
      const line = lines[index]?.[1] ?? '';
      const [only, ...others] = each.split('\n').filter((word) => word !== '');
      const words = line.split(' ');
      return only === undefined
        ? line
        : [...words.slice(0, -1), only, ...others].join(' ').replace(/\/$/, '');
    });
    expect(told(results)).toEqual(expected);
    expect(startedLines()).toEqual([]);
  });
});
