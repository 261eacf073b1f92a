import { type AnyActor, type AnyStateMachine, createActor } from 'xstate';
import { canonicalText } from '../paths/canonical-text.ts';
import type { EventMap } from '../paths/samples.ts';
import { isMatch } from '../read/event-match.ts';
import { transitionsOf } from '../read/model.ts';
import { stateNameOf } from '../read/state-name.ts';
import { walk } from '../read/walk.ts';
import { actorEventOf, comesByItself, withActors } from '../read/xstate-internals.ts';
import type { ModelTestOptions } from './model-test-options.ts';
import { tellOf, toldActor } from './told-actor.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A machine that runs, and its time. */
export interface RunningMachine {
  readonly actor: AnyActor;
  readonly clock: VirtualClock;
}

/**
 * The machine itself as the system under test: an actor that runs on a clock of its own, with actors that do only what a test says in
 * place of those that it invokes. Tests without another system show at least that the machine still does as the paths say.
 */
export const runningMachine = (
  machine: AnyStateMachine,
  { events = {}, inputs }: { readonly events?: EventMap; readonly inputs?: readonly unknown[] } = {},
): ModelTestOptions<RunningMachine> => {
  const taken = transitionsOf(walk(machine)).map(({ eventType }) => eventType);
  const types = taken
    .map((type) => type.replace(/(^|\.)\*$/, '$1other'))
    .filter((type) => type !== '' && !comesByItself(type));
  const given = Object.entries(events)
    // Those of its actors may be among them.
    .filter(([type]) => taken.some((each) => isMatch(each, type)))
    .map(([type, samples]) => {
      const isList = Array.isArray(samples) || typeof samples === 'function';
      return [type, { ...(isList ? { samples } : samples), run: send }] as const;
    });
  const still = withActors(machine, toldActor);
  return {
    events: { ...Object.fromEntries(types.map((type) => [type, send])), ...Object.fromEntries(given) },
    ...(inputs === undefined ? {} : { inputs }),
    setup: (input) => {
      const clock = new VirtualClock();
      const actor = createActor(still, { clock, input, logger: () => {} } as never);
      // What it throws shows in its snapshot.
      actor.subscribe({ error: () => {} });
      return { actor: actor.start(), clock };
    },
    teardown: ({ actor }) => actor.stop(),
    advance: ({ clock }, ms) => clock.advance(ms),
    assertions: {
      '*': ({ actor }, expected) => {
        const snapshot = actor.getSnapshot();
        if (snapshot.status === 'error') throw snapshot.error;
        const [is, should] = [stateNameOf(snapshot), stateNameOf(expected)];
        if (is !== should) throw new Error(`expected the actor in ${should}, got ${is}`);
        const [has, must] = [canonicalText(snapshot.context), canonicalText(expected.context)];
        if (has !== must) throw new Error(`expected the context ${must}, got ${has}`);
      },
    },
  };
};

/** To the machine; what an actor of it does, the actor is told to do. */
const send = ({ actor }: RunningMachine, event: { readonly type: string }): void => {
  const about = actorEventOf(event.type);
  const child = about === null ? undefined : actor.getSnapshot().children?.[about.actor];
  if (about === null || child === undefined) actor.send(event);
  else child.send(tellOf(about.kind, event));
};
