import { describe, expect, it } from 'vitest';
import type { Message, RequestVote } from '../../src/raft/messages.ts';
import { type Asked, SentAtOnce, type Struck } from '../../src/simulate/onlooker.ts';
import { parsePlan } from '../../src/simulate/parse-plan.ts';
import { calmPlan, type Plan } from '../../src/simulate/plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';

const plan: Plan = {
  ...calmPlan,
  spares: 1,
  durationMs: 3000,
  network: { ...calmPlan.network, duplicateRate: 0.1 },
  requests: { readsPerSecond: 30, transfersPerSecond: 3, changesPerSecond: 3 },
};

const vote: RequestVote = {
  type: 'RequestVote',
  from: 1,
  to: 2,
  term: 1,
  lastLogIndex: 0,
  lastLogTerm: 0,
  leadershipTransfer: false,
};

const seenIn = async (run: Plan) => {
  const asked: Asked[] = [];
  const struck: Struck[] = [];
  const onlooker = { asked: (each: Asked) => asked.push(each), struck: (each: Struck) => struck.push(each) };
  const result = await runSimulation(run, { onlooker });
  return { asked, struck, result };
};

const first = await seenIn(plan);

describe('an onlooker', () => {
  it('sees every request, and which of them came to nothing but a refusal', () => {
    const { asked, result } = first;
    const { reads, readsRefused, transfersAsked, transfersRefused, changesAsked, changesRefused } =
      result.figures.requests;
    const countsOf = (type: string): readonly [all: number, refused: number] => {
      const all = asked.filter(({ request }) => request.type === type);
      return [all.length, all.filter(({ isRefused }) => isRefused).length];
    };
    // One read was refused later, when its leader had stepped down.
    expect(countsOf('read')).toEqual([reads + readsRefused, readsRefused - 1]);
    expect(countsOf('transfer')).toEqual([transfersAsked, transfersRefused]);
    expect(countsOf('change')).toEqual([changesAsked, changesRefused]);
    const [commands, refused] = countsOf('command');
    expect(refused).toBeGreaterThan(0);
    expect(commands - refused).toBeGreaterThanOrEqual(result.figures.acknowledged);
  });

  it('sees the messages that a fault befell', () => {
    const { struck, result } = first;
    expect(struck.map(({ kind, from, to }) => ({ kind, from, to }))).toEqual(
      result.messageFaults.map(({ kind, from, to }) => ({ kind, from, to })),
    );
    expect(new Set(struck.map(({ nth }) => nth))).toEqual(new Set([1, 2]));
  });
});

it('a plan that lists the requests of a run runs just like it', async () => {
  const { requestScript } = first.result;
  expect(new Set(requestScript.map(({ kind }) => kind))).toEqual(new Set(['read', 'transfer', 'change']));
  const listed = { ...plan, requests: { ...plan.requests, script: requestScript } };
  const again = await seenIn(parsePlan(JSON.stringify(listed)));
  expect(again.asked).toEqual(first.asked);
  expect(again.result.history).toEqual(first.result.history);
  expect(again.result.requestScript).toEqual(requestScript);
});

it('messages are counted apart by sender, receiver, type and time', () => {
  const alike = new SentAtOnce();
  const countOf = (message: Message, atUs: number) => {
    alike.add(message, atUs);
    return alike.count;
  };
  expect(countOf(vote, 1)).toBe(1);
  expect(countOf({ ...vote, to: 3 }, 1)).toBe(1);
  expect(countOf({ ...vote, type: 'PreVote' }, 1)).toBe(1);
  expect(countOf(vote, 1)).toBe(2);
  expect(countOf(vote, 2)).toBe(1);
});
