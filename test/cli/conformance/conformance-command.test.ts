import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { capabilityNames, chartCapabilities, noCapabilities } from '../../../src/conformance/capabilities.ts';
import { pathsFor } from '../../../src/conformance/paths-for.ts';
import * as generator from '../../../src/verify/paths/generate-paths.ts';
import { toLines } from '../../../src/verify/paths/path-file.ts';
import { raftchart as runRaftchart } from '../run-raftchart.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-conformance-'));
afterAll(() => rmSync(directory, { recursive: true }));

vi.mock('../../../src/verify/paths/generate-paths.ts', { spy: true });
beforeEach(() => {
  vi.mocked(generator.generatePaths).mockClear();
});

const started = '{"ok":true,"state":{"role":"follower","term":0,"votedFor":null,"commitIndex":0},"sent":[]}';
/** Starts nodes, and is silent for ever after anything else. */
const hanging = `while read -r line; do case "$line" in *'"init"'*) echo '${started}';; esac; done`;

/** What a mocked generator returns is not to be kept. */
const raftchart = (command: string, ...flags: readonly string[]) =>
  runRaftchart(command, '--no-cache', ...flags);

const conformance = (...flags: readonly string[]) => raftchart('conformance', '--nodes', '1', ...flags);

it.each([
  ['does not start', 'exec /no/such/adapter', 'exit code 127'],
  [
    'declares a list of capabilities',
    `echo '${started.replace('}', '},"capabilities":[]')}'; cat`,
    'capabilities: expected an object such as {"showsLog":true}, not a list',
  ],
  [
    'contradicts itself',
    `echo '${started.replace('}', '},"capabilities":{"members":true}')}'; cat`,
    "the adapter's capabilities: members needs noop: ",
  ],
  ['talks nonsense', 'echo hello; cat', 'hello; it was asked {"do":"init"'],
])('an adapter that %s is told of before any path is generated', async (_, adapter, text) => {
  const { code, stdout, stderr } = await conformance('--adapter', adapter);
  expect(stderr).toContain(text);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(generator.generatePaths).not.toHaveBeenCalled();
});

it('an adapter that hangs again and again gets a report of what was found, as text, JUnit and JSON', async () => {
  const [junit, json] = [join(directory, 'junit.xml'), join(directory, 'report.json')];
  const flags = ['--adapter', hanging, '--timeout', '100ms', '--junit', junit, '--json', json];
  const { code, stdout } = await conformance(...flags);
  expect(code).toBe(1);
  expect(stdout).toContain('STOPPED: it hung 3 times');
  expect(stdout).toMatch(/^ +it hung: no answer to "\w+" in 100 ms$/m);
  expect(stdout).toMatch(/^paths: 3 failed, 0 passed, \d+ not applicable, [1-9]\d* not run$/m);
  const report = JSON.parse(readFileSync(json, 'utf8'));
  expect(report).toMatchObject({
    paths: { failed: 3, passed: 0 },
    stopped: expect.stringMatching(/^it hung/),
  });
  const xml = readFileSync(junit, 'utf8');
  expect(xml).toContain('<failure message="it hung: ');
  expect(xml).toContain('not reached: it hung 3 times');
});

it('a report whose file cannot be written in the end is still told, and costs none of the others', async () => {
  const [folder, tap] = [join(directory, 'vanishes'), join(directory, 'stays.tap')];
  mkdirSync(folder);
  const flags = ['--timeout', '50ms', '--junit', join(folder, 'junit.xml'), '--tap', tap];
  const { code, stdout, stderr } = await conformance('--adapter', `rm -rf ${folder}; ${hanging}`, ...flags);
  expect(stdout).toContain('STOPPED: ');
  expect(readFileSync(tap, 'utf8')).toMatch(/^TAP version 14\n/);
  expect(stderr).toMatch(/^cannot write .*vanishes.*\n$/);
  expect(code).toBe(2);
});

/** Votes for nobody and answers nothing, whatever comes, but says that all is as it was. */
const silent = `while read -r line; do echo '${started}'; done`;

/** Of one node that declares nothing. */
const everyPath = () => {
  const { nodes: _, ...set } = pathsFor(noCapabilities, {
    cover: 'transitions',
    voters: 1,
  }) as generator.Generated;
  return set;
};

