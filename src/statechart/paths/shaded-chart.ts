import type { Assessment, Share } from '../coverage/assessment.ts';
import { full } from '../draw/full.ts';
import type { Theme } from '../draw/palette.ts';
import { placeRuns, type Scene } from '../draw/scene.ts';
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

/** Rounded down, so that 100 % means everything. */
const shareWords = ({ walked, reachable }: Share): string =>
  reachable === 0 ? 'none' : `${Math.floor((100 * walked) / reachable)} % (${walked} of ${reachable})`;

const withLine = (scene: Scene, text: string): Scene => {
  const items = placeRuns([{ text, face: 'strong', paint: 'ink', size: 12 }], 24, scene.height + 8);
  const right = Math.max(...items.map((item) => ('width' in item && 'x' in item ? item.x + item.width : 0)));
  return {
    ...scene,
    width: Math.max(scene.width, right + 24),
    height: scene.height + 20,
    items: [...scene.items, ...items],
  };
};
