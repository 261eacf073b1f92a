import { isMatch } from '../../read/event-match.ts';
import type { ActionModel, ChartModel, TransitionModel } from '../../read/model.ts';
import {
  actionPlaces,
  actorOf,
  doneBy,
  eventTypeOf,
  invokesOf,
  isToParent,
  mayChangeContext,
  raisedBy,
  stringIn,
} from '../actions.ts';
import { cyclesOf } from '../cycles.ts';
import { Facts } from '../facts.ts';
import type { Problem, Rule } from '../finding.ts';
import { branchText } from '../words.ts';

export const unhandledEvent: Rule = {
  name: 'unhandled-event',
  severity: 'warning',
  description: 'An event that the chart raises, or sends to an actor or from one, and that nobody handles.',
  check: (facts) => [...raisedInVain(facts), ...sentInVain(facts), ...toldInVain(facts)],
};

const isHandled = ({ transitions }: Facts, type: string): boolean =>
  transitions.some(({ eventType }) => eventType !== '' && isMatch(eventType, type));

const raisedInVain = (facts: Facts): readonly Problem[] =>
  actionPlaces(facts).flatMap(({ action, state, transition }) => {
    const raised = raisedBy(facts.chart, action);
    if (raised === null || isHandled(facts, raised.type)) return [];
    return [
      {
        state,
        ...(transition === null ? {} : { transition }),
        message: `State ${facts.name(state)} raises ${raised.type} (${action.name}), and no state handles that. Handle it, or do not raise it.`,
      },
    ];
  });

/** Events to invoked machines. */
const sentInVain = (facts: Facts): readonly Problem[] => {
  const charts = childCharts(facts);
  return actionPlaces(facts).flatMap(({ action, state, transition }) => {
    const done = doneBy(facts.chart, action);
    const to = done?.kind === 'sendTo' ? stringIn(done.parts.to) : null;
    const type = done === null ? null : eventTypeOf(done.parts.event);
    const child = to === null ? undefined : charts.get(to);
    if (child === undefined || type === null || isHandled(new Facts(child), type)) return [];
    return [
      {
        state,
        ...(transition === null ? {} : { transition }),
        message: `State ${facts.name(state)} sends ${type} to ${to}, and the machine ${child.id} handles no such event. Handle it there, or do not send it.`,
      },
    ];
  });
};

/** Machines by the ids of the actors that run them; none for an id that is given to several. */
const childCharts = (facts: Facts): ReadonlyMap<string, ChartModel> => {
  const byId = Map.groupBy(invokesOf(facts.states), ({ invoke }) => invoke.id);
  return new Map(
    [...byId].flatMap(([id, all]) => {
      const actor = all.length === 1 ? actorOf(facts.chart, all[0]!.invoke) : null;
      return actor?.kind === 'machine' && actor.chart !== null ? [[id, actor.chart]] : [];
    }),
  );
};

/** Events that invoked machines send to this one. */
const toldInVain = (facts: Facts): readonly Problem[] =>
  invokesOf(facts.states).flatMap(({ state, invoke }) => {
    const actor = actorOf(facts.chart, invoke);
    if (actor?.kind !== 'machine' || actor.chart === null) return [];
    const { chart } = actor;
    const types = actionPlaces(new Facts(chart)).flatMap(({ action }) => {
      const done = doneBy(chart, action);
      const type = done !== null && isToParent(done) ? eventTypeOf(done.parts.event) : null;
      return type === null || isHandled(facts, type) ? [] : [type];
    });
    return [...new Set(types)].map((type) => ({
      state: state.id,
      message: `The machine ${chart.id}, which ${facts.name(state.id)} invokes, sends ${type} to its parent, and no state handles that here. Handle it, or do not send it.`,
    }));
  });

/** A transition together with what it raises at once. */
interface Raising {
  readonly transition: TransitionModel;
  readonly types: readonly string[];
  /** Ids of states that are active when it is done. */
  readonly active: ReadonlySet<string>;
}

export const regionsRaiseInCircles: Rule = {
  name: 'regions-raise-in-circles',
  severity: 'error',
  description:
    'Regions of a parallel state that raise events to one another in a circle, so that the machine hangs.',
  check: (facts) =>
    circlesOf(facts)
      .filter(({ isAcross }) => isAcross)
      .map(({ problem }) => problem),
};