const inDirectory = (name: string) => join(directory, name);

describe('findings that are known', () => {
  const known = inDirectory('known.json');

  it('are written to a file, which is refused until it says why', async () => {
    const { code, stdout } = await conformance('--adapter', silent, '--write-expect', known);
    expect(stdout).toMatch(/^findings: \d+ /m);
    expect(code).toBe(1);
    const refused = await conformance('--adapter', silent, '--expect', known);
    expect(refused.stderr).toMatch(
      /^.*known\.json: ".*" is expected without a reason: say why it may be so\n$/,
    );
    expect(refused).toMatchObject({ code: 2, stdout: '' });
  });

  it('do not fail a run; new ones do, and so do those that are gone', async () => {
    const { findings, ...rest } = JSON.parse(readFileSync(known, 'utf8'));
    const write = (kept: readonly object[]) =>
      writeFileSync(
        known,
        JSON.stringify({ ...rest, findings: kept.map((each) => ({ ...each, reason: 'it is silent' })) }),
      );
    write(findings);
    const all = await conformance('--adapter', silent, '--expect', known);
    expect(all.stdout).toContain('EXPECTED: it is silent');
    expect(all).toMatchObject({ code: 0, stderr: '' });

    write(findings.slice(1));
    expect(await conformance('--adapter', silent, '--expect', known)).toMatchObject({ code: 1 });

    const gone = { finding: 'raft.leader/Elsewhere/0 role' };
    write([...findings, gone]);
    // These few, as if they were all there are.
    vi.mocked(generator.generatePaths).mockReturnValueOnce(everyPath());
    const late = await raftchart('conformance', '--adapter', silent, '--expect', known);
    expect(late.stdout).toContain(
      `GONE: ${gone.finding} is no longer found; it was expected: it is silent\n`,
    );
    expect(late.code).toBe(1);
  });

  it.each([
    ['--nodes', ['--nodes', '1'], () => everyPath()],
    ['--only', ['--only', '§5.2'], () => everyPath()],
    ['--path', ['--path', 'FIRST'], () => everyPath()],
    ['--paths with a file of --nodes', ['--paths', 'FILE'], () => ({ ...everyPath(), nodes: 1 })],
  ])('of a part of the paths, by %s, nothing is said to be gone', async (_, flags, setOf) => {
    const set = setOf();
    const file = inDirectory('part.ndjson');
    writeFileSync(file, toLines(set));
    vi.mocked(generator.generatePaths).mockReturnValueOnce(set as never);
    const named = flags.map((each) => each.replace('FILE', file).replace('FIRST', set.paths[0]!.id));
    const part = await raftchart('conformance', '--adapter', silent, '--expect', known, ...named);
    expect(part.stdout).toContain('\nfindings: ');
    expect(part.stdout).not.toContain('GONE');
    expect(part.code).toBe(0);
  });
});

