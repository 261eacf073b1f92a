import { computed, signal } from '@preact/signals';
import { statesBelow, transitionsOf } from '../../statechart/read/model.ts';
import { holderText, stateText, transitionText } from '../../statechart/read/notation.ts';
import type { PageChart } from '../data/page-data.ts';
import { charts } from '../state/place.ts';

export const query = signal('');
export const searchInput: { current: HTMLInputElement | null } = { current: null };

/** Something that can be found: a state or a transition. */
export interface Hit {
  readonly chart: string;
  readonly id: string;
  readonly title: string;
  readonly where: string;
  readonly note: string;
}

interface Entry extends Hit {
  /** Names: what stands here counts more than what stands in sentences. */
  readonly names: string;
  readonly text: string;
}

const maxHits = 40;

const entries = computed<readonly Entry[]>(() => charts.value.flatMap(entriesOf));

/** All words must be there; those found in names come first. */
export const hits = computed<readonly Hit[]>(() => {
  const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const found = entries.value.filter(({ text }) => words.every((word) => text.includes(word)));
  const weight = ({ names }: Entry) => words.filter((word) => names.includes(word)).length;
  return found.toSorted((a, b) => weight(b) - weight(a)).slice(0, maxHits);
});

const entriesOf = ({ name, chart }: PageChart): readonly Entry[] => [
  ...statesBelow(chart.root).map((state) => {
    const title = holderText(chart, state.id);
    const actions = [...state.entry, ...state.exit].map((action) => action.name).join(' ');
    return entry(
      { chart: name, id: state.id, title, where: `${name} · state`, note: state.description ?? '' },
      [title, actions],
      [state.rule],
    );
  }),
  ...transitionsOf(chart).map((transition) => {
    const { source, guard, trigger, actions, description, rule } = transition;
    return entry(
      {
        chart: name,
        id: transition.id,
        title: transitionText(chart, transition),
        where: `${name} · ${source === chart.root.id ? 'any state' : stateText(chart, source)}`,
        note: description ?? '',
      },
      [guard, trigger, ...actions.map((action) => action.name)],
      [rule],
    );
  }),
];

const entry = (hit: Hit, names: readonly (string | null)[], more: readonly (string | null)[]): Entry => {
  const named = names.join(' ').toLowerCase();
  return {
    ...hit,
    names: named,
    text: [named, hit.title, hit.where, hit.note, ...more].join(' ').toLowerCase(),
  };
};
