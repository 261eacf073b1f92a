import { join } from 'node:path';
import type { ChartModel } from '../../diagram/model.ts';
import { overview } from '../../diagram/overview.ts';
import { type Shade, shaded } from '../../diagram/shading.ts';
import { noLinks } from '../../diagram/state-box.ts';
import { statePage } from '../../diagram/state-page.ts';
import { toSvg } from '../../diagram/svg.ts';
import { emit } from '../diagram/diagram-command.ts';

/** Draws the overview and a page for each role into a folder, light and dark, shaded by what was walked. */
export const writeShadedDiagrams = async (
  folder: string,
  chart: ChartModel,
  shades: ReadonlyMap<string, Shade>,
): Promise<void> => {
  const scenes = [
    ['overview', await overview(chart, noLinks, { isSeparate: true })] as const,
    ...chart.root.states.map((state) => [`role-${state.key}`, statePage(chart, state, noLinks)] as const),
  ];
  for (const [name, scene] of scenes) {
    for (const theme of ['light', 'dark'] as const) {
      emit(toSvg(shaded(scene, shades), theme), join(folder, `${name}.${theme}.svg`));
    }
  }
};
