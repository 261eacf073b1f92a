import { expect, test } from 'vitest';
import type { Finding } from '../../src/conformance/finding.ts';
import type { AdapterRequest } from '../../src/conformance/protocol.ts';
import { findingsIn } from '../../src/conformance/report.ts';
import { reportText } from '../../src/conformance/report-text.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import type { Path } from '../../src/verify/paths/path.ts';
import { type Answer, ChartAdapter } from './chart-adapter.ts';
import { appendEntries, pathOf, requestVote, restart, setOf } from './paths-by-hand.ts';

const three = [1, 2, 3];

/** Forgets term and vote when it is restarted, and grants every vote from then on. */
const forgetful = () => {
  let hasForgotten = false;
  return new ChartAdapter((answer, request) => {
    if (request.do === 'init') hasForgotten = false;
    if (request.do === 'restart') hasForgotten = true;
    if (!hasForgotten) return answer;
    return {
      state: { ...answer.state, term: 0, votedFor: null },
      sent: answer.sent.map((each) =>
        each.type === 'RequestVoteResponse' ? { ...each, voteGranted: true } : each,
      ),
    };
  });
};

const findingsOf = async (adapter: ChartAdapter, ...paths: readonly Path[]): Promise<readonly Finding[]> =>
  findingsIn(await runConformance(adapter, setOf(...paths)));

const told = ({ requests }: Finding): readonly string[] => requests.map((request) => request.do);

const short = pathOf('short', three, [requestVote(2, 1), restart]);
const long = pathOf('long', three, [
  requestVote(2, 1),
  requestVote(2, 1),
  requestVote(2, 1),
  restart,
  requestVote(3, 1),
]);

test('of the paths that lose something, one is shown in which that leads to something worse, shortened (paper §5.2)', async () => {
  const [worst, loss] = await findingsOf(forgetful(), short, long);
  expect(worst).toMatchObject({ breaks: 'safety', later: null, from: 'long' });
  expect(loss).toMatchObject({
    subject: { id: 'restart' },
    breaks: 'durability',
    from: 'long',
    later: { breaks: 'safety' },
  });
  expect(loss!.path.id).toMatch(/^long\.[0-9a-f]{4}$/);
  expect(told(loss!)).toEqual(['init', 'deliver', 'restart', 'deliver']);
  // What it lost shows with the restart, and what that leads to at the end.
  expect(loss!.failsAfter).toBe(3);
  expect(loss!.exchanges).toHaveLength(4);
});

test('a failure that also comes without another is not put down to it', async () => {
  const isAppend = (request: AdapterRequest) =>
    request.do === 'deliver' && request.message.type === 'AppendEntries';
  const adapter = () =>
    new ChartAdapter((answer, request) => ({
      ...answer,
      sent: isAppend(request)
        ? []
        : answer.sent.map((each) =>
            each.type === 'RequestVoteResponse' ? { ...each, voteGranted: true } : each,
          ),
    }));
  const behind = pathOf('behind', three, [appendEntries(2, 1, 0, 0, [1]), restart, requestVote(3, 2, 0, 0)]);
  const missing = (findings: readonly Finding[]) =>
    findings.find(({ differences }) => differences.some(({ kind }) => kind === 'missing'));
  // As far as this path goes, one may come of the other.
  expect(missing(await findingsOf(adapter(), behind))).toMatchObject({ later: { breaks: 'safety' } });
  const direct = pathOf('direct', three, [appendEntries(2, 1, 0, 0, [1]), restart, requestVote(3, 2, 0, 0)]);
  const answering: ChartAdapter = new ChartAdapter((answer, request) => {
    const isSilent = isAppend(request) && runs(answering) === 1;
    const sent = answer.sent.map((each) =>
      each.type === 'RequestVoteResponse' ? { ...each, voteGranted: true } : each,
    );
    return { ...answer, sent: isSilent ? [] : sent };
  });
  expect(missing(await findingsOf(answering, behind, direct))).toMatchObject({ later: null });
});

/** How many paths it has begun, after its introduction. */
const runs = ({ requests }: ChartAdapter): number =>
  requests.filter((request) => request.do === 'init').length - 1;

test('failures that break different things are found apart, and shortening keeps what they break', async () => {
  const heartbeat = appendEntries(2, 1, 1, 1, []);
  // Too low in one path, too high in the other.
  const path = (id: string, ...before: readonly ReturnType<typeof appendEntries>[]) =>
    pathOf(id, three, [appendEntries(2, 1, 0, 0, [1], 1), ...before, heartbeat]);
  const low = path('low');
  const high = path('high', heartbeat, heartbeat, heartbeat);
  let appends = 0;
  const bend = (answer: Answer, request: AdapterRequest): Answer => {
    if (request.do === 'init') appends = 0;
    if (request.do === 'deliver') appends++;
    const commitIndex =
      appends === 5 ? 9 : runs(adapter) === 1 && appends === 2 ? 0 : answer.state.commitIndex;
    return { ...answer, state: { ...answer.state, commitIndex } };
  };
  const adapter: ChartAdapter = new ChartAdapter(bend);
  const found = await findingsOf(adapter, low, high);
  expect(
    found.map(({ breaks, from, paths, differences }) => [breaks, from, paths, differences[0]!.text]),
  ).toEqual([
    ['safety', 'high', 1, 'commitIndex: expected 1, got 9'],
    ['liveness', 'low', 1, 'commitIndex: expected 1, got 0'],
  ]);
});

test('a path is not shortened to where its failure would be less dangerous', async () => {
  const heartbeat = appendEntries(2, 1, 1, 1, []);
  const path = pathOf('long', three, [
    appendEntries(2, 1, 0, 0, [1]),
    heartbeat,
    heartbeat,
    heartbeat,
    appendEntries(2, 1, 1, 1, [], 1),
  ]);
  let appends = 0;
  const adapter = new ChartAdapter((answer, request) => {
    if (request.do === 'init') appends = 0;
    if (request.do === 'deliver') appends++;
    if (answer.state.commitIndex === 0) return answer;
    return { ...answer, state: { ...answer.state, commitIndex: appends >= 4 ? 9 : 0 } };
  });
  const [finding] = await findingsOf(adapter, path);
  expect(finding).toMatchObject({
    breaks: 'safety',
    differences: [{ text: 'commitIndex: expected 1, got 9' }],
  });
  expect(finding!.path.steps).toHaveLength(4);
});

test('the report begins with the most dangerous, each with its class and the id of its path', async () => {
  const text = reportText(
    await runConformance(forgetful(), setOf(short, long)),
    ({ from }) => `walk ${from}`,
  );
  const heads = text.split('\n').filter((line) => line.trimStart().startsWith('breaks '));
  expect(heads.map((line) => line.trim().replace(/\.[0-9a-f]{4}:$/, ''))).toEqual([
    'breaks safety, in 1 path; path long',
    'breaks durability, in 2 paths; path long',
  ]);
  expect(text).toContain(
    '             which breaks safety: follower: Has already voted for another candidate in this term.',
  );
  expect(text).toContain('          replay: walk long\n');
});
