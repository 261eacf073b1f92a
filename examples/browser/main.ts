/**
 * The chart, its picture and a cluster in memory in a browser. Bundle it with any bundler: no module of Node.js is in it, and no
 * polyfill is needed.
 */
import { createStepper, raftMachine } from 'raftchart/chart';
import { checkHistory, historyOf } from 'raftchart/check';
import { startMemoryCluster } from 'raftchart/memory';
import { toMermaid, walk } from 'raftchart/statechart';

/** What the page shows. */
export interface Shown {
  /** After its election timeout, a node alone. */
  readonly state: string;
  readonly effects: readonly string[];
  readonly mermaid: string;
  readonly history: string;
  /** Sums that a cluster of three acknowledged. */
  readonly sums: readonly number[];
}

export const show = async (): Promise<Shown> => {
  const stepper = createStepper();
  const { snapshot } = stepper.initial({ id: 1, voters: [1, 2, 3] });
  const { snapshot: next, effects } = stepper.step(snapshot, {
    type: 'xstate.after.electionTimeout.raft.follower',
  });

  const cluster = startMemoryCluster({
    nodes: 3,
    stateMachine: () => {
      let sum = 0;
      return { apply: (command) => (sum += command[0]!) };
    },
  });
  const sums: number[] = [];
  for (const amount of [1, 10]) {
    const outcome = await cluster.propose(Uint8Array.of(amount));
    if (outcome.type === 'applied') sums.push(outcome.result);
  }
  await cluster.close();

  return {
    state: JSON.stringify(next.value),
    effects: effects.map(({ type }) => type),
    mermaid: toMermaid(walk(raftMachine), { kind: 'overview' }),
    history: checkHistory(historyOf([])).result,
    sums,
  };
};
