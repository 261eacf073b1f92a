import { join } from 'node:path';
import { overview } from '../../statechart/draw/overview.ts';
import { type Shade, shaded } from '../../statechart/draw/shading.ts';
import { noLinks } from '../../statechart/draw/state-box.ts';
import { statePage } from '../../statechart/draw/state-page.ts';
import { toSvg } from '../../statechart/draw/svg.ts';
import type { ChartModel } from '../../statechart/read/model.ts';
import { raftRules } from '../../verify/protocol/raft-rules.ts';
import { emit } from '../emit.ts';

/** Draws the overview and a page for each role into a folder, light and dark, shaded by what was walked. */
export const writeShadedDiagrams = async (
  folder: string,
  chart: ChartModel,
  shades: ReadonlyMap<string, Shade>,
): Promise<void> => {
  const scenes = [
    ['overview', await overview(chart, noLinks, { isSeparate: true, rules: raftRules })] as const,
    ...chart.root.states.map((state) => [`role-${state.key}`, statePage(chart, state, noLinks)] as const),
  ];
  for (const [name, scene] of scenes) {
    for (const theme of ['light', 'dark'] as const) {
      emit(toSvg(shaded(scene, shades), theme), join(folder, `${name}.${theme}.svg`));
    }
  }
};
