import type { ChartModel } from '../read/model.ts';
import { plainRules, type RuleStyle } from '../read/rule-style.ts';
import { toDot } from './dot.ts';
import { toMermaid } from './mermaid.ts';
import type { Theme } from './palette.ts';
import { toScxml } from './scxml.ts';
import type { Links } from './state-box.ts';
import { toSvg } from './svg.ts';
import { layoutView, type View } from './view.ts';

/** `json` is the model of the chart, `layout` what is drawn of a view, with its coordinates. */
export const formats = ['mermaid', 'svg', 'dot', 'scxml', 'stately', 'json', 'layout'] as const;

export type Format = (typeof formats)[number];

/** A machine as everything that is drawn knows it: what `walk` and `toStately` make of it. */
export interface Drawable {
  readonly chart: ChartModel;
  readonly stately: string;
}

/** A machine in a format. SCXML, Stately JSON and JSON hold the whole chart, whatever the view. */
export const render = async (
  { chart, stately }: Drawable,
  format: Format,
  view: View,
  theme: Theme | 'auto',
  links: Links,
  rules: RuleStyle = plainRules,
): Promise<string> => {
  switch (format) {
    case 'mermaid':
      return toMermaid(chart, view);
    case 'svg':
      return toSvg(await layoutView(chart, view, links, rules), theme);
    case 'dot':
      // Graphviz has no colours that follow the reader's.
      return toDot(chart, view, theme === 'auto' ? 'light' : theme, rules);
    case 'scxml':
      return toScxml(chart);
    case 'stately':
      return stately;
    case 'json':
      return `${JSON.stringify(chart, null, 2)}\n`;
    case 'layout':
      return `${JSON.stringify(await layoutView(chart, view, links, rules))}\n`;
  }
};
