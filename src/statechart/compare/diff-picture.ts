import { marked, type PartMark } from '../draw/marked.ts';
import type { Scene } from '../draw/scene.ts';
import { noLinks } from '../draw/state-box.ts';
import { layoutView, type View } from '../draw/view.ts';
import { plainRules, type RuleStyle } from '../read/rule-style.ts';
import type { Change, ChartDiff, FieldChange } from './diff.ts';
import { changeKey, signs } from './diff-scene.ts';
import { sourceTitle } from './source-text.ts';
import { unionChart } from './union-chart.ts';

/** A view of the new chart, with what is gone still in it: each part that changed has a sign and a colour. Rejects with `NoSuchView`, `PackageMissing`. */
export const diffPicture = async (
  diff: ChartDiff,
  view: View,
  rules: RuleStyle = plainRules,
): Promise<Scene> => {
  const { chart, changes } = unionChart(diff);
  const scene = await layoutView(chart, view, noLinks, rules);
  const marks = new Map<string, PartMark>();
  const mark = (id: string, change: Change, words: string) => {
    if (marks.has(id)) return;
    marks.set(id, {
      sign: signs[change],
      paint: change,
      opacity: 0.18,
      words,
      isStruck: change === 'removed',
    });
  };
  const wordsOf = fieldWords(diff);
  for (const change of ['removed', 'added', 'changed'] as const) {
    for (const [id, own] of changes) if (own === change) mark(id, change, wordsOf.get(id) ?? change);
  }
  for (const { transition, state, words } of usesOf(diff)) mark(transition ?? state, 'changed', words);
  const title = `${diff.after.id}: what changed`;
  return { ...marked(scene, marks, changeKey(diff, Math.max(scene.width - 48, 420))), title };
};

/** What is told of a part that changed, by its id. */
const fieldWords = ({ states, transitions }: ChartDiff): ReadonlyMap<string, string> =>
  new Map([
    ...states.map(({ id, fields }) => [id, fieldsText(fields)] as const),
    ...transitions.flatMap(({ after, fields }) =>
      after === null ? [] : [[after.id, fieldsText(fields)] as const],
    ),
  ]);

const fieldsText = (fields: readonly FieldChange[]): string =>
  fields.map(({ field, before, after }) => `${field}: ${before ?? 'none'} → ${after ?? 'none'}`).join('\n') ||
  'added';

/** Where the chart uses a rule that reads otherwise now. */
const usesOf = ({ sources, after }: ChartDiff) =>
  sources
    .filter(({ change }) => change !== 'removed')
    .flatMap((source) =>
      source.users.flatMap(({ uses }) =>
        uses.map(({ state, transition, part }) => ({
          state,
          transition: transition?.id ?? null,
          words: `${part}: ${sourceTitle(source, after)} ${source.change}`,
        })),
      ),
    );
