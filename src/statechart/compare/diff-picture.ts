import { marked, type PartMark } from '../draw/marked.ts';
import type { Scene } from '../draw/scene.ts';
import { noLinks } from '../draw/state-box.ts';
import { layoutView, type View } from '../draw/view.ts';
import { plainRules, type RuleStyle } from '../read/rule-style.ts';
import type { ChartDiff } from './diff.ts';
import { changeKey, signs } from './diff-scene.ts';
import { partChanges } from './part-changes.ts';
import { unionChart } from './union-chart.ts';

/** A view of the new chart, with what is gone still in it: each part that changed has a sign and a colour. Rejects with `NoSuchView`, `PackageMissing`. */
export const diffPicture = async (
  diff: ChartDiff,
  view: View,
  rules: RuleStyle = plainRules,
): Promise<Scene> => {
  const union = unionChart(diff);
  const parts = partChanges(diff, union);
  const scene = await layoutView(union.chart, view, noLinks, rules);
  const markOf = (ids: readonly string[]): PartMark | undefined => {
    const own = ids.flatMap((id) => parts.get(id) ?? []);
    if (own.length === 0) return undefined;
    // An arrow that some transitions still take, or took before, is neither new nor gone.
    const kinds = new Set(ids.map((id) => parts.get(id)?.change));
    const change = kinds.size === 1 ? own[0]!.change : 'changed';
    const words = own.map((each) => each.words).join('\n');
    return { sign: signs[change], paint: change, opacity: 0.18, words, isStruck: change === 'removed' };
  };
  const title = `${diff.after.id}: what changed`;
  return { ...marked(scene, markOf, changeKey(diff, Math.max(scene.width - 48, 420))), title };
};
