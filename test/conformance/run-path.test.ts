import { describe, expect, test } from 'vitest';
import { AdapterBroken } from '../../src/conformance/adapter.ts';
import { chartCapabilities } from '../../src/conformance/capabilities.ts';
import type { AdapterRequest } from '../../src/conformance/protocol.ts';
import { failuresOf, statusOfPath } from '../../src/conformance/report.ts';
import { runPath } from '../../src/conformance/run-path.ts';
import { ChartAdapter } from './chart-adapter.ts';
import {
  appendEntries,
  electionTimeout,
  pathOf,
  preVoteGranted,
  requestVote,
  restart,
  voteGranted,
} from './paths-by-hand.ts';

const three = [1, 2, 3];
const follows = pathOf('follows', three, [
  appendEntries(2, 1, 0, 0, [1]),
  appendEntries(2, 1, 1, 1, [1], 1),
  requestVote(3, 2, 2, 1),
]);
const leads = pathOf('leads', three, [electionTimeout, preVoteGranted(2, 1), voteGranted(2, 1)]);

const isAppend = (request: AdapterRequest, prevLogIndex: number): boolean =>
  request.do === 'deliver' &&
  request.message.type === 'AppendEntries' &&
  request.message.prevLogIndex === prevLogIndex;

describe('a path with an adapter', () => {
  test('passes if everything is as the chart does it', async () => {
    for (const path of [follows, leads]) {
      expect(failuresOf(await runPath(new ChartAdapter(), path, chartCapabilities))).toEqual([]);
    }
  });

  test('goes on behind a missing reply, since the state is right', async () => {
    const adapter = new ChartAdapter((answer, request) =>
      isAppend(request, 0) ? { ...answer, sent: [] } : answer,
    );
    const { steps } = await runPath(adapter, follows, chartCapabilities);
    expect(steps.map(({ result }) => result.status)).toEqual(['failed', 'passed', 'passed']);
  });

  test('fails with a redundant reply', async () => {
    const adapter = new ChartAdapter((answer, request) =>
      isAppend(request, 0) ? { ...answer, sent: [...answer.sent, ...answer.sent] } : answer,
    );
    const [failure] = failuresOf(await runPath(adapter, follows, chartCapabilities));
    expect(failure?.differences).toEqual([
      {
        kind: 'redundant',
        text: 'to 2 expected nothing, got AppendEntriesResponse of term 1: accepted up to 1',
      },
    ]);
  });

  test('ends at a wrong state: what follows means nothing', async () => {
    const adapter = new ChartAdapter((answer, request) =>
      isAppend(request, 1) ? { ...answer, state: { ...answer.state, commitIndex: 0 } } : answer,
    );
    const path = pathOf('longer', three, [...follows.steps.slice(0, 2), restart]);
    const { steps } = await runPath(adapter, path, chartCapabilities);
    expect(steps.map(({ result }) => result.status)).toEqual(['passed', 'failed', 'notReached']);
    expect(steps[1]!.result).toMatchObject({ differences: [{ text: 'commitIndex: expected 1, got 0' }] });
  });

  test('leaves the order of messages to different peers free', async () => {
    const adapter = new ChartAdapter((answer) => ({ ...answer, sent: answer.sent.toReversed() }));
    expect(statusOfPath(await runPath(adapter, leads, chartCapabilities))).toBe('passed');
  });

  test('shows what a restart that forgets its vote leads to: two votes in one term (paper §5.2)', async () => {
    let hasForgotten = false;
    const adapter = new ChartAdapter((answer, request) => {
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
    const path = pathOf('votes', three, [requestVote(2, 1), restart, requestVote(3, 1)]);
    const failures = failuresOf(await runPath(adapter, path, chartCapabilities));
    expect(failures.map(({ subject, at }) => [at, subject.description])).toEqual([
      [1, 'A restart finds term, vote and log again.'],
      [2, 'Has already voted for another candidate in this term.'],
    ]);
    expect(failures[1]!.lost.map(({ kind }) => kind)).toEqual(['term', 'votedFor']);
    expect(failures[1]!.differences[0]!.text).toContain(
      'refused, got RequestVoteResponse of term 1: granted',
    );
  });

  test('fails where the implementation dies', async () => {
    const adapter = new ChartAdapter((answer, request) => {
      if (isAppend(request, 1)) throw new AdapterBroken('its process ended');
      return answer;
    });
    const { steps } = await runPath(adapter, follows, chartCapabilities);
    expect(steps[1]!.result).toEqual({
      status: 'failed',
      differences: [{ kind: 'broken', text: 'its process ended' }],
    });
    expect(steps[2]!.result.status).not.toBe('passed');
  });
});
