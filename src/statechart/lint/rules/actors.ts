import { isMatch } from '../../read/event-match.ts';
import type { InvokeModel, StateModel } from '../../read/model.ts';
import { actorEndType, isOwnEvent } from '../../read/xstate-internals.ts';
import { actionPlaces, actorOf, doneBy, invokesOf, stringIn } from '../actions.ts';
import { Facts } from '../facts.ts';
import type { Problem, Rule } from '../finding.ts';
import { sourcesIn } from '../uses.ts';
import { branchText } from '../words.ts';

export const invokeWithoutOnError: Rule = {
  name: 'invoke-without-onerror',
  severity: 'warning',
  description: 'An actor whose failure nobody handles, so that it stops the machine with an error.',
  check: (facts) =>
    invokesOf(facts.states)
      .filter(({ state, invoke }) => facts.canBeEntered(state) && mayFail(facts, invoke))
      .filter(({ state, invoke }) => !isHandledAt(facts, state, actorEndType('error', invoke.id)))
      .map(({ state, invoke }) => ({
        state: state.id,
        message: `State ${facts.name(state.id)} invokes ${invoke.source} without onError: when it fails, the whole machine stops with that error. Add onError to the invoke, or handle xstate.error.actor.* in a state around it.`,
      })),
};

/** Whether failing is an ordinary end for the actor, as it is for a promise, and for what somebody expects to be done. */
const mayFail = (facts: Facts, invoke: InvokeModel): boolean => {
  const actor = actorOf(facts.chart, invoke);
  if (actor?.kind === 'machine') return false;
  return (
    actor?.kind === 'promise' ||
    facts.transitions.some(({ eventType }) => eventType === actorEndType('done', invoke.id))
  );
};

const isHandledAt = (facts: Facts, state: StateModel, type: string): boolean =>
  // Other regions are asked as well.
  facts
    .around(state)
    .flatMap((each) =>
      each.type === 'parallel' ? facts.states.filter(({ id }) => facts.isWithin(id, each.id)) : [each],
    )
    .some(({ transitions }) =>
      transitions.some(({ eventType }) => eventType !== '' && isMatch(eventType, type)),
    );

export const neverDone: Rule = {
  name: 'never-done',
  severity: 'warning',
  description: 'onDone of an invoked machine that never reaches a final state.',
  check: (facts) =>
    invokesOf(facts.states).flatMap(({ state, invoke }): readonly Problem[] => {
      const actor = actorOf(facts.chart, invoke);
      if (actor?.kind !== 'machine' || actor.chart === null) return [];
      const waiting = facts.transitions.find(
        ({ eventType }) => eventType === actorEndType('done', invoke.id),
      );
      if (waiting === undefined || new Facts(actor.chart).canBeDone(actor.chart.root)) return [];
      return [
        {
          state: state.id,
          transition: waiting.id,
          message: `${branchText(facts, waiting)} waits for the machine ${actor.id} to be done, and that has no final state that can be reached. Give it one, or remove onDone.`,
        },
      ];
    }),
};

export const duplicateInvokeId: Rule = {
  name: 'duplicate-invoke-id',
  severity: 'error',
  description:
    'Two actors with the same id that run at the same time, of which the second takes the place of the first.',
  check: (facts) =>
    [...Map.groupBy(invokesOf(facts.states), ({ invoke }) => invoke.id)].flatMap(([id, all]) => {
      const pair = all
        .flatMap((one, at) => all.slice(at + 1).map((other) => [one.state, other.state] as const))
        .find(([one, other]) => areTogether(facts, one, other));
      if (pair === undefined) return [];
      const [one, other] = pair.map((state) => facts.name(state.id));
      return [
        {
          state: pair[1].id,
          message: `${one === other ? `State ${one} invokes two actors` : `States ${one} and ${other} each invoke an actor`} with the id ${id} while both are active: events to ${id} reach only the later one. Give each an id of its own.`,
        },
      ];
    }),
};

/** Whether two states can be active at once. */
const areTogether = (facts: Facts, one: StateModel, other: StateModel): boolean => {
  if (facts.isWithin(one.id, other.id) || facts.isWithin(other.id, one.id)) return true;
  return facts.around(one).find(({ id }) => facts.isWithin(other.id, id))!.type === 'parallel';
};

export const unknownActor: Rule = {
  name: 'unknown-actor',
  severity: 'warning',
  description: 'An event to an actor by an id that no invoke and no spawn gives.',
  check: (facts) => {
    const places = actionPlaces(facts);
    const spawned = places.flatMap(({ action }) => {
      const done = doneBy(facts.chart, action);
      return done?.kind === 'spawnChild' ? [done.parts.id] : [];
    });
    const isOpen =
      spawned.some((id) => id !== undefined && stringIn(id) === null) ||
      sourcesIn(facts.chart).some((source) => /\bspawn(?:Child)?\b/.test(source));
    if (isOpen) return [];
    const known = new Set([
      ...invokesOf(facts.states).map(({ invoke }) => invoke.id),
      ...spawned.flatMap((id) => stringIn(id) ?? []),
    ]);
    return places.flatMap(({ action, state, transition }): readonly Problem[] => {
      const done = doneBy(facts.chart, action);
      if (done?.kind !== 'sendTo') return [];
      const to = stringIn(done.parts.to);
      if (to === null || to.startsWith('#_') || known.has(to)) return [];
      return [
        {
          state,
          ...(transition === null ? {} : { transition }),
          message: `State ${facts.name(state)} sends to the actor ${to}, and nothing is invoked or spawned with that id: XState throws. Name one of ${known.size === 0 ? 'those that are invoked' : [...known].join(', ')}, or invoke it.`,
        },
      ];
    });
  },
};

export const unknownSendId: Rule = {
  name: 'unknown-send-id',
  severity: 'warning',
  description: 'A cancel of an event that is never sent with that id.',
  check: (facts) => {
    const places = actionPlaces(facts);
    const actions = [
      ...places.map(({ action }) => doneBy(facts.chart, action)),
      ...Object.values(facts.chart.bound.actions).map(({ own }) => own),
    ];
    const ids = actions.flatMap((done) =>
      done?.kind === 'raise' || done?.kind === 'sendTo' ? [done.parts.id] : [],
    );
    const isOpen =
      ids.some((id) => id?.kind === 'function') ||
      sourcesIn(facts.chart).some((source) => /\b(?:enqueue|raise|sendTo)\b/.test(source));
    if (isOpen) return [];
    const known = ids.flatMap((id) => stringIn(id) ?? []);
    return places.flatMap(({ action, state, transition }): readonly Problem[] => {
      const done = doneBy(facts.chart, action);
      const id = done?.kind === 'cancel' ? stringIn(done.parts.sendId) : null;
      if (id === null || known.includes(id) || isOwnEvent(id)) return [];
      return [
        {
          state,
          ...(transition === null ? {} : { transition }),
          message: `State ${facts.name(state)} cancels ${id}, and nothing is raised or sent with that id, so this does nothing. Give the event that id where it is sent.`,
        },
      ];
    });
  },
};
