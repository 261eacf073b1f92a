import { stripTypeScriptTypes } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { chartCapabilities, noCapabilities, without } from '../../src/conformance/capabilities.ts';
import { toVitest } from '../../src/conformance/path-vitest.ts';
import { lacksOf } from '../../src/conformance/plan.ts';
import type { AdapterRequest, Capabilities } from '../../src/conformance/protocol.ts';
import { statusOfPath } from '../../src/conformance/report.ts';
import { runPath } from '../../src/conformance/run-path.ts';
import { testedNode } from '../../src/verify/paths/model-node.ts';
import type { Path, PathSet } from '../../src/verify/paths/path.ts';
import { generatedPathsFor } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';
import { type Answer, ChartAdapter } from './chart-adapter.ts';

type Bend = (answer: Answer, request: AdapterRequest) => Answer;

/** Of all kinds; the rest is much like them. */
const someFor = (has: Capabilities): PathSet => {
  const all = generatedPathsFor(has);
  return { ...all, paths: all.paths.filter((_, at) => at % 4 === 0) };
};

interface Verdict {
  readonly failed: readonly string[];
  readonly notApplicable: readonly string[];
}

/** Runs a generated file on the chart, as it is or bent. By title and id of the tests. */
const runSuite = async (file: string, has: Capabilities, bend?: Bend): Promise<Verdict> => {
  const tests: (readonly [string, () => Promise<void>])[] = [];
  const notApplicable: string[] = [];
  const add = (name: string, run: () => Promise<void>) => tests.push([name, run]);
  const it = Object.assign(add, { skip: (name: string) => notApplicable.push(name) });
  const createNode = (setup: Pick<Path, 'voters' | 'disk' | 'settings'>) => {
    const adapter = new ChartAdapter(bend, lacksOf(has));
    const started = adapter.ask({ do: 'init', version: 1, id: testedNode, ...setup });
    const happens = async ({ type, ...rest }: { type: string }) => {
      await started;
      const answer = await adapter.ask({ do: type, ...rest } as never);
      return answer.ok ? { ...answer.state, sent: answer.sent } : {};
    };
    return { happens };
  };
  const script = stripTypeScriptTypes(file).replaceAll(/^(import .*|export (?=\w))/gm, '');
  const given = {
    isDeepStrictEqual,
    describe: (_: string, body: () => void) => body(),
    it,
    expect,
    createNode,
  };
  new Function(...Object.keys(given), script)(...Object.values(given));
  const failed: string[] = [];
  for (const [name, run] of tests) await run().catch(() => failed.push(name));
  return { failed, notApplicable };
};

/** What the conformance kit says of the same node, but for timers, and for a leader that goes on: of these such a file knows nothing. */
const runKit = async ({ paths }: PathSet, has: Capabilities, bend?: Bend): Promise<Verdict> => {
  const failed: string[] = [];
  const notApplicable: string[] = [];
  for (const path of paths) {
    const adapter = new ChartAdapter(bend, lacksOf(has));
    const result = await runPath(adapter, path, { ...has, showsTimers: false });
    const status = statusOfPath({ ...result, last: null });
    const name = `${path.title} [${path.id}]`;
    if (status === 'failed') failed.push(name);
    if (status === 'notApplicable') notApplicable.push(name);
  }
  return { failed, notApplicable };
};

const bendSent = (change: (message: Answer['sent'][number]) => Answer['sent']): Bend => {
  return (answer) => ({ ...answer, sent: answer.sent.flatMap(change) });
};

describe('a generated file for vitest says of a node what the conformance kit says', () => {
  const lacking = (...names: readonly (keyof Capabilities)[]): Capabilities =>
    without(chartCapabilities, names);
  // What the paths are generated for, here as for etcd's raft and for the toy of Figure 2: each set takes half a minute.
  const unpipelined = ['hints', 'pipeline'] as const;
  const plain = [...unpipelined, 'preVote', 'leaderLease', 'quorumCheck', 'noop', 'batches'] as const;
  const noHints = bendSent((message) => {
    if (message.type !== 'AppendEntriesResponse') return [message];
    const { conflictTerm, conflictIndex, prevLogIndex, ...rest } = message;
    return [rest];
  });
  const otherHints = bendSent((message) => [
    message.type === 'AppendEntriesResponse' ? { ...message, conflictIndex: 77 } : message,
  ]);
  const cases: readonly [string, 'passes' | 'fails', Capabilities, Bend?][] = [
    ['that is the chart', 'passes', chartCapabilities],
    ['that leaves out what it has not', 'passes', chartCapabilities, noHints],
    ['that has hints of its own', 'fails', chartCapabilities, otherHints],
    ['that has hints of its own and claims none', 'passes', lacking(...unpipelined), otherHints],
    [
      'that grants every vote',
      'fails',
      chartCapabilities,
      bendSent((each) => ['voteGranted' in each ? { ...each, voteGranted: true } : each]),
    ],
    [
      'that says nothing to stale requests or any other',
      'fails',
      lacking('answersStale'),
      bendSent((each) => ('success' in each ? [] : [each])),
    ],
    [
      'whose leader says everything twice, and claims what is not committed',
      'fails',
      lacking(...unpipelined),
      bendSent((each) =>
        'entries' in each ? [each, { ...each, leaderCommit: each.leaderCommit + 1 }] : [each],
      ),
    ],
    [
      'whose leader says everything twice',
      'passes',
      { ...chartCapabilities, separateHeartbeats: true },
      bendSent((each) => ('entries' in each ? [each, each] : [each])),
    ],
    [
      'whose leader is silent',
      'fails',
      lacking(...plain, 'slowDisk', 'hostilePeers'),
      bendSent((each) => ('entries' in each ? [] : [each])),
    ],
    [
      'that forgets its term and vote',
      'fails',
      lacking(...plain, 'showsLog'),
      (answer, { do: what }) =>
        what === 'restart' ? { ...answer, state: { ...answer.state, term: 0, votedFor: null } } : answer,
    ],
  ];
  test.each(cases)(
    '%s (%s)',
    async (_, outcome, has, bend) => {
      const some = someFor(has);
      const verdict = await runSuite(toVitest(some, has), has, bend);
      expect(verdict).toEqual(await runKit(some, has, bend));
      expect(verdict.failed.length > 0 ? 'fails' : 'passes').toBe(outcome);
      // The first one generates the paths.
    },
    makingMs,
  );
});

test('a generated file for vitest says how it was generated and for whom', () => {
  const has = { ...chartCapabilities, hints: false, separateHeartbeats: true };
  const head = toVitest({ ...someFor(chartCapabilities), paths: [] }, has);
  expect(head).toContain(
    'raftchart paths --format vitest --cover transitions --with separateHeartbeats --without hints\n',
  );
  expect(head).toMatch(/^\/\/ The node has: preVote, .*separateHeartbeats/m);
  expect(head).toMatch(/^\/\/ It has not: +hints, leaseUntilTimeout, /m);
});

test('a generated file for vitest skips what does not apply, and says why', () => {
  const text = toVitest(someFor(noCapabilities), noCapabilities);
  expect(text).toMatch(
    /it\.skip\(".*", \(\) => \{\}\); \/\/ Not applicable: its disk cannot be told to wait\./,
  );
});

test('paths of another chart are refused', () => {
  const some = { ...someFor(chartCapabilities), paths: [] };
  expect(() => toVitest(some, { ...chartCapabilities, noop: false })).toThrow(
    'these paths are for an implementation with noop, but this one is without it: generate them for its capabilities',
  );
});
