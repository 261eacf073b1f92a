import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createActor, type InspectionEvent } from 'xstate';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { messageFault } from '../../../src/adapters/codec/message-rules.ts';
import { createStepper, type Step, type TimerEvent } from '../../../src/node/step.ts';
import type { RaftInput } from '../../../src/raft/context.ts';
import type { Effect, EffectName } from '../../../src/raft/effects.ts';
import { votersOf } from '../../raft/contexts.ts';
import { delayMsOf, roleOf } from './chart-node.ts';
import { ManualClock } from './manual-clock.ts';
import { RandomInputs } from './random-inputs.ts';

const inputsPerRun = 1500;
const seeds = [1, 2];

/** The chart as a node runs it: an actor with effects that are done, here recorded, and a clock. */
const startLive = (input: RaftInput) => {
  const effects: Effect[] = [];
  const expired: string[] = [];
  const record = (type: Effect['type']) => (_: unknown, params: unknown) => {
    effects.push({ type, params } as Effect);
  };
  const clock = new ManualClock();
  const machine = raftMachine.provide({
    actions: {
      persist: record('persist'),
      send: record('send'),
      replicate: record('replicate'),
      apply: record('apply'),
      accept: record('accept'),
      reject: record('reject'),
      acceptRequest: record('acceptRequest'),
      rejectRequest: record('rejectRequest'),
      sendChunk: record('sendChunk'),
      storeChunk: record('storeChunk'),
      installSnapshot: record('installSnapshot'),
      compact: record('compact'),
      confirmRead: record('confirmRead'),
      rejectRead: record('rejectRead'),
      report: record('report'),
    } satisfies Record<EffectName, ReturnType<typeof record>>,
  });
  const inspect = (inspected: InspectionEvent) => {
    if (inspected.type === '@xstate.event' && inspected.event.type.startsWith('xstate.after.')) {
      expired.push(inspected.event.type);
    }
  };
  const actor = createActor(machine, { input, clock: clock as never, inspect });
  actor.start();
  return { actor, clock, take: () => effects.splice(0), takeExpired: () => expired.splice(0) };
};

/** Pure stepping beside it, with its own idea of when timers expire. */
class PureNode {
  readonly #stepper = createStepper();
  readonly #due = new Map<string, { readonly atMs: number; readonly order: number }>();
  #order = 0;
  nowMs = 0;
  step: Step;

  constructor(input: RaftInput) {
    this.step = this.#take(this.#stepper.initial(input));
  }

  send(event: Parameters<ReturnType<typeof createStepper>['step']>[1]): void {
    this.step = this.#take(this.#stepper.step(this.step.snapshot, event));
  }

  get pending(): number {
    return this.#due.size;
  }

  expireNext(): string {
    const [first] = [...this.#due].sort(([, x], [, y]) => x.atMs - y.atMs || x.order - y.order);
    const [type, { atMs }] = first!;
    this.#due.delete(type);
    this.nowMs = atMs;
    this.send({ type: type as TimerEvent['type'] });
    return type;
  }

  #take(step: Step): Step {
    for (const { change, id } of step.timers) {
      if (change === 'stop') this.#due.delete(id);
      else {
        const atMs = this.nowMs + delayMsOf(id, step.snapshot.context);
        this.#due.set(id, { atMs, order: ++this.#order });
      }
    }
    return step;
  }
}

describe('live actor and pure stepping', () => {
  const visits = new Map<string, number>();

  it.each([1, 2, 3, 5, 7].flatMap((size) => seeds.map((seed) => ({ size, seed }))))(
    `give the same states, contexts, effects and timers over ${inputsPerRun} random inputs: $size voters, seed $seed`,
    ({ size, seed }) => {
      const input: RaftInput = { id: 1, voters: votersOf(size), seed };
      const live = startLive(input);
      const pure = new PureNode(input);
      const inputs = new RandomInputs(seed, size);

      for (let at = 0; at <= inputsPerRun; at++) {
        const liveSnapshot = live.actor.getSnapshot();
        const pureSnapshot = pure.step.snapshot;
        const liveEffects = live.take();
        const same =
          isDeepStrictEqual(liveSnapshot.value, pureSnapshot.value) &&
          isDeepStrictEqual(liveSnapshot.context, pureSnapshot.context) &&
          isDeepStrictEqual(liveEffects, pure.step.effects) &&
          live.clock.pending === pure.pending;
        if (!same) {
          expect({ at, value: liveSnapshot.value, effects: liveEffects }).toEqual({
            at,
            value: pureSnapshot.value,
            effects: pure.step.effects,
          });
          expect(liveSnapshot.context).toEqual(pureSnapshot.context);
          expect(live.clock.pending).toBe(pure.pending);
        }
        const role = roleOf(pureSnapshot);
        const place = `${size}: ${role}`;
        visits.set(place, (visits.get(place) ?? 0) + 1);

        inputs.note(liveEffects);
        const event = inputs.next(pureSnapshot.context, role);
        if (event === null) {
          live.clock.expireNext();
          expect(live.takeExpired()).toEqual([pure.expireNext()]);
          expect(live.clock.nowMs).toBe(pure.nowMs);
        } else {
          if (event.type === 'Received') expect(messageFault(event.message)).toBeNull();
          live.actor.send(event);
          pure.send(event);
        }
      }
      expect(live.actor.getSnapshot().status).toBe('active');
    },
  );

  it('were compared in every role, in every size of cluster', () => {
    for (const size of [2, 3, 5, 7]) {
      for (const role of ['follower', 'preCandidate', 'candidate', 'leader']) {
        expect(visits.get(`${size}: ${role}`) ?? 0, `${size} voters, ${role}`).toBeGreaterThan(60);
      }
    }
    // A single node passes through pre-candidate and candidate within one step.
    for (const role of ['follower', 'leader']) expect(visits.get(`1: ${role}`) ?? 0).toBeGreaterThan(60);
  });
});
