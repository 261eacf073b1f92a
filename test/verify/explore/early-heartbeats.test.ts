import { describe, expect, it } from 'vitest';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { earlyHeartbeatFor } from '../../../src/raft/early-heartbeat.ts';
import type { Effect } from '../../../src/raft/effects.ts';
import type { AppendEntries } from '../../../src/raft/messages.ts';
import { withDecision } from '../../../src/simulate/broken/broken-chart.ts';
import { defaultPlan, generatePlan } from '../../../src/simulate/generate-plan.ts';
import { runSimulation } from '../../../src/simulate/run-simulation.ts';
import { explore } from '../../../src/verify/explore/explore.ts';
import { smallCluster } from './small-cluster.ts';

type Early = (heartbeat: AppendEntries) => AppendEntries;

const withCopy = (effect: Effect, from: number, early: Early): readonly Effect[] => {
  if (effect.type !== 'replicate' || effect.params.runs.length > 0) return [effect];
  const { runs, lastIndex: _, ...said } = effect.params;
  const {
    type: __,
    from: ___,
    entries: ____,
    ...copy
  } = early({
    type: 'AppendEntries',
    from,
    entries: [],
    ...said,
  });
  return [{ type: 'replicate', params: { ...copy, runs, lastIndex: copy.prevLogIndex } }, effect];
};

/** The chart that sends an early heartbeat with every heartbeat, as a link does whose peer is slow. */
const chartWith = (early: Early) =>
  (['sendHeartbeats', 'startReadRound', 'startHeldReads'] as const).reduce(
    (chart, name) =>
      withDecision(
        name,
        ({ id }, _, right) => ({
          ...right,
          effects: right.effects.flatMap((effect) => withCopy(effect, id, early)),
        }),
        chart,
      ),
    raftMachine,
  );

const machine = chartWith(earlyHeartbeatFor);
/** A copy that claims a term of its own. */
const inLaterTerm = chartWith((heartbeat) => ({ ...earlyHeartbeatFor(heartbeat), term: heartbeat.term + 1 }));

describe('early heartbeats', () => {
  it.each([
    [
      '2 nodes, term 2, log 2, loss and duplicates',
      { nodes: 2, maxTerm: 2, maxLog: 2, loss: true, duplicates: true },
    ],
    ['3 nodes, 2 messages', {}],
    ['3 nodes, a crash, loss and duplicates', { loss: true, duplicates: true, crashes: 1 }],
    ['2 nodes, 2 reads, loss and duplicates', { nodes: 2, reads: 2, loss: true, duplicates: true }],
  ])(
    'keep every property in all states of %s',
    (_, options) => {
      const bounds = { ...smallCluster, ...options };
      const { outcome, figures } = explore(bounds, { machine });
      expect(outcome).toBe('exhausted');
      expect(figures.states).toBeGreaterThan(explore(bounds).figures.states);
    },
    60_000,
  );

  it('would not if they claimed another term', () => {
    const { outcome } = explore({ ...smallCluster, maxTerm: 2 }, { machine: inLaterTerm });
    expect(outcome).toBe('violation');
  });

  it.each([1, 2, 3])(
    'keep every property on a faulty network, seed %i',
    async (seed) => {
      const plan = generatePlan({ ...defaultPlan, seed, durationMs: 10_000 });
      const { violation, figures } = await runSimulation(plan, { machine });
      expect(violation).toBeNull();
      expect(figures.acknowledged).toBeGreaterThan(0);
    },
    60_000,
  );
});
