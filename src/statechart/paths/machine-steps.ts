import {
  type AnyActor,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventObject,
} from 'xstate';
import type { StateModel } from '../read/model.ts';
import { stateNameOf } from '../read/state-name.ts';
import { transitionIdOf, walk } from '../read/walk.ts';
import {
  type ExecutableAction,
  forgetSystemIds,
  historyOf,
  inertScope,
  isStart,
  type OwnSchedule,
  ownScheduleOf,
  transitionsOfMicrostep,
} from '../read/xstate-internals.ts';
import { actorName, canonicalText } from './canonical-text.ts';
import { type Timer, timersAfter, timersWithout } from './timers.ts';

/** Where a machine stands: all that decides what it does next. */
export interface MachineState {
  readonly snapshot: AnyMachineSnapshot;
  /** As `StateNames` calls it. */
  readonly name: string;
  readonly timers: readonly Timer[];
  /** Equal for states that behave the same. */
  readonly key: string;
}

/** One step within another: what was taken on one event, or on none. */
export interface Microstep {
  /** The name of the state in which it was taken. */
  readonly state: string;
  /** The event's type; empty for eventless transitions. */
  readonly event: string;
  /** Ids of the model; none for an event that nothing took. */
  readonly transitions: readonly string[];
}

export interface MachineStep {
  readonly taken: readonly Microstep[];
  readonly next: MachineState;
}

/** A guard, an action or another function of the machine threw: there is no next state. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

export interface StepOptions {
  /** The part of the context that counts; all of it where this is left out. */
  readonly project?: ((context: unknown) => unknown) | undefined;
}

/** Microsteps of one step, and events that a machine sends itself within it, after which it counts as an endless loop. */
const maxMicrosteps = 1_000;
const maxOwnEvents = 100;

/** Takes pure steps of any machine: no action runs, no actor is started, no time passes. Guards, assigns and what computes an event do run. */
export class MachineSteps {
  readonly machine: AnyStateMachine;
  readonly #project: (context: unknown) => unknown;
  readonly #self: AnyActor;
  readonly #scope: never;
  readonly #first: string;
  #state = '';
  #taken: Microstep[] = [];
  #microsteps = 0;
  #changes: OwnSchedule[] = [];
  /** What it sent itself without a delay. */
  #mail: EventObject[] = [];

