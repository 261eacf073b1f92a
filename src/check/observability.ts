import { DemandedTexts } from './demanded-texts.ts';
import type { Value } from './operation.ts';
import type { Step } from './steps.ts';

/**
 * What a key holds in one configuration: a value, or some value that nobody will ever tell from another such value.
 * All of those are one state, so that writes which are never read cost nothing.
 */
export type State = Value | typeof unobservable;
export const unobservable = Symbol('unobservable');

/** Until when it matters which value a key holds. */
export interface Observability {
  /** The position after which no step demands this value, nor (with appends) one that starts with it. */
  lastUseOf(value: Value): number;
  /** The position after which appending `suffix` can no longer lead to a value that is demanded. */
  lastUseOfSuffix(suffix: string): number;
  /** The position after which nothing is left that any value but one meets: a failed cas, or a delete that found something. */
  readonly lastUseOfOthers: number;
  /** True if nothing replaces a value whatever it is: there are no writes and no deletes. */
  readonly isNeverOverwritten: boolean;
}

export const observabilityOf = (steps: readonly Step[]): Observability => {
  const hasAppends = steps.some(({ effect }) => effect.kind === 'append');
  const demands = demandsIn(steps);
  const lastUseOfOthers = lastUseOfOthersIn(steps);
  const isNeverOverwritten = steps.every(({ effect }) => effect.kind !== 'set' && effect.kind !== 'remove');
  followOpenSwaps(steps, demands, hasAppends ? Number.POSITIVE_INFINITY : 0);
  if (!hasAppends) {
    return {
      lastUseOf: (value) => demands.get(value) ?? 0,
      lastUseOfSuffix: () => 0,
      lastUseOfOthers,
      isNeverOverwritten,
    };
  }
  const texts = new DemandedTexts(demands);
  return {
    lastUseOf: (value) =>
      typeof value === 'string' || value === null
        ? texts.lastUseOfPrefix(value ?? '')
        : (demands.get(value) ?? 0),
    lastUseOfSuffix: (suffix) => texts.lastUseOfPart(suffix),
    lastUseOfOthers,
    isNeverOverwritten,
  };
};

const demandsIn = (steps: readonly Step[]): Map<Value, number> => {
  const demands = new Map<Value, number>();
  for (const { effect, returnsAt } of steps) {
    const demanded = demandOf(effect);
    // An open swap (returnsAt Infinity) is followed below: it matters only as long as what it leads to.
    if (demanded === undefined || (effect.kind === 'swap' && returnsAt === Number.POSITIVE_INFINITY))
      continue;
    demands.set(demanded, Math.max(demands.get(demanded) ?? 0, returnsAt));
  }
  return demands;
};

const demandOf = (effect: Step['effect']): Value | undefined => {
  if (effect.kind === 'swap') return effect.from;
  // While a delete is to come that found something, null must be told from all else.
  if (effect.kind === 'remove') return null;
  return effect.kind === 'is' || effect.kind === 'isNot' ? effect.value : undefined;
};

/**
 * An open swap from a to b makes a matter for as long as b does; forever (`least`) if b may be appended to, since then
 * it is not b alone that matters.
 */
const followOpenSwaps = (steps: readonly Step[], demands: Map<Value, number>, least: number): void => {
  const swaps = steps.flatMap(({ effect, returnsAt }) =>
    effect.kind === 'swap' && returnsAt === Number.POSITIVE_INFINITY ? [effect] : [],
  );
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const { from, to } of swaps) {
      const lastUse = Math.max(demands.get(to) ?? 0, least);
      if (lastUse <= (demands.get(from) ?? 0)) continue;
      demands.set(from, lastUse);
      isChanged = true;
    }
  }
};

const lastUseOfOthersIn = (steps: readonly Step[]): number =>
  steps.reduce(
    (last, { effect, returnsAt }) =>
      effect.kind === 'isNot' || effect.kind === 'remove' ? Math.max(last, returnsAt) : last,
    0,
  );
