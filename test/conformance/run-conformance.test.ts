import { expect, test } from 'vitest';
import { AdapterHung } from '../../src/conformance/adapter.ts';
import type { AdapterRequest } from '../../src/conformance/protocol.ts';
import type { SubjectReport } from '../../src/conformance/report.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { ChartAdapter } from './chart-adapter.ts';
import { appendEntries, pathOf, requestVote, restart, setOf } from './paths-by-hand.ts';

const three = [1, 2, 3];
const isRestart = (request: AdapterRequest) => request.do === 'restart';

/** A chart that hangs when it is restarted. Its votes are all granted, which is found before. */
const hanging = () =>
  new ChartAdapter((answer, request) => {
    if (isRestart(request)) throw new AdapterHung('it hung');
    const sent = answer.sent.map((each) =>
      each.type === 'RequestVoteResponse' ? { ...each, voteGranted: true } : each,
    );
    return { ...answer, sent };
  });

const wrongVote = pathOf('wrong vote', three, [requestVote(2, 1), requestVote(3, 1)]);
const hangs = (id: string) => pathOf(id, three, [appendEntries(2, 1, 0, 0, [1]), restart]);
const last = pathOf('last', three, [requestVote(2, 1)]);

test('an adapter that hangs three times is not asked any more, and what was found until then is reported', async () => {
  const adapter = hanging();
  const set = setOf(wrongVote, hangs('a'), hangs('b'), hangs('c'), last, hangs('d'));
  const report = await runConformance(adapter, set);
  expect(report.paths).toEqual({ passed: 0, failed: 4, notApplicable: 0, notRun: 2 });
  expect(report.stopped).toMatch(/^it hung 3 times/);
  // No more hangs to shorten what hangs: each costs a whole timeout.
  expect(adapter.requests.filter(isRestart)).toHaveLength(3);
  const subjects = report.rules.flatMap((rule) => rule.subjects);
  const findings = subjects.flatMap((subject) => subject.findings);
  const hang = findings.find(({ differences }) => differences.some(({ kind }) => kind === 'hang'));
  expect(hang).toMatchObject({ paths: 3, subject: { id: 'restart' }, differences: [{ text: 'it hung' }] });
  const vote = findings.find(({ path }) => path.id === 'wrong vote');
  expect(vote?.differences).toMatchObject([{ kind: 'message' }]);
});

test('what an adapter that hangs was not asked is marked, with the reason', async () => {
  const report = await runConformance(hanging(), setOf(hangs('a'), hangs('b'), hangs('c'), last));
  const ofVotes = ({ subject }: SubjectReport) => /RequestVote\//.test(subject.id);
  const granted = report.rules.flatMap(({ subjects }) => subjects).find(ofVotes);
  expect(granted).toMatchObject({ status: 'notReached', reason: report.stopped });
});

test('three hangs at the very end leave nothing out', async () => {
  const report = await runConformance(hanging(), setOf(hangs('a'), hangs('b'), hangs('c')));
  expect(report).toMatchObject({ paths: { failed: 3, notRun: 0 }, stopped: null });
});

test('an adapter that hangs three times more while failing paths are shortened is left alone', async () => {
  // Fails on the way to the restart, and hangs if less comes before.
  const adapter = new ChartAdapter((answer, request) => {
    const appends = adapter.requests.slice(adapter.requests.findLastIndex((each) => each.do === 'init'));
    if (request.do === 'restart' && appends.length < 6) throw new AdapterHung('it hung');
    return request.do === 'restart' ? { ...answer, state: { ...answer.state, term: 9 } } : answer;
  });
  const heartbeats = [1, 1, 1].map(() => appendEntries(2, 1, 1, 1, []));
  const path = pathOf('long', three, [appendEntries(2, 1, 0, 0, [1]), ...heartbeats, restart]);
  const report = await runConformance(adapter, setOf(path));
  expect(report).toMatchObject({ paths: { failed: 1 }, stopped: null });
  expect(adapter.requests.filter(isRestart)).toHaveLength(1 + 3);
  const [finding] = report.rules.flatMap(({ subjects }) => subjects.flatMap(({ findings }) => findings));
  expect(finding!.path.steps).toHaveLength(5);
});
