import { beforeAll, describe, expect, test } from 'vitest';
import { raftMachine } from '../../machines/raft/raft.machine.ts';
import { findingsIn } from '../../src/conformance/report.ts';
import { reportJson } from '../../src/conformance/report-json.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { assertCurrent, parseSavedPaths } from '../../src/conformance/saved-paths.ts';
import { hashOf } from '../../src/verify/paths/generate-paths.ts';
import type { Path, PathSet } from '../../src/verify/paths/path.ts';
import { toLines } from '../../src/verify/paths/path-file.ts';
import { generatedPaths } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';
import { ChartAdapter } from './chart-adapter.ts';
import { appendEntries, pathOf, requestVote, setOf } from './paths-by-hand.ts';

const three = [1, 2, 3];

test(
  'paths are those that were written, and current',
  () => {
    const { goals: _, ...all } = generatedPaths();
    const { isWhole, ...saved } = parseSavedPaths(toLines(all));
    expect(saved).toEqual(all);
    expect(isWhole).toBe(true);
    for (const path of saved.paths.slice(0, 20)) assertCurrent(path);
  },
  makingMs,
);

describe('a file is refused, with one line, if', () => {
  const paths = [pathOf('votes', three, [requestVote(2, 1)])];
  const set: PathSet = { ...setOf(...paths), chart: hashOf(raftMachine, paths) };
  test.each([
    [
      'it lacks what no chart can lack',
      toLines({ ...set, lacks: ['magic' as 'noop'] }),
      "the header's lacks must be a list of preVote, leaderLease, leaseEnd, quorumCheck, noop",
    ],
    ['it is empty', '', 'these are no paths'],
    ['it is something else', 'hello', 'line 1 is not JSON'],
    [
      'it is cut off',
      toLines(set).split('\n').slice(0, 1).join(),
      'the header promises 1 paths, the file holds 0',
    ],
    [
      'its version is another',
      toLines({ ...set, version: 2 as never }),
      'paths of version 2; this reads version 3',
    ],
    [
      'a path was changed',
      toLines(set).replace('"term":1', '"term":2'),
      'the paths are of another chart, or were changed',
    ],
    [
      'the chart is another',
      toLines({ ...set, chart: '0123456789abcdef' }),
      'the paths are of another chart',
    ],
    ['it is another JSON', '{\n "a": 1\n}', 'format: Invalid key'],
    ['it is JSON that ends early', '{\n "a": 1\n', 'it is not JSON'],
  ])('%s', (_, text, message) => {
    expect(() => parseSavedPaths(text)).toThrow(message);
  });

  test('its chart did something else', () => {
    const [path] = paths as [Path];
    const [step] = path.steps;
    const other = { ...path, steps: [{ ...step!, expect: { ...step!.expect, term: 7 } }] };
    expect(() => assertCurrent(other)).toThrow('path votes is no longer what the chart does');
    expect(() => assertCurrent(path)).not.toThrow();
  });
});

describe('a report', () => {
  let text: string;
  let path: Path;

  beforeAll(async () => {
    const adapter = new ChartAdapter((answer, request) =>
      request.do === 'deliver' && request.message.type === 'RequestVote' ? { ...answer, sent: [] } : answer,
    );
    const long = pathOf('long', three, [
      appendEntries(2, 1, 0, 0, [1]),
      appendEntries(2, 1, 1, 1, []),
      { type: 'restart' },
      requestVote(3, 2, 1, 1),
    ]);
    const report = await runConformance(adapter, setOf(long));
    text = reportJson(report);
    path = findingsIn(report)[0]!.path;
  });

  test('gives back its shortened paths, which fail alike and keep their ids', async () => {
    const saved = parseSavedPaths(text);
    expect(saved).toMatchObject({ isWhole: false, paths: [{ id: path.id }] });
    expect(saved.paths[0]!.steps.map(({ event }) => event)).toEqual(path.steps.map(({ event }) => event));
    assertCurrent(saved.paths[0]!);
    const silent = new ChartAdapter((answer, request) =>
      request.do === 'deliver' && request.message.type === 'RequestVote' ? { ...answer, sent: [] } : answer,
    );
    const [again] = findingsIn(await runConformance(silent, saved));
    expect(again).toMatchObject({ from: path.id, path: { id: path.id }, breaks: 'liveness' });
  });

  test('is refused if its paths go through other transitions by now, or cannot happen', () => {
    const id = JSON.stringify(path.steps.at(-1)!.transitions.at(-1)!.id);
    expect(() => parseSavedPaths(text.replaceAll(id, '"raft.follower/Elsewhere/0"'))).toThrow(
      `path ${path.id} is no longer what the chart does`,
    );
    expect(() => parseSavedPaths(text.replaceAll('"deliver"', '"explode"'))).toThrow(
      `path ${path.id} is no longer what the chart does`,
    );
  });
});
