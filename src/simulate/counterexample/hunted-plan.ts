import type { NodeId } from '../../raft/types.ts';
import type { Fault } from '../../trace/fault.ts';
import { Dice, type Stream } from '../dice.ts';
import { nodesOf, type Plan } from '../plan.ts';
import { Simulation, type SimulationOptions } from '../simulation.ts';

/** A plan with faults that were drawn while it ran. */
export interface Hunted {
  readonly plan: Plan;
  readonly isViolated: boolean;
  readonly events: number;
}

/** Soon after an election its first entry is on its way; within so many milliseconds most of what can go wrong does. */
const soonMs = 60;

/**
 * Whoever is elected is cut off or crashes soon after, until the next one is. Faults that wait for an election find in seconds what faults at random times
 * find in hours: nearly all of Raft's rules are about leaders that come and go.
 */
export const huntedPlan = async (
  base: Plan,
  options: SimulationOptions,
  crashesFollowers: boolean,
): Promise<Hunted> => {
  const simulation = new Simulation(base, options);
  const { checks } = simulation;
  const stream = new Dice(base.seed, 'hunt').stream(1);
  const done: Fault[] = [];
  let ongoing: readonly Fault[] = [];
  let term = 0;
  const newLeader = () =>
    checks.view.nodes.find(({ isUp, role, currentTerm }) => isUp && role === 'leader' && currentTerm > term);
  const endOngoing = () => {
    for (const fault of ongoing) {
      simulation.faults.end(fault);
      done.push({ ...fault, toMs: simulation.nowMs });
    }
    ongoing = [];
  };
  simulation.start();
  while (await simulation.run(base.durationMs, () => newLeader() !== undefined)) {
    const leader = newLeader()!;
    term = leader.currentTerm;
    // In the middle of a millisecond, where the timers that began at the start do not expire.
    await simulation.run(Math.ceil(simulation.nowMs) + waitMs(stream) + 0.5);
    if (checks.violation !== null || simulation.nowMs >= base.durationMs) break;
    endOngoing();
    ongoing = drawFaults(leader.id, { plan: base, stream, atMs: simulation.nowMs, crashesFollowers });
    for (const fault of ongoing) simulation.faults.begin(fault);
  }
  const left = ongoing.map((fault) => ({ ...fault, toMs: Math.max(fault.fromMs, base.durationMs) }));
  return {
    plan: { ...base, faults: [...base.faults, ...done, ...left].toSorted((a, b) => a.fromMs - b.fromMs) },
    isViolated: checks.violation !== null,
    events: simulation.eventCount,
  };
};

const waitMs = (stream: Stream): number =>
  stream.chance(0.7) ? stream.between(1, soonMs) : stream.between(soonMs, 6 * soonMs);

interface Draw {
  readonly plan: Plan;
  readonly stream: Stream;
  readonly atMs: number;
  readonly crashesFollowers: boolean;
}

const drawFaults = (leader: NodeId, { plan, stream, atMs, crashesFollowers }: Draw): readonly Fault[] => {
  const others = nodesOf(plan).filter((id) => id !== leader);
  const lasts = { fromMs: atMs, toMs: Number.POSITIVE_INFINITY };
  const crash = (node: NodeId): Fault => ({ kind: 'crash', ...lasts, nodes: [node], effects: 0 });
  if (crashesFollowers && stream.chance(0.5)) return [crash(stream.pick(others))];
  return stream.chance(0.75)
    ? [{ kind: 'partition', ...lasts, groups: [[leader], others], oneWay: false }]
    : [crash(leader)];
};
