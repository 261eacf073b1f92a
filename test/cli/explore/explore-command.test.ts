import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../src/verify/explore/checkpoint-file.ts';
import { raftchart } from '../run-raftchart.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-explore-'));
afterAll(() => rmSync(directory, { recursive: true }));

const broken = new URL('../../verify/explore/broken-charts.ts', import.meta.url).pathname;
const small = ['--nodes', '2', '--max-term', '1', '--messages', '2'];

const explore = (...flags: readonly string[]) => raftchart('explore', '--out', directory, ...flags);

/** The files of the counterexample that `stdout` tells of. */
const folderOf = (stdout: string): string => /trace: +(.*)\/trace\.ndjson/.exec(stdout)![1]!;

describe('raftchart explore', () => {
  it('exhausts a small cluster and says so first', async () => {
    const { code, stdout } = await explore(...small);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^exhausted: /);
    for (const name of [
      'states',
      'edges',
      'depth',
      'time',
      'memory',
      'one node',
      'cut',
      'full bag',
      'properties',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
    }
    expect(stdout).toMatch(/full bag +lost [1-9]/);
    expect(stdout).toContain('stuck       no state');
  });

  it('looks at 4 nodes and at 3 where no bound is given: half of an even number is no majority', async () => {
    const { code, stdout } = await explore();
    expect(code).toBe(0);
    const [four, three] = stdout.split('\n\n');
    expect(four).toMatch(/^exhausted: .*\n4 nodes, terms up to 1, /);
    expect(three).toMatch(/^exhausted: .*\n3 nodes, terms up to 2, /);
    const half = await explore('--chart', broken, '--export', 'halfElects');
    expect(half.code).toBe(1);
    expect(half.stdout).toMatch(/^VIOLATED.*\n4 nodes, /);
    expect(half.stdout).toContain('Election Safety does not hold');
  });

  it('says first that a limit stopped it, which is no failure', async () => {
    const { code, stdout } = await explore('--time-limit', '1ms');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^NOT exhausted: the time limit of 0.001 s was reached/);
    expect(stdout).toContain('stuck       not checked');
    expect(stdout).not.toMatch(/^3 nodes/m);
    expect(stdout).toMatch(
      /\nNot looked at: the cluster of 3 nodes\.\nnot exhausted: the time limit of 0.001 s was reached\n$/,
    );
    const { stdout: full } = await explore('--memory-limit', '1MB', '--time-limit', '20s');
    expect(full).toMatch(/^NOT exhausted: the memory limit of 1 MB was reached/);
  });

  it('is a failure where everything was to be visited', async () => {
    const { code, stdout } = await explore('--time-limit', '1ms', '--require-exhausted');
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nnot exhausted: the time limit of 0.001 s was reached\n$/);
    expect(await explore(...small, '--require-exhausted')).toMatchObject({ code: 0 });
  });

  it('tells a violation in every form, and real nodes commit it as well (Figure 2, "Persistent state")', async () => {
    const { code, stdout } = await explore('--slow-disk', '--chart', broken, '--export', 'earlyVote');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^VIOLATED/);
    expect(stdout).toContain('Durable Before Promised does not hold');
    // The playground does not have this chart.
    expect(stdout).not.toContain('raftchart play');
    const folder = folderOf(stdout);
    expect(readdirSync(folder).sort()).toEqual([
      'path.txt',
      'sequence.mmd',
      'sequence.svg',
      'story.txt',
      'trace.ndjson',
    ]);
    expect(readFileSync(join(folder, 'path.txt'), 'utf8')).toMatch(
      /follower\.unleased → preCandidate +after electionTimeout/,
    );
    expect(stdout).toContain(readFileSync(join(folder, 'story.txt'), 'utf8').trimEnd());
    const picture = readFileSync(join(folder, 'sequence.svg'), 'utf8');
    expect(picture.match(/step \d+/g)).toEqual(['step 1', 'step 2', 'step 3', 'step 4', 'step 5', 'step 6']);
    expect(readFileSync(join(folder, 'sequence.mmd'), 'utf8').trimEnd()).toMatch(
      /: node3: its oldest write becomes durable\n.*RequestVoteResponse t1 yes\n.*: ✗ Durable Before Promised: node3 tells node1.*\n +end$/,
    );

    const trace = join(folder, 'trace.ndjson');
    const again = await raftchart('simulate', '--replay', trace);
    expect(again).toMatchObject({ code: 1 });
    expect(again.stdout).toMatch(/^violated, at step 6: Durable Before Promised/m);
    const whole = await raftchart('simulate', '--replay', trace, '--chart', 'raft');
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.stdout).toMatch(/^not violated/m);
  });

  it('finds that two pre-candidates refuse each other for ever (thesis §9.6)', async () => {
    const { code, stdout } = await explore(...small, '--chart', broken, '--export', 'mutualRefusal');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^STUCK/);
    expect(stdout).toMatch(/node1 {2}preCandidate.*\n.*node2 {2}preCandidate/);
    const trace = join(folderOf(stdout), 'trace.ndjson');
    expect(await raftchart('simulate', '--replay', trace)).toMatchObject({ code: 1 });
    expect(await raftchart('simulate', '--replay', trace, '--chart', 'raft')).toMatchObject({ code: 0 });
  });

  it('answers what it cannot use with one line and exit code 2', async () => {
    const noChart = join(directory, 'no-chart.ts');
    writeFileSync(noChart, 'export const nothing = 1;\n');
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--nodes', '0'], /--nodes.*from 1 to/],
      [['--nodes', '9'], /--nodes.*from 1 to/],
      [['--messages', 'many'], /--messages.*whole number/],
      [['--memory-limit', '2'], /--memory-limit.*512MB/],
      [['--time-limit', '0s'], /--time-limit.*duration/],
      [['--export', 'x'], /--export needs --chart/],
      [
        ['--broken', 'double-vote'],
        /argument 'double-vote' is invalid. Allowed choices are vote-before-fsync, /,
      ],
      [['--broken', 'figure-8-commit', '--chart', broken], /leave out --chart/],
      [['--chart', join(directory, 'missing.ts')], /no chart and no file/],
      [['--chart', noChart], /exports no XState 5 machine/],
      [['--chart', 'peer-link'], /no Raft role chart/],
    ];
    for (const [flags, line] of cases) {
      const { code, stdout, stderr } = await explore(...flags);
      expect(stderr, flags.join(' ')).toMatch(line);
      expect(stderr.trimEnd().split('\n'), flags.join(' ')).toHaveLength(1);
      expect({ code, stdout }, flags.join(' ')).toEqual({ code: 2, stdout: '' });
    }
  });
});

