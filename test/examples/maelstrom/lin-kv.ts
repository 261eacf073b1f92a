import { setTimeout as wait } from 'node:timers/promises';
import { checkHistory } from '../../../src/check/check-history.ts';
import { type HistoryEvent, historyOf } from '../../../src/check/history.ts';
import type { Value } from '../../../src/check/operation.ts';
import type { Verdict } from '../../../src/check/verdict-of-keys.ts';
import { Stream } from '../../../src/simulate/dice.ts';
import { type Body, MaelstromNetwork, type Network } from './network.ts';

export interface LinKvPlan {
  readonly program: string;
  readonly nodes: number;
  readonly seed: number;
  readonly network: Network;
  readonly durationMs: number;
}

export interface LinKvRun {
  readonly verdict: Verdict;
  /** How many operations of each function were answered `ok`. */
  readonly ok: Readonly<Record<'read' | 'write' | 'cas', number>>;
  /** Completions that leave the outcome open. */
  readonly info: number;
  /** Messages between nodes that did not arrive. */
  readonly dropped: number;
  readonly partitions: number;
  /** Which nodes took a write and showed it once the network was whole again. */
  readonly recovered: readonly string[];
  readonly errors: string;
}

/** Maelstrom's definite errors: nothing happened. A failed cas that found another value is told apart: that is an observation. */
const definite = new Set([1, 10, 11, 12, 14, 20, 21, 22]);
const otherValue = new Set([20, 22]);

const requestTimeoutMs = 1500;
/** How long nodes have, once the network is whole, to take requests again. */
const recoveryMs = 10_000;
const keys = [0, 1];

type Operation = { readonly f: 'read' | 'write' | 'cas'; readonly key: number } & Record<string, Value>;

/** Runs the workload `lin-kv` and judges the history, as `maelstrom test -w lin-kv` does with Knossos. */
export const runLinKv = async (plan: LinKvPlan): Promise<LinKvRun> => {
  const network = new MaelstromNetwork(plan.program, plan.nodes, plan.seed, plan.network);
  const dice = new Stream(plan.seed + 1);
  const events: HistoryEvent[] = [];
  const ok = { read: 0, write: 0, cas: 0 };
  let [info, partitions, values, isOver] = [0, 0, 0, false];

  const choose = (seen: ReadonlyMap<number, Value>): Operation => {
    const key = dice.pick(keys);
    const f = dice.pick(['read', 'write', 'cas'] as const);
    if (f === 'read') return { f, key };
    if (f === 'write') return { f, key, value: ++values };
    return { f, key, from: seen.get(key) ?? 0, to: ++values };
  };

  /** One client: an operation after the other, all at the same node. */
  const client = async (at: number): Promise<void> => {
    const node = network.nodes[at % plan.nodes]!;
    const seen = new Map<number, Value>();
    while (!isOver) {
      const operation = choose(seen);
      const { f, key } = operation;
      const invoke: HistoryEvent = { process: at, type: 'invoke', ...operation };
      events.push(invoke);
      const { f: type, ...fields } = operation;
      const answer = await network.request(`c${at + 1}`, node, { type, ...fields }, requestTimeoutMs);
      if (answer?.type === `${f}_ok`) {
        const value = (f === 'read' ? answer.value : f === 'write' ? operation.value : operation.to) as Value;
        seen.set(key, value);
        ok[f]++;
        events.push({ process: at, type: 'ok', ...(f === 'read' ? { value } : {}) });
      } else if (f === 'cas' && isDefinite(answer) && !otherValue.has(answer!.code as number)) {
        // It never was attempted.
        events.splice(events.indexOf(invoke), 1);
      } else if (f === 'read' || isDefinite(answer)) {
        events.push({ process: at, type: 'fail' });
      } else {
        info++;
        events.push({ process: at, type: 'info' });
      }
      await wait(dice.between(0, 10));
    }
  };

  const nemesis = async (): Promise<void> => {
    const end = performance.now() + plan.durationMs;
    while (performance.now() < end) {
      await wait(600);
      const shuffled = network.nodes
        .map((name) => ({ name, at: dice.fraction() }))
        .sort((a, b) => a.at - b.at);
      network.cut(shuffled.slice(0, dice.between(1, (plan.nodes - 1) / 2)).map(({ name }) => name));
      partitions++;
      await wait(900);
      network.heal();
    }
    isOver = true;
  };

  /** Once the network is whole, a node takes a write and a read within a while. */
  const recovers = async (node: string, at: number): Promise<boolean> => {
    const key = 100 + at;
    const end = performance.now() + recoveryMs;
    while (performance.now() < end) {
      await network.request('c0', node, { type: 'write', key, value: at }, requestTimeoutMs);
      const read = await network.request('c0', node, { type: 'read', key }, requestTimeoutMs);
      if (read?.type === 'read_ok' && read.value === at) return true;
      // A node that has heard of no leader yet says so at once.
      await wait(50);
    }
    return false;
  };

  try {
    await network.init();
    const clients = Array.from({ length: plan.nodes * 2 }, (_, at) => client(at));
    await Promise.all([nemesis(), ...clients]);
    const back = await Promise.all(network.nodes.map(recovers));
    const errors = await network.close();
    return {
      verdict: checkHistory(historyOf(events)),
      ok,
      info,
      dropped: network.dropped,
      partitions,
      recovered: network.nodes.filter((_, at) => back[at]),
      errors,
    };
  } finally {
    await network.close();
  }
};

const isDefinite = (answer: Body | null): boolean =>
  answer?.type === 'error' && definite.has(answer.code as number);
