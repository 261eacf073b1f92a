import { expect, it } from 'vitest';
import { type AnyStateMachine, createActor } from 'xstate';
import { lint } from '../../../src/statechart/lint/lint.ts';
import { VirtualClock } from '../../../src/statechart/model-test/virtual-clock.ts';
import { statesNamedBy, transitionsOf } from '../../../src/statechart/read/model.ts';
import { transitionIdOf, walk } from '../../../src/statechart/read/walk.ts';
import { transitionsOfMicrostep } from '../../../src/statechart/read/xstate-internals.ts';
import { randomFrom } from '../../random-from.ts';
import { eventTypes, randomMachine } from './random-machine.ts';

interface Walked {
  readonly transitions: Set<string>;
  readonly states: Set<string>;
  /** Of the states after each step. */
  readonly steps: (readonly string[])[];
  hasHung: boolean;
}

/** Gives the machine random events, answers and time, and notes all that it does. */
const walked = (
  machine: AnyStateMachine,
  random: () => number,
  answers: { g: boolean; h: boolean },
): Walked => {
  const { root } = walk(machine);
  const seen: Walked = { transitions: new Set(), states: new Set([root.id]), steps: [], hasHung: false };
  const note = (value: unknown) => {
    const active = statesNamedBy(root, value).map(({ id }) => id);
    for (const id of active) seen.states.add(id);
    return active;
  };
  // XState's own SimulatedClock starts a flush over, one call deeper, with every timer that is set during it.
  const clock = new VirtualClock();
  const actor = createActor(machine, {
    clock,
    inspect: (event) => {
      if (event.type !== '@xstate.microstep') return;
      for (const each of transitionsOfMicrostep(event))
        if (each.eventType !== null) seen.transitions.add(transitionIdOf(each));
      note((event.snapshot as unknown as { readonly value: unknown }).value);
    },
  });
  actor.subscribe({
    error: () => {
      seen.hasHung = true;
    },
  });
  actor.start();
  for (let step = 0; step < 40 && actor.getSnapshot().status === 'active'; step++) {
    seen.steps.push(note(actor.getSnapshot().value));
    answers.g = random() < 0.5;
    answers.h = random() < 0.5;
    if (random() < 0.3) clock.advance(random() < 0.5 ? 10 : 60);
    else actor.send({ type: eventTypes[Math.floor(random() * eventTypes.length)]! });
  }
  if (!seen.hasHung) seen.steps.push(note(actor.getSnapshot().value));
  actor.stop();
  return seen;
};

const count = Number(process.env.MACHINES ?? 100);
const from = Number(process.env.SEED ?? 1);

// A machine that raises events in circles makes XState walk thousands of steps: a few seeds take seconds, and the bound grows with them.
it(
  `what is called impossible never happens in ${count} random machines that XState runs`,
  () => {
    const found = { impossible: 0, taken: 0, loops: 0, deadEnds: 0 };
    for (let seed = from; seed < from + count; seed++) {
      const random = randomFrom(seed);
      const answers = { g: true, h: true };
      const machine = randomMachine(random, answers);
      const chart = walk(machine);
      const findings = lint(chart);
      const of = (rule: string) => findings.filter((finding) => finding.rule === rule);
      const never = [...of('transition-never-fires'), ...of('late-timer')];
      const unreachable = of('unreachable-state').map(({ state }) => state!);
      const loops = of('always-loop').filter(({ severity }) => severity === 'error');
      const hasOneId = new Set(transitionsOf(chart).map(({ id }) => id)).size === transitionsOf(chart).length;
      expect(hasOneId, `seed ${seed}`).toBe(true);
      found.impossible += never.length + unreachable.length;
      found.loops += loops.length;
      found.deadEnds += of('dead-end').length;
      for (let run = 0; run < 6; run++) {
        const seen = walked(machine, random, answers);
        found.taken += seen.transitions.size;
        const why = `seed ${seed}, run ${run}`;
        expect(
          never.filter(({ transition }) => seen.transitions.has(transition!)),
          why,
        ).toEqual([]);
        expect(
          unreachable.filter((id) => seen.states.has(id)),
          why,
        ).toEqual([]);
        if (!seen.hasHung)
          expect(
            loops.filter(({ state }) => seen.states.has(state!)),
            why,
          ).toEqual([]);
        for (const { state } of of('dead-end')) {
          const first = seen.steps.findIndex((active) => active.includes(state!));
          if (first >= 0)
            expect(
              seen.steps.slice(first).every((active) => active.includes(state!)),
              why,
            ).toBe(true);
        }
      }
    }
    // They are not silent either.
    expect(found.impossible).toBeGreaterThan(count / 2);
    expect(found.deadEnds).toBeGreaterThan(0);
  },
  600 * count,
);
