import type { TransitionModel } from '../read/model.ts';
import { isOwnEvent } from '../read/xstate-internals.ts';
import { placeOf } from './enumeration.ts';
import type { Claim, Evidence } from './grounds.ts';
import { InStep } from './in-step.ts';
import type { Item, Outcome, Pair, Universe } from './universe.ts';

/** Why something in the universe cannot be walked. Each kind is proved: by the chart's form, or by an enumeration. */
export type ExclusionKind =
  /** An earlier branch takes every such event: it has no guard. By form. */
  | 'shadowed'
  /** An earlier branch evaluated the same guard, and it was false. By form. */
  | 'sameGuardEarlier'
  /** The timer belongs to a state that is not active here. By form. */
  | 'timerNotArmed'
  /** The chart never rests in this state: an eventless transition without a guard leads out of it at once. By form. */
  | 'passedThrough'
  /** The event never gets here: what comes before it takes all of them. Claimed, and proved by an enumeration. */
  | 'gated'
  /** The guard is never evaluated, or nothing that would show its answer can be walked. By the exclusions of the items. */
  | 'neverAnswered'
  /** One of the two cannot be walked. By the exclusions of the items. */
  | 'endExcluded'
  /** The first raises an event, so that no event from outside comes next. By form. */
  | 'raisesFirst'
  /** Events of this type come only when a branch raises them, and the first raises none. By form. */
  | 'notRaised'
  /** The second would have to follow within the same step, and never does. By an enumeration. */
  | 'neverInStep';

export interface Exclusion {
  /** The id of an item, an outcome or a pair. */
  readonly id: string;
  readonly kind: ExclusionKind;
  readonly reason: string;
}

export interface Exclusions {
  readonly items: ReadonlyMap<string, Exclusion>;
  readonly outcomes: ReadonlyMap<string, Exclusion>;
  readonly pairs: ReadonlyMap<string, Exclusion>;
  /** Claims that name nothing in the chart, and whatever an enumeration refutes. Each is one line. */
  readonly problems: readonly string[];
}

/** What is known of a chart beyond its form. */
export interface Grounds {
  /** Events that come from outside; all others but timers are raised by the chart itself. Undefined: any event may come. */
  readonly inputs?: ReadonlySet<string>;
  /** Events that any action may raise when it runs: the form of the chart does not show which. */
  readonly notices?: ReadonlySet<string>;
  readonly claims: readonly Claim[];
  readonly evidence: Evidence | null;
}

export const noGrounds: Grounds = { claims: [], evidence: null };

/** Everything that cannot be walked, with the reasons, each of them proved. */
export const exclusionsOf = (universe: Universe, grounds: Grounds = noGrounds): Exclusions => {
  const passedThrough = passedThroughOf(universe);
  const items = new Map<string, Exclusion>();
  for (const item of universe.items) {
    const found = byForm(item) ?? byPassing(item, passedThrough) ?? byClaim(item, grounds);
    if (found !== null) items.set(item.id, found);
  }
  const outcomes = new Map<string, Exclusion>();
  for (const outcome of universe.outcomes) {
    const found = excludedOutcome(outcome, items);
    if (found !== null) outcomes.set(outcome.id, found);
  }
  const pairs = new Map<string, Exclusion>();
  const { evidence, notices } = grounds;
  const inStep = evidence === null ? null : new InStep(universe, evidence, notices ?? new Set());
  for (const pair of universe.pairs) {
    const found = excludedPair(pair, items, grounds, inStep);
    if (found !== null) pairs.set(pair.id, found);
  }
  const problems = [...problemsOf(universe, grounds), ...refuted(evidence, items, pairs)];
  return { items, outcomes, pairs, problems };
};

/** States that an eventless transition without a guard always leads out of. */
const passedThroughOf = ({ items }: Universe): ReadonlyMap<string, TransitionModel> =>
  new Map(
    items.flatMap(({ state, event, transition }) =>
      event === '' && transition !== null && transition.guard === null && transition.targets.length > 0
        ? [[state, transition] as const]
        : [],
    ),
  );

const byPassing = (
  { id, state, event }: Item,
  passedThrough: ReadonlyMap<string, TransitionModel>,
): Exclusion | null => {
  const out = passedThrough.get(state);
  if (out === undefined || event === '') return null;
  return { id, kind: 'passedThrough', reason: `${out.id} leads out of it before any event` };
};

