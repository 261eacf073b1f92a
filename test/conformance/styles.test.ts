import { describe, expect, test } from 'vitest';
import { chartCapabilities } from '../../src/conformance/capabilities.ts';
import { pathsFor } from '../../src/conformance/paths-for.ts';
import { lacksOf } from '../../src/conformance/plan.ts';
import type { AdapterRequest, AdapterResponse, Capabilities } from '../../src/conformance/protocol.ts';
import { failuresOf, statusOfPath } from '../../src/conformance/report.ts';
import { runPath } from '../../src/conformance/run-path.ts';
import type { PathSet } from '../../src/verify/paths/path.ts';
import { type Answer, ChartAdapter } from './chart-adapter.ts';
import { deliver, electionTimeout, pathOf, requestVote, restart, voteGranted } from './paths-by-hand.ts';

const known = new Map<string, PathSet>();

/** Of two nodes: enough for votes and for followers. */
const somePathsFor = (has: Capabilities): PathSet => {
  const key = JSON.stringify(has);
  const set = known.get(key) ?? pathsFor(has, { cover: 'transitions', voters: 2 });
  known.set(key, set);
  return set;
};

/** What is wrong with the chart that does without what `has` lacks, or with what `wrap` makes of it. */
const faultsOf = async (
  has: Capabilities,
  wrap: (adapter: ChartAdapter) => { ask(request: AdapterRequest): Promise<AdapterResponse> } = (each) =>
    each,
): Promise<readonly string[]> => {
  const faults: string[] = [];
  for (const path of somePathsFor(has).paths) {
    const result = await runPath(wrap(new ChartAdapter(undefined, lacksOf(has))), path, has);
    faults.push(...failuresOf(result).flatMap(({ differences }) => differences.map(({ text }) => text)));
  }
  return faults;
};

/** Answers as `bend` makes the chart answer. */
const bent =
  (bend: (sent: Answer['sent'][number]) => readonly unknown[]) =>
  (adapter: ChartAdapter): { ask(request: AdapterRequest): Promise<AdapterResponse> } => ({
    ask: async (request) => {
      const answer = await adapter.ask(request);
      return answer.ok ? { ...answer, sent: answer.sent.flatMap(bend) as Answer['sent'] } : answer;
    },
  });

/** Its caller keeps each request until it is answered, and takes no answer that it does not wait for. */
const byRequest = (adapter: ChartAdapter) => {
  let open: { readonly call: string; readonly term: number }[] = [];
  const name = (type: string, peer: number) => `${type.replace('Response', '')} ${peer}`;
  return {
    ask: async (request: AdapterRequest): Promise<AdapterResponse> => {
      if (request.do === 'init' || request.do === 'restart') open = [];
      if (request.do === 'deliver' && /^(RequestVote|AppendEntries)Response$/.test(request.message.type)) {
        const { type, from, term } = request.message;
        const at = open.findLastIndex((each) => each.call === name(type, from) && each.term <= term);
        if (at < 0) return { ok: false, error: 'nobody waits for this answer' };
        open.splice(at, 1);
      }
      const answer = await adapter.ask(request);
      if (answer.ok) {
        for (const { type, to, term } of answer.sent)
          if (type === 'RequestVote' || type === 'AppendEntries') open.push({ call: name(type, to), term });
      }
      return answer;
    },
  };
};

const base: Capabilities = {
  ...chartCapabilities,
  transfer: false,
  readIndex: false,
  leaseReads: false,
  members: false,
  snapshots: false,
  hostilePeers: false,
};

