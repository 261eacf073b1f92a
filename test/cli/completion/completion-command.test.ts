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

/** What is typed before Tab, and the last word of the line afterwards. */
const lines: readonly (readonly [subject: string, typed: string, lastWord: string])[] = [
  ['a command', 'raftchart simu', 'simulate'],
  ['a command below a command', 'raft-client member prom', 'promote'],
  ['a command after a flag and its value', 'raft-client --target get tran', 'transfer-leader'],
  ['a flag', 'raft-node --peer-ce', '--peer-cert'],
  ['a flag of a command', 'raftchart simulate --drop', '--drop-rate'],
  ['a flag of the program after a command', 'raft-client get x --end', '--endpoints'],
  ['a choice', 'raft-node --id 1 --storage j', 'json'],
  ['a choice after =', 'raft-node --storage=j', '--storage=json'],
  ['a choice of a flag of the program', 'raft-client get x -w j', 'json'],
  ['a choice of a flag that may have none', 'raft-node --metrics of', 'off'],
  ['a flag after a flag without its value', 'raft-node --metrics --stor', '--storage'],
  ['a choice after an address', 'raft-client --endpoints 127.0.0.1:8001 -w j', 'json'],
  ['a file', 'raftchart restore mon', 'monday.backup'],
  ['a file of a flag', 'raftchart scenario --file st', 'story.txt'],
  ['a file of a flag after =', 'raft-node --trace-file=mon', '--trace-file=monday.backup'],
  ['a file in a folder', 'raftchart validate traces/no', 'traces/node1.ndjson'],
  ['a directory', 'raft-node --data-dir tr', 'traces'],
  ['a second file', 'raftchart diff story.txt mon', 'monday.backup'],
  ['a file that two others are versions of', 'raftchart diff --at mon', 'monday.backup'],
  ['a file of a machine to show', 'raftchart view mon', 'monday.backup'],
  ['a file of a machine', 'raftchart paths mon', 'monday.backup'],
  ['a format of a difference', 'raftchart diff --format mer', 'mermaid'],
  ['a view', 'raftchart diagram --view ove', 'overview'],
  ['a view of a difference, or a list', 'raftchart diff --view li', 'list'],
  ['one of any number of files', 'raftchart validate a b c st', 'story.txt'],
  ['a choice as an operand', 'raftchart token wri', 'write'],
  ['no choice as the operand after it', 'raftchart token write wri', 'wri'],
  ['no third file where two belong', 'raftchart diff a b mon', 'mon'],
  ['no file where a directory belongs', 'raft-node --data-dir mon', 'mon'],
  ['no file where none belongs', 'raft-client get mon', 'mon'],
  ['no flag of another command', 'raft-client get x --abs', '--abs'],
  ['no command in place of a value', 'raft-client put memb', 'memb'],
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

/** `line` with another last word. */
const endingIn = (line: string, word: string): string => line.replace(/[^ ]*$/, () => word);

const expected = lines.map(([subject, typed, word]) => `${subject}: ${endingIn(typed, word)}`);
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
      return only === undefined ? line : endingIn(line, [only, ...others].join(' ')).replace(/\/$/, '');
    });
    expect(told(results)).toEqual(expected);
    expect(startedLines()).toEqual([]);
  });
});
