import type { AnyStateMachine } from 'xstate';
import { toScxml } from '../export/scxml.ts';
import { toStately } from '../export/stately.ts';
import { plainRules, type RuleStyle } from '../read/rule-style.ts';
import { walk } from '../read/walk.ts';
import { toDot } from './dot.ts';
import { toMermaid } from './mermaid.ts';
import type { Theme } from './palette.ts';
import type { Links } from './state-box.ts';
import { toSvg } from './svg.ts';
import { layoutView, type View } from './view.ts';

/** `json` is the model of the chart, `layout` what is drawn of a view, with its coordinates. */
export const formats = ['mermaid', 'svg', 'dot', 'scxml', 'stately', 'json', 'layout'] as const;

export type Format = (typeof formats)[number];

/** A machine in a format. SCXML, Stately JSON and JSON hold the whole chart, whatever the view. */
export const render = async (
  machine: AnyStateMachine,
  format: Format,
  view: View,
  theme: Theme,
  links: Links,
  rules: RuleStyle = plainRules,
): Promise<string> => {
  const chart = walk(machine);
  switch (format) {
    case 'mermaid':
      return toMermaid(chart, view);
    case 'svg':
      return toSvg(await layoutView(chart, view, links, rules), theme);
    case 'dot':
      return toDot(chart, view, theme, rules);
    case 'scxml':
      return toScxml(chart);
    case 'stately':
      return toStately(machine);
    case 'json':
      return `${JSON.stringify(chart, null, 2)}\n`;
    case 'layout':
      return `${JSON.stringify(await layoutView(chart, view, links, rules))}\n`;
  }
};