describe('raftchart explore --broken', () => {
  it('finds what the broken rule violates, in files that are replayed with the same rule broken', async () => {
    const { code, stdout } = await explore('--max-term', '1', '--broken', 'vote-before-fsync');
    expect(code).toBe(1);
    expect(stdout).toContain('Durable Before Promised does not hold');
    const trace = /play: +npx raftchart play (\S+)$/m.exec(stdout)![1]!;
    const again = await raftchart('simulate', '--replay', trace);
    expect(again).toMatchObject({ code: 1 });
    expect(again.stdout).toContain('real nodes of vote-before-fsync broken, which should violate');
    const changed = readFileSync(trace, 'utf8').replace('vote-before-fsync', 'no-such-rule');
    writeFileSync(trace, changed);
    expect(await raftchart('simulate', '--replay', trace)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /the chart has no rule "no-such-rule" to break: choose one of vote-before/,
      ),
    });
  });
});

describe('raftchart explore --broken, stopped', () => {
  it('goes on with the same rule broken', async () => {
    const file = join(directory, 'broken.explore');
    const flags = [...small, '--broken', 'vote-before-fsync'];
    await explore(...flags, '--time-limit', '1ms', '--checkpoint', file);
    const { code, stdout } = await explore('--resume', file);
    expect(code).toBe(1);
    expect(stdout).toContain('Durable Before Promised does not hold');
  });
});