describe('an implementation', () => {
  test('that leads as soon as it starts where it is alone is asked for no path of one node if it says so', async () => {
    const path = pathOf('alone', [1], [electionTimeout]);
    const atOnce = () =>
      new ChartAdapter((answer) => ({ ...answer, state: { ...answer.state, role: 'leader', term: 1 } }));
    expect(statusOfPath(await runPath(atOnce(), path, base))).toBe('failed');
    const result = await runPath(atOnce(), path, { ...base, leadsAloneAtOnce: true });
    expect(statusOfPath(result)).toBe('notApplicable');
    expect(result.exchanges).toEqual([]);
  });

  test('that waits for no answer is told none, and what would follow from it is n/a for that reason', async () => {
    const refused = { type: 'RequestVoteResponse', from: 2, to: 1, term: 1, voteGranted: false } as const;
    const events = [electionTimeout, deliver(refused), voteGranted(2, 1), requestVote(2, 2)];
    const path = pathOf('twice', [1, 2], events, 'prompt', ['preVote']);
    const has = { ...base, preVote: false, rpc: true };
    const { steps } = await runPath(new ChartAdapter(undefined, ['preVote']), path, has);
    const reason = expect.stringContaining('request');
    expect(steps.map(({ result }) => result)).toEqual([
      { status: 'passed' },
      { status: 'passed' },
      { status: 'notApplicable', reason },
      { status: 'notApplicable', reason },
    ]);
  });

  test('that waits only for answers to a later term is told none of an earlier one', async () => {
    const events = [electionTimeout, electionTimeout, voteGranted(2, 1), voteGranted(2, 1)];
    const path = pathOf('late', [1, 2, 3], events, 'prompt', ['preVote']);
    const has = { ...base, preVote: false, rpc: true };
    const { steps } = await runPath(byRequest(new ChartAdapter(undefined, ['preVote'])), path, has);
    expect(steps.map(({ result }) => result.status)).toEqual(['passed', 'passed', 'passed', 'notApplicable']);
  });

  test('that forgets in a restart is told no answer either that it does not wait for', async () => {
    const events = [requestVote(2, 1), electionTimeout, restart, voteGranted(2, 2)];
    const path = pathOf('forgets', [1, 2, 3], events, 'prompt', ['preVote']);
    const has = { ...base, preVote: false, rpc: true };
    const adapter = new ChartAdapter(
      (answer, request) =>
        request.do === 'restart' ? { ...answer, state: { ...answer.state, votedFor: null } } : answer,
      ['preVote'],
    );
    const { steps } = await runPath(byRequest(adapter), path, has);
    expect(steps.map(({ result }) => result.status)).toEqual(['passed', 'passed', 'failed', 'notReached']);
  });

  test('that says nothing where it refuses a vote passes if it says so', async () => {
    const quiet = bent((each) => ('voteGranted' in each && !each.voteGranted ? [] : [each]));
    expect(await faultsOf({ ...base, silentRefusals: true }, quiet)).toEqual([]);
    expect((await faultsOf(base, quiet)).join('\n')).toContain('refused, got nothing');
  }, 60_000);

  test('whose silence is more than that fails all the same', async () => {
    const mute = bent((each) => ('voteGranted' in each ? [] : [each]));
    expect((await faultsOf({ ...base, silentRefusals: true }, mute)).join('\n')).toContain(
      'granted, got nothing',
    );
  }, 60_000);

  test('whose answers carry no term passes if it says so', async () => {
    const termless = bent((each) => [each.type.endsWith('Response') ? { ...each, term: 0 } : each]);
    expect(await faultsOf({ ...base, termlessAnswers: true }, termless)).toEqual([]);
    expect(await faultsOf(base, termless)).not.toEqual([]);
  }, 60_000);

  test('whose lease lasts until its election timeout passes if it says so', async () => {
    const has = { ...base, leaseUntilTimeout: true };
    expect(await faultsOf(has)).toEqual([]);
    expect(
      somePathsFor(has).paths.flatMap(({ steps }) => steps.map(({ event }) => event)),
    ).not.toContainEqual({
      type: 'timeout',
      timer: 'leaderLease',
    });
  }, 60_000);

  test('that waits for an answer to each request passes if it says so', async () => {
    const has = { ...base, pipeline: false };
    expect(await faultsOf({ ...has, rpc: true }, byRequest)).toEqual([]);
    expect((await faultsOf(has, byRequest)).join('\n')).toContain('nobody waits for this answer');
  }, 60_000);

  test('that goes on at the next heartbeat passes if it says so', async () => {
    const has = { ...base, pipeline: false };
    const lazy = (adapter: ChartAdapter) => {
      let later: Answer['sent'] = [];
      return {
        ask: async (request: AdapterRequest): Promise<AdapterResponse> => {
          const answer = await adapter.ask(request);
          if (!answer.ok) return answer;
          const isHeartbeat = request.do === 'timeout' && request.timer === 'heartbeatInterval';
          if (answer.state.role !== 'leader') later = [];
          if (isHeartbeat) {
            const sent = [...later, ...answer.sent];
            later = [];
            return { ...answer, sent };
          }
          if (request.do !== 'deliver' || request.message.type !== 'AppendEntriesResponse') return answer;
          const isAppend = ({ type }: Answer['sent'][number]) => type === 'AppendEntries';
          later = [...later, ...answer.sent.filter(isAppend)];
          return { ...answer, sent: answer.sent.filter((each) => !isAppend(each)) };
        },
      };
    };
    expect(await faultsOf({ ...has, retriesAtHeartbeat: true }, lazy)).toEqual([]);
    expect((await faultsOf(has, lazy)).join('\n')).toMatch(/got nothing/);
  }, 60_000);
});
