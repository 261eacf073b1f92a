import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { createStepper, type Step, type Stepper, type TimerEvent } from '../../node/step.ts';
import type { Input } from '../../raft/inputs.ts';
import { type Evidence, minTries } from '../../statechart/coverage/grounds.ts';
import { itemId, pairId } from '../../statechart/coverage/universe.ts';
import { transitionsOf } from '../../statechart/read/model.ts';
import { stateNameOf } from '../../statechart/read/state-name.ts';
import { transitionIdOf, walk } from '../../statechart/read/walk.ts';
import { withoutDie } from '../paths/model-node.ts';
import type { ModelNode } from '../paths/modelled-node.ts';
import { messagesAround } from './messages-around.ts';
import { messageTypes, worldSteps } from './worlds.ts';

/** Nodes that are looked at, of each state and size of cluster. */
const nodesPerState = 15;

const walkSteps = 12_000;

/** How many events further what happens too rarely is looked for. */
const maxDeeper = 4;

/** A node that is given events. */
type Place = Pick<ModelNode, 'snapshot' | 'armed'>;

/**
 * Gives every message of `messagesAround`, every armed timer, a command and what a disk and a state machine say to nodes
 * that a random walk comes by; then what happened fewer than `minTries` times to nodes that came out of that.
 */
export const gatherEvidence = (machine: typeof raftMachine = raftMachine): Evidence => {
  const trials = new Trials(machine);
  for (const place of nodesToTry(machine)) {
    for (const [trigger, events] of eventsFor(place)) trials.give(place, trigger, events);
  }
  for (let deeper = 0; deeper < maxDeeper; deeper++) {
    for (const place of trials.outcomes()) {
      for (const [trigger, events] of eventsFor(place, (each) => trials.isRare(place, each))) {
        trials.give(place, trigger, events);
      }
    }
  }
  return trials;
};

type Event = Input | TimerEvent;

/** By trigger, which is a message's type or the event's. */
function* eventsFor(
  { snapshot, armed }: Place,
  isWanted: (trigger: string) => boolean = () => true,
): Generator<readonly [string, readonly Event[]]> {
  const { context } = snapshot;
  const { currentTerm, commitIndex, log } = context;
  for (const type of messageTypes.filter(isWanted)) {
    yield [type, messagesAround(context, type).map((message) => ({ type: 'Received', message }))];
  }
  for (const type of armed.filter(isWanted)) yield [type, [{ type: type as TimerEvent['type'] }]];
  const others: readonly Event[] = [
    { type: 'Proposed', proposals: [] },
    { type: 'Applied', index: commitIndex },
    { type: 'Persisted', term: currentTerm, lastIndex: log.lastIndex },
    { type: 'Persisted', term: Math.max(0, currentTerm - 1), lastIndex: log.lastIndex },
  ];
  for (const event of others.filter(({ type }) => isWanted(type))) yield [event.type, [event]];
}

/** What nodes did with the events that they were given. */
class Trials implements Evidence {
  readonly taken = new Map<string, number>();
  readonly lasts = new Set<string>();
  readonly pairs = new Set<string>();
  readonly tries = new Map<string, number>();
  readonly #stepper: Stepper;
  readonly #raising: ReadonlySet<string>;
  /** By state and trigger: items that came of it. */
  readonly #caused = new Map<string, Set<string>>();
  /** By the item that led to them: nodes that differ. */
  readonly #found = new Map<string, Set<string>>();
  #outcomes: Place[] = [];

  constructor(machine: typeof raftMachine) {
    this.#stepper = createStepper(withoutDie(machine));
    this.#raising = new Set(
      transitionsOf(walk(machine))
        .filter(({ actions }) => actions.some(({ raises }) => raises !== null))
        .map(({ id }) => id),
    );
  }

  /** The nodes that came out of all this since it was asked last. */
  outcomes(): readonly Place[] {
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    return outcomes;
  }

  /** Whether something that comes of this trigger has happened too rarely. */
  isRare({ snapshot }: Place, trigger: string): boolean {
    const caused = this.#caused.get(`${stateNameOf(snapshot)} · ${trigger}`) ?? [];
    return [...caused].some((id) => this.taken.get(id)! < minTries);
  }

  give(place: Place, trigger: string, events: readonly Event[]): void {
    const cause = `${stateNameOf(place.snapshot)} · ${trigger}`;
    this.tries.set(cause, (this.tries.get(cause) ?? 0) + events.length);
    const caused = this.#caused.get(cause) ?? new Set<string>();
    this.#caused.set(cause, caused);
    for (const event of events) {
      const step = this.#stepper.step(place.snapshot, event);
      let last: string | null = null;
      let isRaised = false;
      for (const each of step.taken) {
        const transition = transitionIdOf(each.transition);
        const id = itemId(each.state, each.transition.eventType, transition);
        this.#take(id);
        caused.add(id);
        if (last !== null) this.pairs.add(pairId(last, id));
        last = id;
        isRaised = this.#raising.has(transition);
      }
      if (last === null) continue;
      this.lasts.add(last);
      // What was raised last was taken by nothing.
      if (isRaised && event.type === 'Received') {
        this.#take(itemId(stateNameOf(step.snapshot), event.message.type, null));
      }
      this.#keep(last, place, step);
    }
  }

  #take(id: string): void {
    this.taken.set(id, (this.taken.get(id) ?? 0) + 1);
  }

  #keep(last: string, { armed }: Place, { snapshot, timers }: Step): void {
    const found = this.#found.get(last) ?? new Set<string>();
    this.#found.set(last, found);
    if (found.size >= minTries) return;
    const { configurations, currentTerm, log, commitIndex, votesGranted } = snapshot.context;
    const { length } = configurations.at(-1)!.voters;
    const shape = [length, currentTerm, log.lastIndex, log.runs.length, commitIndex, votesGranted].join();
    if (found.has(shape)) return;
    found.add(shape);
    const changed = new Set(timers.map(({ id }) => id));
    const started = timers.filter(({ change }) => change !== 'stop').map(({ id }) => id);
    this.#outcomes.push({
      snapshot,
      armed: [...armed.filter((id) => !changed.has(id)), ...new Set(started)],
    });
  }
}

/** Nodes of every state, as different as a walk finds them. */
const nodesToTry = (machine: typeof raftMachine): readonly ModelNode[] => {
  const found = new Map<string, Map<string, ModelNode>>();
  for (const { step } of worldSteps(walkSteps, machine)) {
    const { snapshot } = step.node;
    const { context } = snapshot;
    const kind = `${stateNameOf(snapshot)} of ${context.configurations.at(-1)!.voters.length}`;
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
