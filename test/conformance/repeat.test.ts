import { expect, test } from 'vitest';
import { AdapterMalformed } from '../../src/conformance/adapter.ts';
import { findingsIn } from '../../src/conformance/report.ts';
import { reportJson } from '../../src/conformance/report-json.ts';
import { junitReporter } from '../../src/conformance/report-junit.ts';
import { reportText } from '../../src/conformance/report-text.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { ChartAdapter } from './chart-adapter.ts';
import { appendEntries, pathOf, requestVote, setOf } from './paths-by-hand.ts';

const three = [1, 2, 3];
const votes = pathOf('votes', three, [requestVote(2, 1), requestVote(3, 1)]);
const follows = pathOf('follows', three, [appendEntries(2, 1, 0, 0, [1])]);

/** Forgets to answer a vote, in some of its lives. */
const forgetting = (isForgetting: (life: number) => boolean) => {
  let life = -1;
  return new ChartAdapter((answer, request) => {
    if (request.do === 'init') life++;
    const isVote = request.do === 'deliver' && request.message.type === 'RequestVote';
    return isVote && isForgetting(life) ? { ...answer, sent: [] } : answer;
  });
};

test('each path is walked so many times, and one that fails in some of them is flaky', async () => {
  // The introduction is the first life.
  const adapter = forgetting((life) => [2, 4, 5].includes(life));
  const report = await runConformance(adapter, setOf(votes, follows), { repeat: 5 });
  expect(report.paths).toEqual({ passed: 1, failed: 1, notApplicable: 0, notRun: 0 });
  expect(report.flaky).toEqual([{ path: 'votes', failed: 3, of: 5 }]);
  const [finding] = findingsIn(report);
  expect(finding).toMatchObject({ flaky: { failed: 3, of: 5 }, paths: 1 });
  expect(reportText(report)).toContain('breaks liveness, in 1 path, flaky: in 3 of 5 walks; path votes');
  expect(reportText(report)).toContain('paths: 1 failed, 1 passed, 0 not applicable, 1 of the failed flaky');
  expect((await junitReporter())(report)).toContain('got nothing (flaky: 3 of 5)');
  const json = JSON.parse(reportJson(report));
  expect(json).toMatchObject({ repeat: 5, flaky: [{ path: 'votes', failed: 3, of: 5 }] });
});

test('one that fails each time is not flaky', async () => {
  const report = await runConformance(
    forgetting(() => true),
    setOf(votes),
    { repeat: 3 },
  );
  expect(report.flaky).toEqual([]);
  expect(findingsIn(report).map(({ flaky }) => flaky)).toEqual([null, null]);
});

test('a shorter path is tried as often, since it fails only now and then', async () => {
  const path = pathOf('long', three, [
    appendEntries(2, 1, 0, 0, [1]),
    appendEntries(2, 1, 1, 1, []),
    appendEntries(2, 1, 1, 1, [], 1),
  ]);
  let life = -1;
  const adapter = new ChartAdapter((answer, request) => {
    if (request.do === 'init') life++;
    const isCommit =
      request.do === 'deliver' &&
      request.message.type === 'AppendEntries' &&
      request.message.leaderCommit === 1;
    return isCommit && life % 4 === 0 ? { ...answer, sent: [] } : answer;
  });
  const [finding] = findingsIn(await runConformance(adapter, setOf(path), { repeat: 4 }));
  expect(finding!.flaky).toEqual({ failed: 1, of: 4 });
  expect(finding!.path.steps).toHaveLength(2);
});

/** Talks nonsense when it is asked for a vote. */
const talking = () =>
  new ChartAdapter((answer, request) => {
    if (request.do === 'deliver' && request.message.type === 'RequestVote') {
      throw new AdapterMalformed('no answer of the protocol');
    }
    return answer;
  });

test('a malformed line costs its path, and no other', async () => {
  const report = await runConformance(talking(), setOf(votes, follows));
  expect(report).toMatchObject({ stopped: null, paths: { failed: 1, passed: 1, notRun: 0 } });
  const [finding] = findingsIn(report);
  expect(finding).toMatchObject({
    breaks: 'form',
    differences: [{ kind: 'malformed', text: 'no answer of the protocol' }],
  });
  expect(finding!.signature).toMatch(/ malformed form$/);
});

test('after three of them the rest is not run, and what was found until then is reported', async () => {
  const more = ['a', 'b', 'c', 'd'].map((id) => pathOf(id, three, [requestVote(2, 1)]));
  const report = await runConformance(talking(), setOf(...more));
  expect(report.paths).toMatchObject({ failed: 3, notRun: 1 });
  expect(report.stopped).toBe('it gave 3 lines that are not of the protocol, so it was not asked any more');
});
