import { escapeXml } from '../export/xml-text.ts';
import type { ChartModel, TransitionModel } from '../read/model.ts';
import {
  guardText,
  ownLines,
  stateText,
  targetText,
  transitionText,
  triggerText,
  typeText,
} from '../read/notation.ts';
import { plainRules, type RuleStyle } from '../read/rule-style.ts';
import { NoSuchView } from '../read/top-state.ts';
import { gateSteps } from './gate.ts';
import { palettes, type Theme } from './palette.ts';
import { isolated, readable, readableLines } from './readable.ts';
import { type SketchBox, shownBoxes, sketch } from './sketch.ts';
import type { BoxView, View } from './view.ts';

/** A view in the language of Graphviz: `dot -Tsvg` draws it without this project. */
export const toDot = (chart: ChartModel, view: View, theme: Theme, rules: RuleStyle = plainRules): string => {
  const colours = palettes[theme];
  const lines = view.kind === 'gate' ? gateLines(chart, theme) : boxLines(chart, view, { theme, rules });
  return `${[
    `digraph ${quoteId(chart.id)} {`,
    `  graph [rankdir=TB, compound=true, nodesep=0.5, ranksep=0.6, bgcolor="${colours.paper}", color="${colours.line}", fontname="Helvetica", fontcolor="${colours.ink}"];`,
    `  node [shape=plain, fontname="Helvetica", fontsize=10, color="${colours.line}", fontcolor="${colours.ink}"];`,
    `  edge [fontname="Helvetica", fontsize=9, color="${colours.move}", fontcolor="${colours.ink}"];`,
    ...lines.map((line) => `  ${line}`),
    '}',
  ].join('\n')}\n`;
};

interface Look {
  readonly theme: Theme;
  readonly rules: RuleStyle;
}

const boxLines = (chart: ChartModel, view: BoxView, look: Look): readonly string[] => {
  const drawn = sketch(chart, view);
  const shown = shownBoxes(chart, drawn, view);
  const known = new Set(shown.flatMap(idsOf));
  const names = new Map<string, string>();
  // Two ids may differ in a sign alone that cannot be written.
  const nameOf = (id: string): string => {
    const name = names.get(id) ?? unlike(quoteId(id), new Set(names.values()));
    names.set(id, name);
    return name;
  };
  const start = (around: string, starts: readonly string[]): readonly string[] =>
    starts
      .filter((id) => known.has(id))
      .flatMap((id, at) => {
        const dot = quoteId(`start ${at} ${around}`);
        return [
          `${dot} [shape=circle, style=filled, fillcolor="${palettes[look.theme].move}", label="", width=0.12];`,
          `${dot} -> ${nameOf(id)};`,
        ];
      });
  const write = (box: SketchBox): readonly string[] => {
    const node = `${nameOf(box.state.id)} [label=<${tableOf(chart, box, look)}>];`;
    if (box.children.length === 0) return [node];
    return [
      `subgraph ${quoteId(`cluster ${nameOf(box.state.id)}`)} {`,
      `  label=${quote(box.state.key)};`,
      `  ${node}`,
      ...box.children.flatMap(write).map((line) => `  ${line}`),
      ...start(nameOf(box.state.id), box.state.initial).map((line) => `  ${line}`),
      '}',
    ];
  };
  return [
    ...shown.flatMap(write),
    ...start(chart.id, drawn.initial),
    ...drawn.arrows
      .filter(({ from, to }) => known.has(from) && known.has(to))
      .map(({ from, to, transitions }) => {
        const text = transitions.flatMap((transition) => [
          [triggerText(transition), guardText(transition)].filter((part) => part !== '').join(' '),
          ...(transition.rule === null ? [] : [transition.rule]),
        ]);
        const style = transitions.every(({ kind }) => kind === 'after') ? ', style=dashed' : '';
        return `${nameOf(from)} -> ${nameOf(to)} [label=${quote(...text)}${style}];`;
      }),
  ];
};

/** The name, or with a number behind it where it is taken. */
const unlike = (name: string, taken: ReadonlySet<string>): string => {
  let other = name;
  for (let count = 2; taken.has(other); count++) other = name.replace(/"$/, ` (${count})"`);
  return other;
};

const idsOf = ({ state, children }: SketchBox): readonly string[] => [state.id, ...children.flatMap(idsOf)];

const tableOf = (chart: ChartModel, { state, rules }: SketchBox, look: Look): string => {
  const colours = palettes[look.theme];
  const title =
    state.id === chart.root.id && state.states.length > 0 ? `any state of ${state.key}` : state.key;
  const kind = typeText(state) === '' ? '' : ` (${typeText(state)})`;
  const rows = [
    `<TR><TD COLSPAN="5" ALIGN="LEFT" BGCOLOR="${colours.heading}"><B>${cell(title)}</B>${kind}</TD></TR>`,
    ...[...readableLines(state.description ?? ''), ...ownLines(chart, state)]
      .filter((line) => line !== '')
      .map((line) => `<TR><TD COLSPAN="5" ALIGN="LEFT">${cell(line)}</TD></TR>`),
    ...rules.map((rule) => rowOf(chart, rule, look.rules)),
  ];
  return `<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3" BGCOLOR="${colours.panel}">${rows.join('')}</TABLE>`;
};

const rowOf = (chart: ChartModel, transition: TransitionModel, rules: RuleStyle): string => {
  const cells = [
    triggerText(transition),
    guardText(transition),
    transition.actions.map(({ name }) => name).join(', '),
    targetText(chart, transition),
    transition.rule === null ? '' : rules.shorten(transition.rule),
  ];
  const tip = escapeXml(readable(transition.description ?? transitionText(chart, transition)));
  return `<TR>${cells.map((text) => `<TD ALIGN="LEFT" TOOLTIP="${tip}">${cell(text)}</TD>`).join('')}</TR>`;
};

const gateLines = (chart: ChartModel, theme: Theme): readonly string[] => {
  const gates = [...gateSteps(chart)];
  if (gates.length === 0) throw new NoSuchView(`${chart.id} has no gate: its root decides nothing by guards`);
  const { panel } = palettes[theme];
  return gates.flatMap(([event, steps], gate) => [
    `g${gate} [shape=box, style="rounded", margin=0.15, label=${quote(event)}];`,
    ...steps.flatMap(({ states, transition }, at) => {
      const [asks, answers] = [`g${gate}q${at}`, `g${gate}a${at}`];
      const where = states
        .map((id) => (id === chart.root.id ? 'any state' : stateText(chart, id)))
        .join(' or ');
      const does = transition.actions.map(({ name }) => name).join(', ');
      const answer = [
        `${does} ${targetText(chart, transition)}`.trim(),
        transition.description,
        transition.rule,
      ];
      return [
        `${asks} [shape=box, style="rounded", margin=0.12, label=${quote(`in ${where}`, guardText(transition))}];`,
        `${answers} [shape=box, style=filled, fillcolor="${panel}", margin=0.12, label=${quote(...answer.filter((line) => line !== null && line !== ''))}];`,
        `${at === 0 ? `g${gate}` : `g${gate}q${at - 1}`} -> ${asks}${at === 0 ? '' : ' [label=" no"]'};`,
        `{ rank=same; ${asks} -> ${answers}${transition.guard === null ? '' : ' [label=" yes "]'}; }`,
      ];
    }),
  ]);
};

/** A text in a table, where Graphviz reads entities and tags. */
const cell = (text: string): string => escapeXml(isolated(readable(text)));

/** Lines of a label, where Graphviz reads entities and escapes. */
const quote = (...lines: readonly (string | null)[]): string =>
  `"${lines
    .map((line) =>
      isolated(readable(line ?? ''))
        .replace(/&/g, '&amp;')
        .replace(/\\/g, '\\\\')
        .replace(/"/g, '\\"'),
    )
    .join('\\n')}"`;

/** The name of a node, which nobody reads. A backslash at its end would escape the quote. */
const quoteId = (id: string): string => `"${readable(id).replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