const byForm = ({ id, event, transition, earlier, isArmed }: Item): Exclusion | null => {
  if (!isArmed)
    return { id, kind: 'timerNotArmed', reason: 'the timer belongs to a state that is not active' };
  const taker = earlier.find(({ guard }) => guard === null);
  if (taker !== undefined) {
    return { id, kind: 'shadowed', reason: `${taker.id} takes every ${event || 'step'} before it` };
  }
  const question = transition?.question ?? null;
  const asked = earlier.find((each) => question !== null && each.question === question);
  if (asked === undefined) return null;
  return { id, kind: 'sameGuardEarlier', reason: `${asked.id} asked ${asked.guard} first, and it was false` };
};

const byClaim = (item: Item, { claims, evidence }: Grounds): Exclusion | null => {
  const claim = claims.find(
    ({ state, event, branch }) =>
      state === item.state && event === item.event && (branch ?? item.transition?.id) === item.transition?.id,
  );
  if (claim === undefined || evidence === null || refutation(claim, evidence) !== null) return null;
  return { id: item.id, kind: 'gated', reason: `${claim.reason}; ${enumerated(evidence)}` };
};

const enumerated = ({ extent }: Evidence): string => `enumerated: ${extent}`;

/** Why a claim cannot be believed; null: the enumeration proves it. */
const refutation = ({ state, event, branch, isRaised = false }: Claim, evidence: Evidence): string | null => {
  const place = placeOf(state, event);
  const taken = [...evidence.taken].find((id) =>
    branch === undefined ? id.startsWith(`${place} · `) : id === `${place} · ${branch}`,
  );
  if (taken !== undefined) return `${taken} was taken`;
  if (!isRaised && !evidence.given.has(place)) return 'no such event was ever given';
  return evidence.isComplete ? null : `the enumeration is not complete: ${evidence.extent}`;
};

/** What the form of the chart excludes but the enumeration reached all the same: then the form was misread. */
const refuted = (
  evidence: Evidence | null,
  items: ReadonlyMap<string, Exclusion>,
  pairs: ReadonlyMap<string, Exclusion>,
): readonly string[] =>
  evidence === null
    ? []
    : [
        ...[...items.values()].filter(({ id }) => evidence.taken.has(id)),
        ...[...pairs.values()].filter(({ id }) => evidence.pairs.has(id)),
      ].map(({ id, kind }) => `excluded (${kind}), but enumerated: ${id}`);

const problemsOf = (universe: Universe, { claims, evidence }: Grounds): readonly string[] =>
  claims.flatMap((claim) => {
    const place = placeOf(claim.state, claim.event);
    if (!universe.items.some(({ state, event }) => state === claim.state && event === claim.event)) {
      return [`claimed as gated, but not in the chart: ${place}`];
    }
    const refuted = evidence === null ? 'nothing was enumerated' : refutation(claim, evidence);
    return refuted === null ? [] : [`claimed as gated, but ${refuted}: ${place}`];
  });

const excludedOutcome = (
  { id, shownBy }: Outcome,
  items: ReadonlyMap<string, Exclusion>,
): Exclusion | null =>
  shownBy.every((item) => items.has(item.id))
    ? {
        id,
        kind: 'neverAnswered',
        reason: shownBy.map((item) => items.get(item.id)!.reason)[0] ?? 'nothing shows it',
      }
    : null;

const excludedPair = (
  pair: Pair,
  items: ReadonlyMap<string, Exclusion>,
  { inputs, notices, evidence }: Grounds,
  inStep: InStep | null,
): Exclusion | null => {
  const { id, first, second } = pair;
  const end = items.get(first.id) ?? items.get(second.id);
  if (end !== undefined) return { id, kind: 'endExcluded', reason: `${end.id}: ${end.reason}` };
  const isRaised = inputs !== undefined && !isFromOutside(second, inputs);
  const raises = doesRaise(first.transition!);
  const isNoticed = notices?.has(second.event) ?? false;
  if (second.event !== '') {
    if (raises && inputs !== undefined && !isRaised) {
      return { id, kind: 'raisesFirst', reason: 'what the first raises comes before anything from outside' };
    }
    if (!raises && isRaised && !isNoticed) {
      return { id, kind: 'notRaised', reason: `${second.event} comes only when a branch raises it` };
    }
  }
  if (evidence === null || inStep === null || !inStep.excludes(pair, raises)) return null;
  return { id, kind: 'neverInStep', reason: `the second never comes next; ${enumerated(evidence)}` };
};

const isFromOutside = ({ event, transition }: Item, inputs: ReadonlySet<string>): boolean =>
  inputs.has(event) || isOwnEvent(event) || transition?.kind === 'always';

const doesRaise = ({ actions }: TransitionModel): boolean => actions.some(({ raises }) => raises !== null);
