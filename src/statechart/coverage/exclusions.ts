import type { TransitionModel } from '../read/model.ts';
import { type Claim, type Evidence, minTries } from './grounds.ts';
import type { Item, Outcome, Pair, Universe } from './universe.ts';

/** Why something in the universe cannot be walked. Each kind has a check: by the chart's form, or by what the chart did. */
export type ExclusionKind =
  /** An earlier branch takes every such event: it has no guard. By form. */
  | 'shadowed'
  /** An earlier branch asked the same guard, and it was false. By form. */
  | 'sameGuardEarlier'
  /** The timer belongs to a state that is not active here. By form. */
  | 'timerNotArmed'
  /** The event never gets here: what comes before it takes all of them. Claimed, and checked by what the chart did. */
  | 'gated'
  /** The guard is never asked, or nothing that would show its answer can be walked. By the exclusions of the items. */
  | 'neverAnswered'
  /** One of the two cannot be walked. By the exclusions of the items. */
  | 'endExcluded'
  /** The first raises an event, so that no event from outside comes next. By form. */
  | 'raisesFirst'
  /** Events of this type come only when a branch raises them, and the first raises none. By form. */
  | 'notRaised'
  /** The second would have to follow within the same step, and never does. By what the chart did. */
  | 'neverInStep';

export interface Exclusion {
  /** Of an item, an outcome or a pair. */
  readonly id: string;
  readonly kind: ExclusionKind;
  readonly reason: string;
}

export interface Exclusions {
  readonly items: ReadonlyMap<string, Exclusion>;
  readonly outcomes: ReadonlyMap<string, Exclusion>;
  readonly pairs: ReadonlyMap<string, Exclusion>;
  /** Claims that name nothing in the chart, or that the chart refutes. Each is one line. */
  readonly problems: readonly string[];
}

/** What is known of a chart besides its form. */
export interface Grounds {
  /** Events that come from outside; all others but timers are raised by the chart itself. Undefined: any event may come. */
  readonly inputs?: ReadonlySet<string>;
  readonly claims: readonly Claim[];
  readonly evidence: Evidence | null;
}

export const noGrounds: Grounds = { claims: [], evidence: null };

/** All that cannot be walked, with the reasons, each of them checked. */
export const exclusionsOf = (universe: Universe, grounds: Grounds = noGrounds): Exclusions => {
  const items = new Map<string, Exclusion>();
  for (const item of universe.items) {
    const found = byForm(item) ?? byClaim(item, grounds);
    if (found !== null) items.set(item.id, found);
  }
  const outcomes = new Map<string, Exclusion>();
  for (const outcome of universe.outcomes) {
    const found = excludedOutcome(outcome, items);
    if (found !== null) outcomes.set(outcome.id, found);
  }
  const pairs = new Map<string, Exclusion>();
  for (const pair of universe.pairs) {
    const found = excludedPair(pair, items, grounds);
    if (found !== null) pairs.set(pair.id, found);
  }
  return { items, outcomes, pairs, problems: problemsOf(universe, grounds) };
};

const byForm = ({ id, event, transition, earlier, isArmed }: Item): Exclusion | null => {
  if (!isArmed)
    return { id, kind: 'timerNotArmed', reason: 'the timer belongs to a state that is not active' };
  const taker = earlier.find(({ guard }) => guard === null);
  if (taker !== undefined) {
    return { id, kind: 'shadowed', reason: `${taker.id} takes every ${event || 'step'} before it` };
  }
  const asked = earlier.find(({ guard }) => guard === transition?.guard);
  if (transition === null || asked === undefined) return null;
  return { id, kind: 'sameGuardEarlier', reason: `${asked.id} has asked ${asked.guard} before, in vain` };
};

const byClaim = (item: Item, { claims, evidence }: Grounds): Exclusion | null => {
  const claim = claims.find(({ state, event }) => state === item.state && event === item.event);
  if (claim === undefined || evidence === null || refutation(claim, evidence) !== null) return null;
  return { id: item.id, kind: 'gated', reason: claim.reason };
};

/** Why a claim cannot be believed; null: the chart bears it out. */
const refutation = ({ state, event }: Claim, evidence: Evidence): string | null => {
  const place = `${state} · ${event}`;
  const taken = [...evidence.taken.keys()].find((id) => id.startsWith(`${place} · `));
  if (taken !== undefined) return `${taken} was taken`;
  const tries = evidence.tries.get(place) ?? 0;
  return tries < minTries ? `only ${tries} of them were tried` : null;
};

const problemsOf = (universe: Universe, { claims, evidence }: Grounds): readonly string[] =>
  claims.flatMap((claim) => {
    const place = `${claim.state} · ${claim.event}`;
    if (!universe.items.some(({ state, event }) => state === claim.state && event === claim.event)) {
      return [`claimed as gated, but not in the chart: ${place}`];
    }
    const refuted = evidence === null ? 'nothing was tried' : refutation(claim, evidence);
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
  { id, first, second }: Pair,
  items: ReadonlyMap<string, Exclusion>,
  { inputs, evidence }: Grounds,
): Exclusion | null => {
  const end = items.get(first.id) ?? items.get(second.id);
  if (end !== undefined) return { id, kind: 'endExcluded', reason: `${end.id}: ${end.reason}` };
  const isRaised = inputs !== undefined && !isFromOutside(second, inputs);
  const raises = doesRaise(first.transition!);
  if (second.event !== '') {
    if (raises && inputs !== undefined && !isRaised) {
      return { id, kind: 'raisesFirst', reason: 'what the first raises comes before anything from outside' };
    }
    if (!raises && isRaised) {
      return { id, kind: 'notRaised', reason: `${second.event} comes only when a branch raises it` };
    }
  }
  if (evidence === null) return null;
  const isWithinStep = second.event === '' || raises || !evidence.lasts.has(first.id);
  const tried = evidence.taken.get(first.id) ?? 0;
  // What was never seen at all proves nothing by not having followed.
  const isKnown = tried >= minTries && evidence.taken.has(second.id);
  if (!isWithinStep || !isKnown || evidence.pairs.has(id)) return null;
  return {
    id,
    kind: 'neverInStep',
    reason: `the first was taken ${tried} times and the second never came next`,
  };
};

const isFromOutside = ({ event, transition }: Item, inputs: ReadonlySet<string>): boolean =>
  inputs.has(event) || event.startsWith('xstate.') || transition?.kind === 'always';

const doesRaise = ({ actions }: TransitionModel): boolean => actions.some(({ raises }) => raises !== null);
