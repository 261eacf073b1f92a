import { signal } from '@preact/signals';
import type { StateModel } from '../../statechart/read/model.ts';
import type { PageChart } from '../data/page-data.ts';

/** A mark on the chart: one actor, and the states it is in, those around others first. */
export interface Token {
  /** `2`; for a link `2→3`. */
  readonly label: string;
  readonly states: readonly StateModel[];
}

/** Knows actors that run: nodes of a live cluster, actors of inspected programs. */
export interface Source {
  readonly tokensOn: (chart: PageChart) => readonly Token[];
  /** By the id of a transition: labels of those that have just taken it. */
  readonly takenOn: (chart: PageChart) => ReadonlyMap<string, readonly string[]>;
}

const sources = signal<readonly Source[]>([]);

/** From now on the charts show the actors of this source too. */
export const addSource = (source: Source): void => {
  sources.value = [...sources.peek(), source];
};

export const tokensOn = (chart: PageChart): readonly Token[] =>
  sources.value.flatMap(({ tokensOn }) => tokensOn(chart));

export const takenOn = (chart: PageChart): ReadonlyMap<string, readonly string[]> => {
  const taken = new Map<string, readonly string[]>();
  for (const source of sources.value)
    for (const [id, labels] of source.takenOn(chart)) taken.set(id, [...(taken.get(id) ?? []), ...labels]);
  return taken;
};
