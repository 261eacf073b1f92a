import type { AnyStateMachine } from 'xstate';
import {
  type MachineState,
  type MachineStep,
  type MachineSteps,
  StepFailed,
} from '../paths/machine-steps.ts';
import { eventWords, type MachineWalk } from '../paths/machine-walk.ts';
import type { ModelStep } from '../paths/model-path.ts';
import type { Timer } from '../paths/timers.ts';
import { walk } from '../read/walk.ts';
import { ModelTestFailed } from './model-test-failure.ts';
import { type ModelTestOptions, ModelTestUnfit, runOf } from './model-test-options.ts';

/** One life of a system: the machine and the system take the same steps, and assertions compare them. */
export class PathRun<System> {
  readonly #steps: MachineSteps;
  readonly #options: ModelTestOptions<System>;
  readonly #walked: MachineWalk;
  readonly #done: ModelStep[] = [];
  #state: MachineState;
  /** The machine's own time, and when its timers are due by it. */
  #nowMs = 0;
  #due: ReadonlyMap<symbol, number>;
  #system!: System;

  private constructor(
    steps: MachineSteps,
    options: ModelTestOptions<System>,
    walked: MachineWalk,
    start: MachineStep,
  ) {
    this.#steps = steps;
    this.#options = options;
    this.#walked = walked;
    this.#state = start.next;
    this.#due = dueAfter(new Map(), start.next, 0);
    walked.begin();
    walked.add(start.taken, start.next.name);
  }

  /** Starts both; the system is to be ended by `end`. Rejects with `ModelTestFailed`. */
  static async start<System>(
    steps: MachineSteps,
    options: ModelTestOptions<System>,
    walked: MachineWalk,
    input: unknown,
  ): Promise<PathRun<System>> {
    const run = new PathRun(
      steps,
      options,
      walked,
      stepOr(() => steps.start(input), 'the machine cannot start', []),
    );
    run.#system = await attempt(() => options.setup?.(input) as System, 'setup failed', []);
    return run;
  }

  get state(): MachineState {
    return this.#state;
  }

  /** What was done so far. */
  get done(): readonly ModelStep[] {
    return this.#done;
  }

  /** How long it takes until this timer fires; null if another fires before it. */
  waitFor(timer: Timer): number | null {
    const due = this.#due.get(timer.mark)!;
    const [next] = this.#state.timers.toSorted(
      (one, other) => this.#due.get(one.mark)! - this.#due.get(other.mark)!,
    );
    return next === timer ? Math.max(0, due - this.#nowMs) : null;
  }

