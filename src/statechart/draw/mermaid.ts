import {
  type ChartModel,
  type StateModel,
  stateOf,
  statesBelow,
  type TransitionModel,
} from '../read/model.ts';
import { guardText, ownLines, stateText, transitionText, triggerText, typeText } from '../read/notation.ts';
import { NoSuchView } from '../read/top-state.ts';
import { gateSteps } from './gate.ts';
import { MermaidIds, mermaidText } from './mermaid-text.ts';
import { type Paint, palettes } from './palette.ts';
import { readableLines } from './readable.ts';
import { type SketchBox, shownBoxes, sketch } from './sketch.ts';
import type { BoxView, View } from './view.ts';

/** How a part of a diagram stands out: a sign before it, and a state in a colour as well. */
export interface TextMark {
  readonly sign: string;
  readonly paint: Paint;
}

/** The marks of states and transitions, by their ids. */
export type TextMarks = (id: string) => TextMark | undefined;

const noMarks: TextMarks = () => undefined;

/** A view in the language of Mermaid, which code hosts draw. */
export const toMermaid = (chart: ChartModel, view: View, marks: TextMarks = noMarks): string =>
  view.kind === 'gate' ? gateChart(chart, marks) : stateDiagram(chart, view, marks);

const stateDiagram = (chart: ChartModel, view: BoxView, marks: TextMarks): string => {
  const drawn = sketch(chart, view);
  const shown = shownBoxes(chart, drawn, view);
  const homes = new Map<string, string | null>();
  const ids = new MermaidIds();
  const settle = (box: SketchBox, home: string | null): void => {
    homes.set(box.state.id, home);
    ids.of(box.state.id);
    for (const child of box.children) settle(child, box.state.id);
  };
  for (const box of shown) settle(box, null);
  // Mermaid draws arrows between siblings only: an arrow across a border is lifted to the border. Where it leads stands in the box.
  const lines = new Map<string | null, string[]>();
  for (const { from, to, transitions } of drawn.arrows) {
    const lifted = liftToSiblings(homes, from, to);
    if (lifted === null) continue;
    const text = transitions
      .map((each) => {
        const own = shortArrowText(each, marks);
        return view.kind === 'overview' && each.rule !== null ? `${own}<br/>${mermaidText(each.rule)}` : own;
      })
      .join('<br/>');
    const home = homes.get(lifted.from) ?? null;
    lines.set(home, [
      ...(lines.get(home) ?? []),
      `${ids.of(lifted.from)} --> ${ids.of(lifted.to)}${text === '' ? '' : ` : ${text}`}`,
    ]);
  }
  const ends = (boxes: readonly SketchBox[]): readonly string[] =>
    boxes.filter(({ state }) => state.type === 'final').map(({ state }) => `${ids.of(state.id)} --> [*]`);
  const painted = new Map<Paint, string[]>();
  const write = (box: SketchBox, depth: number): readonly string[] => {
    const { state, children } = box;
    const id = ids.of(state.id);
    const mark = marks(state.id);
    if (mark !== undefined) painted.set(mark.paint, [...(painted.get(mark.paint) ?? []), id]);
    const title = `state "${titleOf(chart, state, mark)}" as ${id}`;
    const notes = notesOf(chart, box, view, marks);
    if (children.length === 0) {
      return indent([title, ...notes.map((line) => `${id} : ${line}`)], depth);
    }
    const own = ids.of(`${state.id}_rules`);
    const rulesBox =
      notes.length === 0
        ? []
        : [
            `state "any state of ${mermaidText(state.key)}" as ${own}`,
            ...notes.map((line) => `${own} : ${line}`),
          ];
    const inner = children.flatMap((child, at) => [
      ...(state.type === 'parallel' && at > 0 ? ['--'] : []),
      ...(state.initial.includes(child.state.id) ? [`[*] --> ${ids.of(child.state.id)}`] : []),
      ...write(child, 0),
    ]);
    return indent(
      [
        `${title} {`,
        ...indent(
          [
            ...rulesBox,
            ...(rulesBox.length > 0 && state.type === 'parallel' ? ['--'] : []),
            ...inner,
            ...(lines.get(state.id) ?? []),
            ...ends(children),
          ],
          1,
        ),
        '}',
      ],
      depth,
    );
  };
  const starts = chart.root.states.length === 0 && view.kind !== 'state' ? [chart.root.id] : drawn.initial;
  return `${[
    'stateDiagram-v2',
    ...indent(['direction TB', ...starts.map((id) => `[*] --> ${ids.of(id)}`)], 1),
    ...shown.flatMap((box) => write(box, 1)),
    ...indent([...(lines.get(null) ?? []), ...ends(shown), ...classLines(painted)], 1),
  ].join('\n')}\n`;
};