describe('raftchart explore --checkpoint and --resume', () => {
  const file = join(directory, 'run.explore');
  const figures = (stdout: string) => /states +.*\n.*edges +.*\n.*depth +.*/.exec(stdout)![0];

  it('go on where a limit stopped it, with the figures of one run', async () => {
    const larger = ['--nodes', '2', '--max-term', '2', '--messages', '2'];
    const { stdout } = await explore(...larger, '--time-limit', '1ms', '--checkpoint', file);
    expect(stdout).toMatch(/^NOT exhausted/);
    expect(stdout).toContain(`raftchart explore --resume ${file}`);
    const resumed = await explore('--resume', file);
    expect(resumed.stdout).toMatch(/^exhausted/);
    expect(figures(resumed.stdout)).toBe(figures((await explore(...larger)).stdout));
  });

  it('refuse a file that is missing, torn, foreign or of another chart, and other bounds, in one line', async () => {
    await explore('--time-limit', '1ms', '--checkpoint', file);
    const bytes = readFileSync(file);
    const given = join(directory, 'given.explore');
    const { header, arrays } = readCheckpoint(file);
    const cases: readonly (readonly [() => void, RegExp, ...string[]])[] = [
      [() => rmSync(given, { force: true }), /ENOENT/],
      [() => writeFileSync(given, bytes.subarray(0, bytes.length - 5)), /cut off/],
      [() => writeFileSync(given, 'something else altogether'), /no checkpoint of raftchart explore/],
      [() => writeCheckpoint(given, { header: {}, arrays: {} }), /its header is not one/],
      [
        () => writeCheckpoint(given, { header: { ...(header as object), version: 9 }, arrays }),
        /has version 9;/,
      ],
      [
        () => writeCheckpoint(given, { header: { ...(header as object), hash: 'x' }, arrays }),
        /another chart/,
      ],
      [() => writeFileSync(given, bytes), /leave out --nodes/, '--nodes', '2'],
      [() => writeFileSync(given, bytes), /leave out --broken/, '--broken', 'figure-8-commit'],
    ];
    for (const [write, line, ...flags] of cases) {
      write();
      const { code, stderr } = await explore('--resume', given, ...flags);
      expect(stderr).toMatch(line);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(code).toBe(2);
    }
  });

  it('refuse before they begin a place where no checkpoint can be written, in one line', async () => {
    for (const place of [join(directory, 'nowhere', 'run.explore'), directory]) {
      const { code, stdout, stderr } = await explore('--checkpoint', place);
      expect(stderr).toMatch(/^cannot write .*: .+\n$/);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    }
  });

  it('an interrupt writes the checkpoint and tells how to go on', async () => {
    const stopped = explore('--checkpoint', file);
    setTimeout(() => process.emit('SIGINT'), 300);
    const { code, stdout } = await stopped;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^NOT exhausted: it was interrupted/);
    expect(stdout).toContain(`raftchart explore --resume ${file}`);
    expect(readCheckpoint(file).header).toMatchObject({ options: { nodes: 3 } });
  });
});

describe('raftchart simulate --replay', () => {
  it('refuses a file that is missing, torn, foreign or of another version, in one line', async () => {
    const { stdout } = await explore('--slow-disk', '--chart', broken, '--export', 'earlyVote');
    const text = readFileSync(join(folderOf(stdout), 'trace.ndjson'), 'utf8');
    const [first, ...others] = text.trimEnd().split('\n') as [string, ...string[]];
    const cases: readonly (readonly [string | null, RegExp])[] = [
      [null, /ENOENT/],
      ['', /no JSON/],
      [text.slice(0, 300), /no JSON.*cut off/],
      [`${first}\n`, /cut off/],
      [text.slice(0, -2), /cut off/],
      [`${others.join('\n')}\n`, /does not hold a schedule/],
      [text.replace(/"version":\d+/, '"version":99'), /of version 99/],
      [text.replace('"type":"timeout"', '"type":"tiemout"'), /schedule cannot be used: schedule\.0\.event/],
    ];
    const file = join(directory, 'given.ndjson');
    for (const [content, line] of cases) {
      if (existsSync(file)) rmSync(file);
      if (content !== null) writeFileSync(file, content);
      const { code, stderr } = await raftchart('simulate', '--replay', file);
      expect(stderr).toMatch(line);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(code).toBe(2);
    }
  });
});