  constructor(machine: AnyStateMachine, { project = (context) => context }: StepOptions = {}) {
    this.machine = machine;
    this.#project = project;
    this.#first = stateNameOf({ machine, value: firstValue(walk(machine).root) });
    // XState takes a first step as it makes an actor, with nobody to stop it in a loop.
    this.#self = createActor(idle(machine));
    forgetSystemIds(this.#self);
    this.#self.system.inspect((event) => {
      if (event.type !== '@xstate.microstep') return;
      // Those of machines inside it count as well: they take a first step as they are made.
      if (++this.#microsteps > maxMicrosteps) {
        throw new Error(`it takes more than ${maxMicrosteps} steps without an event in between`);
      }
      if (event.actorRef !== this.#self) return;
      const definitions = transitionsOfMicrostep(event);
      const isEventless = definitions.some(({ eventType }) => eventType === '');
      // At the start, XState names what began it.
      if (definitions.length > 0 || !isStart(event.event.type)) {
        this.#taken.push({
          state: this.#state,
          event: isEventless ? '' : event.event.type,
          transitions: definitions.map(transitionIdOf),
        });
      }
      this.#state = stateNameOf(event.snapshot as AnyMachineSnapshot);
    });
    this.#scope = inertScope(this.#self, (action) => this.#note(action)) as never;
  }

  /** From its beginning. Throws `StepFailed`. */
  start(input?: unknown): MachineStep {
    return this.#collect(this.#first, [], () => this.machine.getInitialSnapshot(this.#scope, input as never));
  }

  /** Throws `StepFailed`. */
  take({ snapshot, name, timers }: MachineState, event: EventObject): MachineStep {
    return this.#collect(name, timers, () => this.machine.transition(snapshot, event, this.#scope));
  }

  /** A timer of `state` fires. Throws `StepFailed`. */
  fire(state: MachineState, timer: Timer): MachineStep {
    return this.take({ ...state, timers: timersWithout(state.timers, timer) }, timer.event);
  }

  #note(action: ExecutableAction): void {
    const change = ownScheduleOf(action, this.#self);
    if (change === null) return;
    if (change.change === 'start' && change.delayMs === null) this.#mail.push(change.event);
    else this.#changes.push(change);
  }

  #collect(from: string, timers: readonly Timer[], run: () => AnyMachineSnapshot): MachineStep {
    this.#state = from;
    this.#taken = [];
    this.#microsteps = 0;
    this.#changes = [];
    this.#mail = [];
    try {
      let snapshot = sound(run());
      for (let mails = 0; this.#mail.length > 0 && snapshot.status === 'active'; mails++) {
        if (mails >= maxOwnEvents) throw new Error('it goes on sending events to itself');
        const [event] = this.#mail.splice(0, 1) as [EventObject];
        this.#state = stateNameOf(snapshot);
        snapshot = sound(this.machine.transition(snapshot, event, this.#scope));
      }
      const running = snapshot.status === 'active' ? timersAfter(timers, this.#changes) : [];
      const name = stateNameOf(snapshot);
      const next = { snapshot, name, timers: running, key: this.keyOf(snapshot, running) };
      return { taken: this.#taken, next };
    } catch (error) {
      throw new StepFailed(wordsOf(error), { cause: error });
    }
  }

  /** Also told apart: what is remembered, which actors are there, and which timers run. */
  keyOf(snapshot: AnyMachineSnapshot, timers: readonly Timer[]): string {
    const { value, context, status, children } = snapshot;
    const actors = Object.keys(children).map(actorName).toSorted();
    const running = timers.map(({ id, event, delayMs, age }) => [id, event, delayMs, age]);
    const parts = [value, this.#project(context), status, actors, historyOf(snapshot), running];
    return canonicalText(parts);
  }
}

/** A machine that failed as it started has a snapshot that says so. */
const sound = (snapshot: AnyMachineSnapshot): AnyMachineSnapshot => {
  if (snapshot.status === 'error') throw snapshot.error;
  return snapshot;
};

/** What an error says, in one line. */
export const wordsOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  const [first = '', ...others] = text.trim().split(/\s*\n\s*/);
  // XState puts a line of its own before what a guard threw.
  const guard = /^Unable to evaluate guard (?:'(.*?)' )?in transition/.exec(first);
  if (guard === null || others.length === 0) return first || 'an error without a message';
  return `${guard[1] === undefined ? 'an inline guard' : `guard ${guard[1]}`}: ${others[0]}`;
};

/** The machine with nothing to do as it starts. */
const idle = (machine: AnyStateMachine): AnyStateMachine => {
  const still = Object.create(machine) as AnyStateMachine;
  still.getInitialSnapshot = () => ({ status: 'active', children: {} }) as never;
  return still;
};

/** The state value that a chart starts in, before any eventless transition. */
const firstValue = (state: StateModel): Record<string, unknown> | string => {
  if (state.type === 'parallel') {
    return Object.fromEntries(
      state.states.filter(({ type }) => type !== 'history').map((region) => [region.key, firstValue(region)]),
    );
  }
  const [id] = state.initial;
  if (id === undefined) return {};
  return firstTowards(state, id);
};

const firstTowards = (state: StateModel, id: string): Record<string, unknown> | string => {
  if (state.id === id) return firstValue(state);
  const child = state.states.find((each) => holds(each, id));
  if (child === undefined) return firstValue(state);
  const below = firstTowards(child, id);
  return typeof below === 'object' && Object.keys(below).length === 0 ? child.key : { [child.key]: below };
};

const holds = (state: StateModel, id: string): boolean =>
  state.id === id || state.states.some((each) => holds(each, id));
