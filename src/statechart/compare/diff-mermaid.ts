import { type TextMark, toMermaid } from '../draw/mermaid.ts';
import type { View } from '../draw/view.ts';
import { type StateModel, statesBelow } from '../read/model.ts';
import type { Change, ChartDiff } from './diff.ts';
import { usesOf } from './diff-picture.ts';
import { signs } from './diff-scene.ts';
import { unionChart } from './union-chart.ts';

/**
 * A view of the new chart in the language of Mermaid, with what is gone still in it: `+` added, `−` removed, `~` changed. A state whose
 * inside is not drawn has changed if anything in it has. Throws `NoSuchView`.
 */
export const diffToMermaid = (diff: ChartDiff, view: View): string => {
  const { chart, changes } = unionChart(diff);
  const all = new Map<string, Change>([
    ...usesOf(diff).map(({ id }) => [id, 'changed'] as const),
    ...changes,
  ]);
  const hidesInside = view.kind === 'overview' || view.kind === 'outline';
  const marks = new Map<string, Change>(all);
  for (const state of statesBelow(chart.root)) {
    const isClosed = hidesInside && state.parent === chart.root.id;
    if (isClosed && !all.has(state.id) && changesInside(state, all)) marks.set(state.id, 'changed');
  }
  return toMermaid(chart, view, (id) => {
    const change = marks.get(id);
    return change === undefined ? undefined : markOf[change];
  });
};

const changesInside = (state: StateModel, all: ReadonlyMap<string, Change>): boolean =>
  statesBelow(state).some(({ id }) => id !== state.id && all.has(id));

const markOf: Readonly<Record<Change, TextMark>> = {
  added: { sign: signs.added, paint: 'added' },
  removed: { sign: signs.removed, paint: 'removed' },
  changed: { sign: signs.changed, paint: 'changed' },
};
