import { type TextMark, toMermaid } from '../draw/mermaid.ts';
import type { View } from '../draw/view.ts';
import { type StateModel, statesBelow } from '../read/model.ts';
import type { Change, ChartDiff } from './diff.ts';
import { signs } from './diff-scene.ts';
import { type PartChange, partChanges } from './part-changes.ts';
import { unionChart } from './union-chart.ts';

/**
 * A view of the new chart in the language of Mermaid, with what is gone still in it: `+` added, `−` removed, `~` changed. A state whose
 * inside is not drawn has changed if anything in it has. Throws `NoSuchView`.
 */
export const diffToMermaid = (diff: ChartDiff, view: View): string => {
  const union = unionChart(diff);
  const { chart } = union;
  const parts = partChanges(diff, union);
  const hidesInside = view.kind === 'overview' || view.kind === 'outline';
  const hidden = new Set(
    hidesInside ? chart.root.states.filter((state) => changesInside(state, parts)).map(({ id }) => id) : [],
  );
  return toMermaid(chart, view, (id) => {
    const change = parts.get(id)?.change ?? (hidden.has(id) ? 'changed' : undefined);
    return change && markOf[change];
  });
};

const changesInside = (state: StateModel, parts: ReadonlyMap<string, PartChange>): boolean =>
  statesBelow(state).some(({ id }) => id !== state.id && parts.has(id));

const markOf: Readonly<Record<Change, TextMark>> = {
  added: { sign: signs.added, paint: 'added' },
  removed: { sign: signs.removed, paint: 'removed' },
  changed: { sign: signs.changed, paint: 'changed' },
};
