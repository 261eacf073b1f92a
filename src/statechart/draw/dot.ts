import type { ChartModel, TransitionModel } from '../read/model.ts';
import { guardText, stateText, targetText, transitionText, triggerText, typeText } from '../read/notation.ts';
import { plainRules, type RuleStyle } from '../read/rule-style.ts';
import { NoSuchView } from '../read/top-state.ts';
import { gateSteps } from './gate.ts';
import { palettes, type Theme } from './palette.ts';
import { type SketchBox, sketch } from './sketch.ts';
import { escapeXml } from './svg.ts';
import type { BoxView, View } from './view.ts';

/** A view in the language of Graphviz: `dot -Tsvg` draws it without this project. */
export const toDot = (chart: ChartModel, view: View, theme: Theme, rules: RuleStyle = plainRules): string => {
  const colours = palettes[theme];
  const lines = view.kind === 'gate' ? gateLines(chart, theme) : boxLines(chart, view, { theme, rules });
  return `${[
    `digraph ${quote(chart.id)} {`,
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
  const { boxes, arrows } = sketch(chart, view);
  const shown = boxes.filter(
    ({ state, rules }) => state.id !== chart.root.id || rules.length > 0 || view.kind === 'state',
  );
  const known = new Set(shown.flatMap(idsOf));
  const write = (box: SketchBox): readonly string[] => {
    const node = `${quote(box.state.id)} [label=<${tableOf(chart, box, look)}>];`;
    if (box.children.length === 0) return [node];
    return [
      `subgraph ${quote(`cluster ${box.state.id}`)} {`,
      `  label=${quote(box.state.key)};`,
      `  ${node}`,
      ...box.children.flatMap(write).map((line) => `  ${line}`),
      '}',
    ];
  };
  return [
    ...shown.flatMap(write),
    ...arrows
      .filter(({ from, to }) => known.has(from) && known.has(to))
      .map(({ from, to, transitions }) => {
        const text = transitions.map((transition) =>
          [
            triggerText(transition),
            guardText(transition),
            transition.rule === null ? '' : `\n${transition.rule}`,
          ]
            .filter((part) => part !== '')
            .join(' '),
        );
        const style = transitions.every(({ kind }) => kind === 'after') ? ', style=dashed' : '';
        return `${quote(from)} -> ${quote(to)} [label=${quote(text.join('\n'))}${style}];`;
      }),
  ];
};

const idsOf = ({ state, children }: SketchBox): readonly string[] => [state.id, ...children.flatMap(idsOf)];

const tableOf = (chart: ChartModel, { state, rules }: SketchBox, look: Look): string => {
  const colours = palettes[look.theme];
  const title = state.id === chart.root.id ? `any state of ${state.key}` : state.key;
  const kind = typeText(state) === '' ? '' : ` (${typeText(state)})`;
  const entry = state.entry.map(({ name }) => `entry / ${name}`);
  const exit = state.exit.map(({ name }) => `exit / ${name}`);
  const rows = [
    `<TR><TD COLSPAN="5" ALIGN="LEFT" BGCOLOR="${colours.heading}"><B>${escapeXml(title)}</B>${kind}</TD></TR>`,
    ...[state.description ?? '', ...entry, ...exit]
      .filter((line) => line !== '')
      .map((line) => `<TR><TD COLSPAN="5" ALIGN="LEFT">${escapeXml(line)}</TD></TR>`),
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
  const tip = escapeXml(transition.description ?? transitionText(chart, transition));
  return `<TR>${cells.map((cell) => `<TD ALIGN="LEFT" TOOLTIP="${tip}" HREF="#">${escapeXml(cell)}</TD>`).join('')}</TR>`.replace(
    / HREF="#"/g,
    '',
  );
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
        `${asks} [shape=box, style="rounded", margin=0.12, label=${quote(`in ${where}\n${guardText(transition)}`)}];`,
        `${answers} [shape=box, style=filled, fillcolor="${panel}", margin=0.12, label=${quote(answer.filter(Boolean).join('\n'))}];`,
        `${at === 0 ? `g${gate}` : `g${gate}q${at - 1}`} -> ${asks}${at === 0 ? '' : ' [label=" no"]'};`,
        `{ rank=same; ${asks} -> ${answers}${transition.guard === null ? '' : ' [label=" yes "]'}; }`,
      ];
    }),
  ]);
};

const quote = (text: string): string =>
  `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
