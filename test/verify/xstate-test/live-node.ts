import { createActor } from 'xstate';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { RaftSnapshot } from '../../../src/node/step.ts';
import type { RaftInput } from '../../../src/raft/context.ts';
import { effectNames } from '../../../src/raft/effects.ts';
import { withoutRandomTimeouts } from '../../../src/verify/paths/model-node.ts';
import type { ChartEvent } from './events.ts';

/** Each timer has a delay of its own, so that a test can let any of them expire. */
const delays = {
  electionTimeout: 1,
  leaderLease: 2,
  heartbeatInterval: 3,
  quorumCheck: 4,
  transferTimeout: 5,
} as const;

const nothing = () => {};

/** The role chart with effects that do nothing. */
export const quietMachine = withoutRandomTimeouts(raftMachine).provide({
  actions: Object.fromEntries(effectNames.map((name) => [name, nothing])),
});

/** The system under test: a live actor whose timers expire when a test says so. */
export class LiveNode {
  readonly #timers = new Map<number, { readonly expire: () => void; readonly delayMs: number }>();
  readonly #actor;
  #set = 0;

  constructor(input: RaftInput) {
    this.#actor = createActor(
      quietMachine.provide({
        delays: Object.fromEntries(Object.entries(delays).map(([name, ms]) => [name, () => ms])),
      }),
      {
        input,
        clock: {
          setTimeout: (expire: () => void, delayMs: number) => {
            this.#timers.set(++this.#set, { expire, delayMs });
            return this.#set;
          },
          clearTimeout: (id: number) => this.#timers.delete(id),
        },
      },
    ).start();
  }

  get snapshot(): RaftSnapshot {
    return this.#actor.getSnapshot();
  }

  /** Hands an event to the actor; a timer's is not sent but comes from the timer, which must be running. */
  happen(event: ChartEvent): void {
    const name = /^xstate\.after\.(\w+)\./.exec(event.type)?.[1] as keyof typeof delays | undefined;
    if (name === undefined) {
      this.#actor.send(event as never);
      return;
    }
    const found = [...this.#timers].find(([, { delayMs }]) => delayMs === delays[name]);
    if (found === undefined) throw new Error(`${name} is not running`);
    this.#timers.delete(found[0]);
    found[1].expire();
  }

  stop(): void {
    this.#actor.stop();
  }
}