export const raiseLoop: Rule = {
  name: 'raise-loop',
  severity: 'error',
  description: 'Transitions that raise the events which they are taken on, so that the machine hangs.',
  check: (facts) =>
    circlesOf(facts)
      .filter(({ isAcross }) => !isAcross)
      .map(({ problem }) => problem),
};

const circlesOf = (facts: Facts): readonly { readonly isAcross: boolean; readonly problem: Problem }[] => {
  const raisings = facts.transitions
    .filter((each) => each.kind === 'event' && facts.canBeTaken(each))
    .map((each) => raisingOf(facts, each))
    .filter(({ types }) => types.length > 0);
  const next = (from: Raising) =>
    raisings.filter(
      ({ transition }) =>
        from.types.some((type) => isMatch(transition.eventType, type)) &&
        mayFollow(facts, from, transition.source),
    );
  return cyclesOf(raisings, next)
    .filter((cycle) => isLasting(facts, cycle))
    .flatMap((cycle) => {
      const isGuarded = cycle.some(({ transition }) => facts.formula(transition) !== true);
      // Guards that look at what the circle changes end it some time.
      if (isGuarded && cycle.some(({ transition }) => changesContext(facts, transition))) return [];
      const isAcross = cycle.some(({ transition }) =>
        areApart(facts, transition.source, cycle[0]!.transition.source),
      );
      return [{ isAcross, problem: circleAt(facts, cycle, isGuarded) }];
    });
};

const circleAt = (facts: Facts, cycle: readonly Raising[], isGuarded: boolean): Problem => {
  const [first] = cycle;
  const texts = cycle.map(
    ({ transition, types }) => `${branchText(facts, transition)} raises ${types.join(' and ')}`,
  );
  return {
    state: first!.transition.source,
    transition: first!.transition.id,
    message: `${texts.join(', ')}, and so on for ever: ${isGuarded ? 'while the guards hold, ' : ''}the machine hangs. Raise it with a delay, or end the circle in one of them.`,
    ...(isGuarded ? { severity: 'warning' as const } : {}),
  };
};

const raisingOf = (facts: Facts, transition: TransitionModel): Raising => {
  const source = facts.state(transition.source);
  const after = transition.targets.flatMap((target) => facts.activeAfter(target));
  const entered = after.filter(({ id }) => transition.targets.includes(id) || !facts.isWithin(source.id, id));
  const actions: readonly ActionModel[] = [
    ...(facts.leaves(transition) ? source.exit : []),
    ...transition.actions,
    ...entered.flatMap(({ entry }) => entry),
  ];
  const types = actions.flatMap((action) => {
    const raised = raisedBy(facts.chart, action);
    return raised === null || raised.isDelayed ? [] : [raised.type];
  });
  const active =
    transition.targets.length === 0 || !facts.leaves(transition)
      ? [...facts.around(source), ...after]
      : after;
  return { transition, types: [...new Set(types)], active: new Set(active.map(({ id }) => id)) };
};

/** Whether two states are in different regions of one parallel state. */
const areApart = (facts: Facts, one: string, other: string): boolean => {
  if (facts.isWithin(one, other) || facts.isWithin(other, one)) return false;
  return facts.around(facts.state(one)).find(({ id }) => facts.isWithin(other, id))!.type === 'parallel';
};

const mayFollow = (facts: Facts, { active, transition }: Raising, source: string): boolean =>
  active.has(source) || areApart(facts, transition.source, source);

/** Whether each region is, after a turn, where the next turn needs it. */
const isLasting = (facts: Facts, cycle: readonly Raising[]): boolean =>
  cycle.every((step, at) => {
    const rest = [...cycle.slice(at + 1), ...cycle.slice(0, at + 1)];
    const nextHere = rest.find(
      ({ transition }) => !areApart(facts, transition.source, step.transition.source),
    )!;
    return step.active.has(nextHere.transition.source);
  });

const changesContext = ({ chart }: Facts, { actions }: TransitionModel): boolean =>
  actions.some((action) => raisedBy(chart, action) === null && mayChangeContext(chart, action));
