import type { Shade } from '../draw/shading.ts';
import type { TransitionModel } from '../read/model.ts';
import { topOf } from '../read/state-name.ts';
import type { Exclusion, Exclusions } from './exclusions.ts';
import type { Item, Universe } from './universe.ts';
import type { Walked } from './walked.ts';

/** How much of one kind was walked. */
export interface Share {
  readonly walked: number;
  /** Everything that can be walked. */
  readonly reachable: number;
  /** Cannot be walked, for a reason that was checked. */
  readonly excluded: number;
}

/** One line of the table. */
export interface Row {
  /** A state just below the root, or `total`; of a chart whose root is parallel, the root. */
  readonly name: string;
  readonly transitions: Share;
  readonly guards: Share;
  readonly pairs: Share;
}

/** What was walked, compared with what there is. */
export interface Assessment {
  readonly rows: readonly Row[];
  /** Reachable and never walked, by their ids. */
  readonly unwalked: {
    readonly transitions: readonly string[];
    readonly guards: readonly string[];
    readonly pairs: readonly string[];
  };
  readonly exclusions: {
    readonly transitions: readonly Exclusion[];
    readonly guards: readonly Exclusion[];
    readonly pairs: readonly Exclusion[];
  };
  /** What is wrong with the exclusions, or with the record. Each is one line. */
  readonly problems: readonly string[];
  /** For each transition of the chart, by its id, what to show. */
  readonly shades: ReadonlyMap<string, Shade>;
}

interface Part {
  readonly id: string;
  readonly top: string;
  readonly isWalked: boolean;
  readonly exclusion: Exclusion | null;
}

export const assess = (universe: Universe, exclusions: Exclusions, walked: Walked): Assessment => {
  const part = (id: string, state: string, isWalked: boolean, of: ReadonlyMap<string, Exclusion>): Part => ({
    id,
    top: topOf(state),
    isWalked,
    exclusion: of.get(id) ?? null,
  });
  const transitions = universe.items.map((item) =>
    part(item.id, item.state, walked.items.has(item.id), exclusions.items),
  );
  const guards = universe.outcomes.map(({ id, item, shownBy }) =>
    part(
      id,
      item.state,
      shownBy.some((each) => walked.items.has(each.id)),
      exclusions.outcomes,
    ),
  );
  const pairs = universe.pairs.map(({ id, first }) =>
    part(id, first.state, walked.pairs.has(id), exclusions.pairs),
  );
  const tops = [...new Set(transitions.map(({ top }) => top))];
  const rowOf = (name: string, isOf: (part: Part) => boolean): Row => ({
    name,
    transitions: shareOf(transitions.filter(isOf)),
    guards: shareOf(guards.filter(isOf)),
    pairs: shareOf(pairs.filter(isOf)),
  });
  const all = [...transitions, ...guards, ...pairs];
  return {
    rows: [
      ...tops.map((name) => rowOf(name || universe.chart.root.key, ({ top }) => top === name)),
      rowOf('total', () => true),
    ],
    unwalked: {
      transitions: transitions.filter(isMissing).map(({ id }) => id),
      guards: guards.filter(isMissing).map(({ id }) => id),
      pairs: pairs.filter(isMissing).map(({ id }) => id),
    },
    exclusions: {
      transitions: [...exclusions.items.values()],
      guards: [...exclusions.outcomes.values()],
      pairs: [...exclusions.pairs.values()],
    },
    problems: [
      ...exclusions.problems,
      ...all
        .filter(({ isWalked, exclusion }) => isWalked && exclusion !== null)
        .map(({ id, exclusion }) => `excluded (${exclusion!.kind}), but walked: ${id}`),
      ...[...walked.unknown].map((id) => `walked, but not in this chart: ${id}`),
    ],
    shades: shadesOf(universe, exclusions, walked),
  };
};

/** Whether every transition, and every answer of a guard, that can be walked was walked. */
export const isWhole = ({ problems, unwalked: { transitions, guards } }: Assessment): boolean =>
  problems.length === 0 && transitions.length === 0 && guards.length === 0;

const isMissing = ({ isWalked, exclusion }: Part): boolean => !isWalked && exclusion === null;

const shareOf = (parts: readonly Part[]): Share => ({
  walked: parts.filter(({ isWalked, exclusion }) => isWalked && exclusion === null).length,
  reachable: parts.filter(({ exclusion }) => exclusion === null).length,
  excluded: parts.filter(({ exclusion }) => exclusion !== null).length,
});

const shadesOf = (universe: Universe, exclusions: Exclusions, walked: Walked): ReadonlyMap<string, Shade> => {
  const itemsOf = new Map<TransitionModel, Item[]>();
  for (const item of universe.items) {
    if (item.transition === null) continue;
    itemsOf.set(item.transition, [...(itemsOf.get(item.transition) ?? []), item]);
  }
  return new Map(
    [...itemsOf].map(([transition, items]): readonly [string, Shade] => {
      const reachable = items.filter(({ id }) => !exclusions.items.has(id));
      const taken = reachable.filter(({ id }) => walked.items.has(id)).length;
      const refusals = universe.outcomes.filter(
        ({ id, item, answer }) => !answer && item.transition === transition && !exclusions.outcomes.has(id),
      );
      const refused = refusals.filter(({ shownBy }) => shownBy.some(({ id }) => walked.items.has(id))).length;
      const isGuarded = refusals.length > 0;
      return [transition.id, shadeOf({ reachable: reachable.length, taken, refused, isGuarded })];
    }),
  );
};

const shadeOf = (seen: {
  readonly reachable: number;
  readonly taken: number;
  readonly refused: number;
  readonly isGuarded: boolean;
}): Shade => {
  const { reachable, taken, refused, isGuarded } = seen;
  if (reachable === 0) return { kind: 'excluded', words: 'cannot be taken' };
  const where = reachable === 1 ? '' : ` in ${taken} of ${reachable} states`;
  if (taken === 0) {
    if (refused > 0) return { kind: 'oneWay', words: 'its guard was never true' };
    return { kind: 'never', words: 'never walked' };
  }
  if (isGuarded && refused === 0)
    return { kind: 'oneWay', words: `taken${where}; its guard was never false` };
  return { kind: 'both', words: `taken${where}` };
};
