import type { Assessment, Share } from '../coverage/assessment.ts';
import { percentOf } from '../coverage/coverage-text.ts';
import { full } from '../draw/full.ts';
import type { Theme } from '../draw/palette.ts';
import { placeRuns, type Run, runsWidth, type Scene } from '../draw/scene.ts';
import { shaded } from '../draw/shading.ts';
import { noLinks } from '../draw/state-box.ts';
import { toSvg } from '../draw/svg.ts';
import type { ChartModel } from '../read/model.ts';

/** The whole chart as an SVG, shaded by what was walked, with its percentages. */
export const shadedChart = async (
  chart: ChartModel,
  { shades, rows }: Pick<Assessment, 'shades' | 'rows'>,
  theme: Theme,
): Promise<string> => {
  const { transitions, guards, pairs } = rows.at(-1)!;
  const words = [
    `transitions ${shareWords(transitions)}`,
    `answers of guards ${shareWords(guards)}`,
    `pairs ${shareWords(pairs)}`,
  ];
  return toSvg(withLine(shaded(await full(chart, noLinks), shades), words.join('   ')), theme);
};

const shareWords = ({ walked, reachable }: Share): string =>
  reachable === 0 ? 'none' : `${percentOf(walked, reachable)} (${walked} of ${reachable})`;

const withLine = (scene: Scene, text: string): Scene => {
  const left = 24;
  const runs: readonly Run[] = [{ text, face: 'strong', paint: 'ink', size: 12 }];
  return {
    ...scene,
    width: Math.max(scene.width, runsWidth(runs) + 2 * left),
    height: scene.height + 20,
    items: [...scene.items, ...placeRuns(runs, left, scene.height + 8)],
  };
};
