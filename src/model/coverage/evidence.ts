import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { transitionsOf } from '../../diagram/model.ts';
import { transitionIdOf, walk } from '../../diagram/walk.ts';
import type { Input, Received } from '../../raft/inputs.ts';
import { type ModelNode, withoutDie } from '../paths/model-node.ts';
import { stateName } from '../state-name.ts';
import { createStepper, type TimerEvent } from '../step.ts';
import { messagesAround } from './messages-around.ts';
import { itemId, pairId } from './universe.ts';
import { messageTypes, worldSteps } from './worlds.ts';

/** What a chart did when many nodes were each given everything that could happen to them next. */
export interface Evidence {
  /** Items that were taken, and how often. */
  readonly taken: ReadonlyMap<string, number>;
  /** Items that were ever the last of their step: something from outside may come next. */
  readonly lasts: ReadonlySet<string>;
  /** Pairs that followed each other within one step. */
  readonly pairs: ReadonlySet<string>;
  /** Messages that were tried, by `state · type`. */
  readonly tries: ReadonlyMap<string, number>;
}

/** Nodes that are looked at, of each state and size of cluster. */
const nodesPerState = 15;

const walkSteps = 12_000;

/** Gives every message of `messagesAround`, every armed timer and a command to nodes that a random walk comes by. */
export const gatherEvidence = (machine: typeof raftMachine = raftMachine): Evidence => {
  const stepper = createStepper(withoutDie(machine));
  const raising = new Set(
    transitionsOf(walk(machine))
      .filter(({ actions }) => actions.some(({ raises }) => raises !== null))
      .map(({ id }) => id),
  );
  const taken = new Map<string, number>();
  const lasts = new Set<string>();
  const pairs = new Set<string>();
  const tries = new Map<string, number>();
  for (const { snapshot, armed } of nodesToTry(machine)) {
    const state = stateName(snapshot.value);
    const attempt = (event: Input | TimerEvent): void => {
      const step = stepper.step(snapshot, event);
      let last: string | null = null;
      let isRaised = false;
      for (const each of step.taken) {
        const transition = transitionIdOf(each.transition);
        const id = itemId(each.state, each.transition.eventType, transition);
        taken.set(id, (taken.get(id) ?? 0) + 1);
        if (last !== null) pairs.add(pairId(last, id));
        last = id;
        isRaised = raising.has(transition);
      }
      if (last !== null) lasts.add(last);
      if (isRaised && event.type === 'Received') {
        // What was raised last was taken by nothing.
        const id = itemId(stateName(step.snapshot.value), (event as Received).message.type, null);
        taken.set(id, (taken.get(id) ?? 0) + 1);
      }
    };
    for (const type of messageTypes) {
      const messages = messagesAround(snapshot.context, type);
      for (const message of messages) attempt({ type: 'Received', message });
      const place = `${state} · ${type}`;
      tries.set(place, (tries.get(place) ?? 0) + messages.length);
    }
    for (const type of armed) attempt({ type: type as TimerEvent['type'] });
    attempt({ type: 'Proposed', proposals: [] });
  }
  return { taken, lasts, pairs, tries };
};

/** Nodes of every state, as different as a walk finds them. */
const nodesToTry = (machine: typeof raftMachine): readonly ModelNode[] => {
  const found = new Map<string, Map<string, ModelNode>>();
  for (const { step } of worldSteps(walkSteps, machine)) {
    const { context, value } = step.node.snapshot;
    const kind = `${stateName(value)} of ${context.configurations.at(-1)!.voters.length}`;
    const ofKind = found.get(kind) ?? new Map<string, ModelNode>();
    found.set(kind, ofKind);
    // Late ones replace early ones: their logs and terms are longer.
    const { log, commitIndex, votedFor, votesGranted, progress } = context;
    const sending = Object.values(progress).map(({ state, matchIndex }) => [state, matchIndex > 0]);
    const shape = [log.lastIndex, log.runs.length, commitIndex, votedFor, votesGranted.length, sending];
    ofKind.set(JSON.stringify(shape), step.node);
  }
  return [...found.values()].flatMap((ofKind) => {
    const nodes = [...ofKind.values()];
    const gap = Math.max(1, Math.floor(nodes.length / nodesPerState));
    return nodes.filter((_, at) => at % gap === 0).slice(0, nodesPerState);
  });
};