  /** Takes a step of a path, which says where it leads. */
  async follow(step: ModelStep): Promise<void> {
    const { event, isTimer, state, transitions } = step;
    const steps = [...this.#done, step];
    const timer = isTimer ? this.#state.timers.find((each) => each.event.type === event.type) : null;
    if (timer === undefined) {
      throw new ModelTestFailed(
        `the machine has changed: no timer ${event.type} runs there; generate the paths anew`,
        steps,
      );
    }
    const next = stepOr(
      () => (timer === null ? this.#steps.take(this.#state, event) : this.#steps.fire(this.#state, timer)),
      `the machine failed on ${eventWords(event)}`,
      steps,
    );
    if (next.next.name !== state) {
      throw new ModelTestFailed(
        `the machine has changed: ${eventWords(event)} leads to ${next.next.name}, expected ${state}; generate the paths anew if that is right`,
        steps,
      );
    }
    const taken = next.taken.flatMap((each) => each.transitions);
    if (taken.join('\n') !== transitions.join('\n')) {
      throw new ModelTestFailed(
        `the machine has changed: on ${eventWords(event)} it takes ${taken.join(', ') || 'nothing'}, expected ${transitions.join(', ') || 'nothing'}; generate the paths anew if that is right`,
        steps,
      );
    }
    await this.#take(step, next);
  }

  /** Whether another timer fires at this very moment: the system may be further than the machine. */
  get isBetween(): boolean {
    return this.#state.timers.some(({ mark }) => this.#due.get(mark)! <= this.#nowMs);
  }

  /** Checks the start. */
  check(): Promise<void> {
    return this.#check([]);
  }

  async end(): Promise<void> {
    await this.#options.teardown?.(this.#system);
  }

  /** The machine has come to `next`; now the system does the same. */
  async #take(step: ModelStep, next: MachineStep): Promise<void> {
    const { events, advance } = this.#options;
    const { event, isTimer, waitMs } = step;
    const steps = [...this.#done, step];
    const run = runOf(events[event.type]);
    if (isTimer || waitMs > 0) {
      if (advance === undefined)
        throw new ModelTestUnfit(`no time passes for the system: give advance, which ${event.type} needs`);
      await attempt(() => advance(this.#system, waitMs), `advance failed before ${eventWords(event)}`, steps);
    }
    if (!isTimer) {
      if (run === null)
        throw new ModelTestUnfit(`nothing does ${event.type} to the system: give events.${event.type}.run`);
      await attempt(() => run(this.#system, event), `the system failed on ${eventWords(event)}`, steps);
    }
    this.#nowMs += waitMs;
    this.#due = dueAfter(this.#due, next.next, this.#nowMs);
    this.#state = next.next;
    this.#done.push(step);
    await this.#check(steps);
    // What the system has failed in counts as not walked.
    this.#walked.add(next.taken, next.next.name);
  }

  async #check(steps: readonly ModelStep[]): Promise<void> {
    if (this.isBetween) return;
    const { name, snapshot } = this.#state;
    for (const [key, assertion] of Object.entries(this.#options.assertions ?? {})) {
      if (key !== '*' && !isWithin(this.#steps.machine, this.#state, key)) continue;
      const what =
        key === '*'
          ? `in ${name} the assertion for all states failed`
          : `the assertion ${key} failed in ${name}`;
      await attempt(() => assertion(this.#system, snapshot), what, steps);
    }
  }
}

const dueAfter = (
  known: ReadonlyMap<symbol, number>,
  { timers }: MachineState,
  nowMs: number,
): ReadonlyMap<symbol, number> =>
  new Map(timers.map(({ mark, delayMs }) => [mark, known.get(mark) ?? nowMs + delayMs]));

const stepOr = (take: () => MachineStep, what: string, steps: readonly ModelStep[]): MachineStep => {
  try {
    return take();
  } catch (error) {
    if (error instanceof StepFailed) throw new ModelTestFailed(what, steps, error);
    throw error;
  }
};

const attempt = async <Result>(
  run: () => Result | Promise<Result>,
  what: string,
  steps: readonly ModelStep[],
): Promise<Result> => {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ModelTestUnfit) throw error;
    throw new ModelTestFailed(what, steps, error);
  }
};

/** Whether a machine is in the state that a key of the assertions names: by its id, or by its keys from the root. */
const isWithin = (machine: AnyStateMachine, { snapshot }: MachineState, key: string): boolean => {
  const node = stateAt(machine, key);
  if (node === null) return false;
  let value: unknown = snapshot.value;
  for (const each of node) {
    if (value === each) return each === node.at(-1);
    if (typeof value !== 'object' || value === null || !(each in value)) return false;
    value = (value as Readonly<Record<string, unknown>>)[each];
  }
  return true;
};

const known = new WeakMap<object, ReadonlyMap<string, readonly string[]>>();

/** The keys from the root to the state that is called `key`; null for none. */
export const stateAt = (machine: AnyStateMachine, key: string): readonly string[] | null => {
  const paths = known.get(machine.config) ?? pathsOf(machine);
  known.set(machine.config, paths);
  return paths.get(key) ?? null;
};

const pathsOf = (machine: AnyStateMachine): ReadonlyMap<string, readonly string[]> => {
  const paths = new Map<string, readonly string[]>();
  const add = ({ id, path, states }: ReturnType<typeof walk>['root']): void => {
    if (!paths.has(`#${id}`)) paths.set(`#${id}`, path);
    paths.set(path.join('.'), path);
    for (const state of states) add(state);
  };
  add(walk(machine).root);
  return paths;
};
