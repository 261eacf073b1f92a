import { full } from './full.ts';
import { gate } from './gate.ts';
import type { ChartModel } from './model.ts';
import { overview } from './overview.ts';
import type { Scene } from './scene.ts';
import type { Links } from './state-box.ts';
import { statePage } from './state-page.ts';

export type View =
  | { readonly kind: 'overview' | 'full' | 'gate' }
  | { readonly kind: 'role'; readonly name: string };

/** Lays a chart out. The coordinates are the answer: `toSvg` colours them, a viewer may draw them itself. */
export const layoutView = async (chart: ChartModel, view: View, links: Links): Promise<Scene> => {
  switch (view.kind) {
    case 'overview':
      return overview(chart, links);
    case 'full':
      return full(chart, links);
    case 'gate': {
      const scene = gate(chart, links);
      if (scene === null) throw new NoSuchView(`${chart.id} has no gate: its root decides nothing by guards`);
      return scene;
    }
    case 'role': {
      const state = chart.root.states.find(({ key }) => key === view.name);
      if (state === undefined) {
        const names = chart.root.states.map(({ key }) => key).join(', ');
        throw new NoSuchView(`${chart.id} has no role ${view.name}; it has: ${names}`);
      }
      return statePage(chart, state, links);
    }
  }
};

/** A view that the chart does not have: a person's mistake. */
export class NoSuchView extends Error {
  override readonly name = 'NoSuchView';
}
