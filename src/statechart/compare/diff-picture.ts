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
  const told = new Map<string, { readonly change: Change; readonly words: string }>();
  const wordsOf = fieldWords(diff);
  for (const [id, change] of changes) told.set(id, { change, words: wordsOf.get(id) ?? change });
  for (const { id, words } of usesOf(diff)) if (!told.has(id)) told.set(id, { change: 'changed', words });
  const markOf = (ids: readonly string[]): PartMark | undefined => {
    const own = ids.flatMap((id) => told.get(id) ?? []);
    if (own.length === 0) return undefined;
    // An arrow that some transitions still take, or took before, is neither new nor gone.
    const kinds = new Set(ids.map((id) => told.get(id)?.change));
    const change = kinds.size === 1 ? own[0]!.change : 'changed';
    const words = own.map((each) => each.words).join('\n');
    return { sign: signs[change], paint: change, opacity: 0.18, words, isStruck: change === 'removed' };
  };
  const title = `${diff.after.id}: what changed`;
  return { ...marked(scene, markOf, changeKey(diff, Math.max(scene.width - 48, 420))), title };
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
export const usesOf = ({ sources, after }: ChartDiff) =>
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