/** Colours that can be read on a page of either theme: code hosts draw in that of the reader. */
const classLines = (painted: ReadonlyMap<Paint, readonly string[]>): readonly string[] =>
  [...painted].flatMap(([paint, ids]) => [
    `classDef ${paint} fill:${palettes.light.paper},stroke:${palettes.light[paint]},stroke-width:3px,color:${palettes.light[paint]}`,
    `class ${ids.join(',')} ${paint}`,
  ]);

/** What stands in a box below its name: its sentence, what it does by itself, and its rules. */
const notesOf = (
  chart: ChartModel,
  { state, rules, children }: SketchBox,
  view: BoxView,
  marks: TextMarks,
): readonly string[] => {
  const placed = (inner: StateModel, line: string, mark?: TextMark): string =>
    mermaidText(signed(mark, inner.id === state.id ? line : `in ${inner.key} ${line}`));
  // A box that gathers the rules of the states inside it also tells what these do.
  const gathered = view.kind === 'overview' && children.length === 0 && state.id !== chart.root.id;
  return [
    ...readableLines(state.description ?? '')
      .filter((line) => line !== '')
      .map(mermaidText),
    ...(gathered ? statesBelow(state) : [state]).flatMap((inner) =>
      ownLines(chart, inner).map((line) => placed(inner, line)),
    ),
    ...rules.flatMap((rule) => [
      placed(stateOf(chart, rule.source), ruleText(chart, rule), marks(rule.id)),
      ...(view.kind === 'overview' || rule.description === null
        ? []
        : [mermaidText(`— ${rule.description}`)]),
    ]),
  ];
};

/** The ends of an arrow, each replaced by the box around it that has a common home with the other. */
const liftToSiblings = (homes: ReadonlyMap<string, string | null>, from: string, to: string) => {
  const chain = (id: string): readonly string[] => {
    const home = homes.get(id);
    return home === undefined || home === null ? [id] : [id, ...chain(home)];
  };
  if (!homes.has(from) || !homes.has(to)) return null;
  const [ups, downs] = [chain(from), chain(to)];
  for (const a of ups) {
    const b = downs.find((each) => homes.get(each) === homes.get(a) && (each !== a || from === to));
    if (b !== undefined) return { from: a, to: b };
  }
  // One end contains the other: the rule is in its own box.
  return null;
};

const titleOf = (chart: ChartModel, state: StateModel, mark: TextMark | undefined): string => {
  // A name of nothing but spaces would not show.
  const key = state.key.trim() === '' ? JSON.stringify(state.key) : state.key;
  const name = state.id === chart.root.id && state.states.length > 0 ? `any state of ${key}` : key;
  return mermaidText(signed(mark, typeText(state) === '' ? name : `${name} (${typeText(state)})`));
};

const ruleText = (chart: ChartModel, transition: TransitionModel): string =>
  transitionText(chart, transition) + (transition.rule === null ? '' : ` (${transition.rule})`);

/** What is written on an arrow: the full rule is in the box that it leaves. */
const shortArrowText = (transition: TransitionModel, marks: TextMarks): string => {
  const text = [triggerText(transition), guardText(transition)].filter((part) => part !== '').join(' ');
  return mermaidText(signed(marks(transition.id), text));
};

const signed = (mark: TextMark | undefined, text: string): string =>
  mark === undefined ? text : `${mark.sign} ${text}`;

const indent = (lines: readonly string[], depth: number): readonly string[] =>
  lines.map((line) => `${'  '.repeat(depth)}${line}`);

const gateChart = (chart: ChartModel, marks: TextMarks): string => {
  const gates = [...gateSteps(chart)];
  if (gates.length === 0) throw new NoSuchView(`${chart.id} has no gate: its root decides nothing by guards`);
  const lines = gates.flatMap(([event, steps], gate) => {
    const node = (at: number) => `g${gate}q${at}`;
    return [
      `g${gate}([${quote([event])}]) --> ${node(0)}`,
      ...steps.flatMap(({ states, transition }, at) => {
        const where = states
          .map((id) => (id === chart.root.id ? 'any state' : stateText(chart, id)))
          .join(' or ');
        const asked = [
          signed(marks(transition.id), `in ${where}`),
          guardText(transition) || triggerText(transition),
        ];
        const does = transition.actions.map(({ name }) => name).join(', ');
        const goes = transition.targets.map((id) => ` → ${stateText(chart, id)}`).join('');
        const answer = [does + goes, transition.description ?? '', transition.rule ?? ''].filter(Boolean);
        const yes = transition.guard === null ? '-->' : '-- yes -->';
        return [
          transition.guard === null ? `${node(at)}([${quote(asked)}])` : `${node(at)}{{${quote(asked)}}}`,
          `${node(at)} ${yes} g${gate}a${at}[${quote(answer.length === 0 ? ['nothing'] : answer)}]`,
          ...(at + 1 < steps.length ? [`${node(at)} -- no --> ${node(at + 1)}`] : []),
        ];
      }),
    ];
  });
  return `${['flowchart TD', ...indent(lines, 1)].join('\n')}\n`;
};

const quote = (lines: readonly string[]): string => `"${lines.map(mermaidText).join('<br/>')}"`;
