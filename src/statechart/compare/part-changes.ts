import type { Change, ChartDiff, FieldChange } from './diff.ts';
import { sourceTitle } from './source-text.ts';
import type { UnionChart } from './union-chart.ts';

/** What became of a state or a transition, and how: fields that differ, or a rule that reads differently. */
export interface PartChange {
  readonly change: Change;
  readonly words: string;
}

/** The states and transitions that a picture of both charts marks, by their ids in it. */
export const partChanges = (
  diff: ChartDiff,
  { changes }: Pick<UnionChart, 'changes'>,
): ReadonlyMap<string, PartChange> => {
  const fields = fieldsOf(diff);
  return new Map([
    ...ruleUses(diff).map(({ id, words }) => [id, { change: 'changed', words }] as const),
    // A part that changed itself is told by that.
    ...[...changes].map(
      ([id, change]) =>
        [id, { change, words: change === 'changed' ? fieldsText(fields.get(id)!) : change }] as const,
    ),
  ]);
};

/** What differs in each part that both charts have. */
const fieldsOf = ({ states, transitions }: ChartDiff): ReadonlyMap<string, readonly FieldChange[]> =>
  new Map([
    ...states.flatMap(({ change, id, fields }) => (change === 'changed' ? [[id, fields] as const] : [])),
    ...transitions.flatMap(({ change, after, fields }) =>
      change === 'changed' ? [[after!.id, fields] as const] : [],
    ),
  ]);

const fieldsText = (fields: readonly FieldChange[]): string =>
  fields.map(({ field, before, after }) => `${field}: ${before ?? 'none'} → ${after ?? 'none'}`).join('\n');

/** Where the new chart uses a definition that is new or reads differently. What is gone has users in the old chart only. */
const ruleUses = ({
  sources,
  after,
}: ChartDiff): readonly { readonly id: string; readonly words: string }[] =>
  sources
    .filter(({ change }) => change !== 'removed')
    .flatMap((source) =>
      source.users.flatMap(({ uses }) =>
        uses.map(({ state, transition, part }) => ({
          id: transition?.id ?? state,
          words: `${part}: ${sourceTitle(source, after)} ${source.change}`,
        })),
      ),
    );