describe('paths that were saved', () => {
  const paths = inDirectory('paths.ndjson');
  const report = inDirectory('report.json');

  it('are walked without generating any, and give the same report', async () => {
    const nothing = capabilityNames.filter((name) => chartCapabilities[name]).join();
    await raftchart('paths', '--nodes', '1', '--without', nothing, '-o', paths);
    const fresh = await conformance('--adapter', silent);
    vi.mocked(generator.generatePaths).mockClear();
    const saved = await conformance('--adapter', silent, '--paths', paths, '--json', report);
    expect(generator.generatePaths).not.toHaveBeenCalled();
    const withoutCommands = (text: string) => text.replaceAll(/replay: .*/g, '');
    expect(withoutCommands(saved.stdout)).toBe(withoutCommands(fresh.stdout));
  });

  it('are written by the command that the report names', async () => {
    const { stdout } = await conformance('--adapter', silent);
    const [, flags] = /^its paths: npx raftchart paths (.*) -o paths\.ndjson$/m.exec(stdout)!;
    const file = inDirectory('named.ndjson');
    const written = await raftchart('paths', '--nodes', '1', ...flags!.split(' '), '-o', file);
    expect(written).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(paths, 'utf8'));
  });

  it('of another size than --nodes are said to be left out', async () => {
    const two = inDirectory('two.ndjson');
    const set = pathsFor(noCapabilities, { cover: 'transitions', voters: 2 });
    writeFileSync(two, toLines(set));
    const { id } = set.paths[0]!;
    const { code, stderr } = await conformance('--adapter', silent, '--paths', two, '--path', id);
    expect(stderr).toBe(`path "${id}" is of 2 nodes, which --nodes 1 leaves out\n`);
    expect(code).toBe(2);
  });

  it('each finding comes with a command that walks its path alone, shortened out of the report', async () => {
    const { stdout } = await conformance('--adapter', silent, '--paths', paths, '--json', report);
    const [, adapter, file, id] =
      /replay: npx raftchart conformance --adapter '(.*)' --paths (\S+) --path (\S+)$/m.exec(stdout)!;
    expect(adapter!.replaceAll(`'\\''`, "'")).toBe(silent);
    expect(file).toBe(report);
    const again = await raftchart('conformance', '--adapter', silent, '--paths', file!, '--path', id!);
    expect(again.stdout).toContain('paths: 1 failed, 0 passed, 0 not applicable\n');
    expect(again.stdout).toContain(`; path ${id}:\n`);
    expect(again.code).toBe(1);
    expect(generator.generatePaths).not.toHaveBeenCalled();
  });

  it('are refused if they are for another implementation', async () => {
    const whole = join(dirname(paths), 'whole.ndjson');
    await raftchart('paths', '--nodes', '1', '-o', whole);
    const { code, stderr } = await conformance('--adapter', silent, '--paths', whole);
    expect(stderr).toMatch(
      /whole\.ndjson: these paths are for an implementation with \w+, but this one is without it/,
    );
    expect(code).toBe(2);
  });

  it('--path may be given several times, also for paths that are generated', async () => {
    const [first, second] = readFileSync(paths, 'utf8')
      .split('\n')
      .slice(1, 3)
      .map((line) => JSON.parse(line).id);
    const { stdout } = await conformance('--adapter', silent, '--path', first, '--path', second);
    expect(stdout).toMatch(
      /^paths: (2 failed, 0|1 failed, 1|0 failed, 2) passed|^paths: 1 failed, 0 passed, 1 not/m,
    );
    expect(stdout).toMatch(new RegExp(`replay: .* --nodes 1 --path (${first}|${second})$`, 'm'));
  });

  it.each([
    ['is missing', ['--paths', inDirectory('nowhere')], /^cannot read .*nowhere: ENOENT/],
    ['is a directory', ['--paths', directory], /^cannot read .*: EISDIR/],
    ['is damaged', ['--paths', inDirectory('damaged')], /damaged: line 1 is not JSON$/],
    ['has no such path', ['--paths', paths, '--path', '1-nothing'], /paths\.ndjson has no path "1-nothing"$/],
    ['comes with --cover', ['--paths', paths, '--cover', 'pairs'], /^--cover does not go with --paths/],
  ])('a file that %s is told of in one line', async (_, flags, text) => {
    writeFileSync(inDirectory('damaged'), '{"format":');
    const { code, stdout, stderr } = await conformance('--adapter', silent, ...flags);
    expect(stderr.trimEnd()).toMatch(text);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

it.each([
  [
    '--path 1-abc.1234',
    /^there is no path "1-abc\.1234"; a shortened path is in the report that --json wrote/,
  ],
  ['--path nonsense', /^there is no path "nonsense"$/],
  ['--path 3-abcdef0', /^path "3-abcdef0" is of 3 nodes, which --nodes 1 leaves out$/],
  ['--only nonsense', /^no path of 1 node mentions "nonsense"$/],
  ['--adapter=', /^--adapter is empty: expected a command, or tcp:\/\/HOST:PORT$/],
  ['--adapter udp://127.0.0.1:7000', /^--adapter: expected tcp:\/\/HOST:PORT, got "udp:/],
  ['--adapter tcp://127.0.0.1', /^--adapter: expected tcp:\/\/HOST:PORT, got "tcp:/],
  ['--adapter TCP://127.0.0.1:1', /^cannot connect to an adapter at 127\.0\.0\.1:1: ECONNREFUSED$/],
  ['--timeout 5', /"5" is 5 ms: say 5s or 5ms/],
  ['--timeout 40000m', /expected at most 35791m, got "40000m"/],
  ['--repeat many', /expected a whole number from 1 to 1000, got "many"/],
  ['--repeat 0', /expected a whole number from 1 to 1000, got "0"/],
  ['--expect /no/such/file', /^cannot read \/no\/such\/file: ENOENT/],
  ['--expect /tmp', /^cannot read \/tmp: EISDIR/],
])('%s is answered with one line and exit code 2', async (flags, line) => {
  const { code, stdout, stderr } = await conformance('--adapter', silent, ...flags.split(' '));
  expect(stderr.trimEnd()).toMatch(line);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

it.each([
  [['--adaptor', 'X'], "unknown option '--adaptor' (Did you mean --adapter?)\n"],
  [[], '--adapter is missing: the command that starts the adapter, or tcp://HOST:PORT\n'],
])('without --adapter, %j is answered with one line', async (flags, line) => {
  expect(await raftchart('conformance', ...flags)).toEqual({ code: 2, stdout: '', stderr: line });
});

it('the report is also written as TAP, as a page, and as pictures', async () => {
  const [tap, html, pictures] = ['report.tap', 'report.html', 'pictures'].map(inDirectory) as [
    string,
    string,
    string,
  ];
  const { code } = await conformance(
    ...['--adapter', silent, '--tap', tap, '--html', html, '--pictures', pictures],
  );
  expect(code).toBe(1);
  expect(readFileSync(tap, 'utf8')).toMatch(/^TAP version 14\n/);
  expect(readFileSync(html, 'utf8')).toContain('npx raftchart conformance --adapter');
  const [first, second] = readdirSync(pictures).sort();
  expect(first).toMatch(/^\d+-(safety|durability|liveness|form)-1.*\.mmd$/);
  expect(second).toBe(first!.replace('.mmd', '.svg'));
  expect(readFileSync(join(pictures, first!), 'utf8')).toContain('\nsequenceDiagram\n');
});

it.each([
  ['--json /dev/null/json', /^cannot write \/dev\/null\/json: ENOTDIR/],
  ['--tap /no/such/report.tap', /^cannot write \/no\/such\/report\.tap: ENOENT/],
  ['--html /tmp', /^cannot write \/tmp: EISDIR/],
  ['--pictures /dev/null/pictures', /^cannot write \/dev\/null\/pictures: EEXIST/],
  ['--pictures /proc/none/such', /^cannot write \/proc\/none\/such: ENOENT/],
  ['--json same --tap ./same', /^--tap and --json both name same$/],
  ['--junit -', /^--junit: expected the name of a file, got "-"$/],
  ['--write-expect=', /^--write-expect: expected the name of a file, got ""$/],
])('%s is refused before the adapter is started', async (flags, line) => {
  const mark = inDirectory('was-started');
  const { code, stdout, stderr } = await conformance(
    ...['--adapter', `touch ${mark}; ${silent}`, ...flags.split(' ')],
  );
  expect(stderr.trimEnd()).toMatch(line);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(existsSync(mark)).toBe(false);
});

it('checking an output leaves no file behind, and an earlier one as it was', async () => {
  const [fresh, old] = [inDirectory('fresh.json'), inDirectory('old.tap')];
  writeFileSync(old, 'earlier');
  const { code } = await conformance('--adapter', 'exit 3', '--json', fresh, '--tap', old);
  expect(code).toBe(2);
  expect(existsSync(fresh)).toBe(false);
  expect(readFileSync(old, 'utf8')).toBe('earlier');
});

describe('a chart from which no paths can be generated', () => {
  class PreludeImplausible extends Error {
    override readonly name = 'PreludeImplausible';
  }

  it.each([
    ['conformance', ['--adapter', silent]],
    ['paths', []],
  ])('is told of by raftchart %s in one sentence', async (command, flags) => {
    vi.mocked(generator.generatePaths).mockImplementationOnce(() => {
      throw new PreludeImplausible('it never gets to where a search begins');
    });
    const { code, stdout, stderr } = await raftchart(command, ...flags);
    expect(stderr).toBe(
      'no paths can be generated from this chart: it never gets to where a search begins\n',
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('a fault of our own keeps its stack', async () => {
    vi.mocked(generator.generatePaths).mockImplementationOnce(() => {
      throw new TypeError('x is not a function');
    });
    await expect(raftchart('paths')).rejects.toThrow(TypeError);
  });
});
