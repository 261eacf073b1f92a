import type { ChartModel } from '../read/model.ts';
import { plainRules, type RuleStyle } from '../read/rule-style.ts';
import { NoSuchView, topStateNamed } from '../read/top-state.ts';
import { full } from './full.ts';
import { gate } from './gate.ts';
import { outline } from './outline.ts';
import { overview } from './overview.ts';
import type { Scene } from './scene.ts';
import type { Links } from './state-box.ts';
import { statePage } from './state-page.ts';

/** Views that are boxes and arrows; `state` is one state just below the root, by its key. */
export type BoxView =
  | { readonly kind: 'outline' }
  | { readonly kind: 'overview' }
  | { readonly kind: 'full' }
  | { readonly kind: 'state'; readonly name: string };

export type View = BoxView | { readonly kind: 'gate' };

/** Lays a chart out. The coordinates are the answer: `toSvg` colours them, a viewer may draw them itself. */
export const layoutView = async (
  chart: ChartModel,
  view: View,
  links: Links,
  rules: RuleStyle = plainRules,
): Promise<Scene> => {
  switch (view.kind) {
    case 'overview':
      return overview(chart, links, { rules });
    case 'outline':
      return outline(chart);
    case 'full':
      return full(chart, links);
    case 'gate': {
      const scene = gate(chart, links);
      if (scene === null) throw new NoSuchView(`${chart.id} has no gate: its root decides nothing by guards`);
      return scene;
    }
    case 'state':
      return statePage(chart, topStateNamed(chart, view.name), links);
  }
};
