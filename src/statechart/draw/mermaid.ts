import { type ChartModel, type StateModel, stateOf, type TransitionModel } from '../read/model.ts';
import { guardText, stateText, transitionText, triggerText, typeText } from '../read/notation.ts';
import { NoSuchView } from '../read/top-state.ts';
import { gateSteps } from './gate.ts';
import { type SketchBox, sketch } from './sketch.ts';
import type { BoxView, View } from './view.ts';

/** A view in the language of Mermaid, which code hosts draw. */
export const toMermaid = (chart: ChartModel, view: View): string =>
  view.kind === 'gate' ? gateChart(chart) : stateDiagram(chart, view);

const stateDiagram = (chart: ChartModel, view: BoxView): string => {
  const { boxes, arrows, initial } = sketch(chart, view);
  const shown = boxes.filter(
    ({ state, rules }) => state.id !== chart.root.id || rules.length > 0 || view.kind === 'state',
  );
  const homes = new Map<string, string | null>();
  const settle = (box: SketchBox, home: string | null): void => {
    homes.set(box.state.id, home);
    for (const child of box.children) settle(child, box.state.id);
  };
  for (const box of shown) settle(box, null);
  // Mermaid draws arrows between siblings only: an arrow across a border is lifted to the border, and says where it leads.
  const lines = new Map<string | null, string[]>();
  for (const { from, to, transitions } of arrows) {
    const lifted = liftToSiblings(homes, from, to);
    if (lifted === null) continue;
    const text = transitions.map(view.kind === 'overview' ? arrowText : shortArrowText).join('<br/>');
    const home = homes.get(lifted.from) ?? null;
    lines.set(home, [...(lines.get(home) ?? []), `${idOf(lifted.from)} --> ${idOf(lifted.to)} : ${text}`]);
  }
  const write = (box: SketchBox, depth: number): readonly string[] => {
    const { state, children, rules } = box;
    const id = idOf(state.id);
    const title = `state "${titleOf(chart, state)}" as ${id}`;
    const note = rules.map((rule) => {
      const where = rule.source === state.id ? '' : `in ${stateOf(chart, rule.source).key} `;
      return where + label(chart, rule);
    });
    if (children.length === 0) {
      return indent([title, ...note.map((line) => `${id} : ${line}`)], depth);
    }
    const own = `${id}_rules`;
    const rulesBox =
      note.length === 0
        ? []
        : [`state "any state of ${state.key}" as ${own}`, ...note.map((line) => `${own} : ${line}`)];
    const inner = children.flatMap((child, at) => [
      ...(state.type === 'parallel' && at > 0 ? ['--'] : []),
      ...(state.initial.includes(child.state.id) ? [`[*] --> ${idOf(child.state.id)}`] : []),
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
          ],
          1,
        ),
        '}',
      ],
      depth,
    );
  };
  return `${[
    'stateDiagram-v2',
    ...indent(['direction TB', ...initial.map((id) => `[*] --> ${idOf(id)}`)], 1),
    ...shown.flatMap((box) => write(box, 1)),
    ...indent(lines.get(null) ?? [], 1),
  ].join('\n')}\n`;
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

const titleOf = (chart: ChartModel, state: StateModel): string => {
  const name = state.id === chart.root.id ? `any state of ${state.key}` : state.key;
  return typeText(state) === '' ? name : `${name} (${typeText(state)})`;
};

const label = (chart: ChartModel, transition: TransitionModel): string => {
  const rule = transition.rule === null ? '' : ` (${transition.rule})`;
  return clean(transitionText(chart, transition) + rule);
};

/** What is written on an arrow: the full rule is in the box that it leaves. */
const shortArrowText = (transition: TransitionModel): string =>
  clean([triggerText(transition), guardText(transition)].filter((part) => part !== '').join(' '));

const arrowText = (transition: TransitionModel): string =>
  transition.rule === null
    ? shortArrowText(transition)
    : `${shortArrowText(transition)}<br/>${clean(transition.rule)}`;

/** Mermaid ends a statement at a semicolon, and takes `#` and `:` for its own. */
const clean = (text: string): string => text.replace(/;/g, ',').replace(/[#:]/g, ' ').replace(/"/g, "'");

const idOf = (id: string): string => id.replace(/[^A-Za-z0-9]/g, '_');

const indent = (lines: readonly string[], depth: number): readonly string[] =>
  lines.map((line) => `${'  '.repeat(depth)}${line}`);

const gateChart = (chart: ChartModel): string => {
  const gates = [...gateSteps(chart)];
  if (gates.length === 0) throw new NoSuchView(`${chart.id} has no gate: its root decides nothing by guards`);
  const lines = gates.flatMap(([event, steps], gate) => {
    const node = (at: number) => `g${gate}q${at}`;
    return [
      `g${gate}([${quote(event)}]) --> ${node(0)}`,
      ...steps.flatMap(({ states, transition }, at) => {
        const where = states
          .map((id) => (id === chart.root.id ? 'any state' : stateText(chart, id)))
          .join(' or ');
        const asked = `in ${where}<br/>${guardText(transition) || triggerText(transition)}`;
        const does = transition.actions.map(({ name }) => name).join(', ');
        const goes = transition.targets.map((id) => ` → ${stateText(chart, id)}`).join('');
        const answer = [does + goes, transition.description ?? '', transition.rule ?? ''].filter(Boolean);
        const yes = transition.guard === null ? '-->' : '-- yes -->';
        return [
          transition.guard === null ? `${node(at)}([${quote(asked)}])` : `${node(at)}{{${quote(asked)}}}`,
          `${node(at)} ${yes} g${gate}a${at}[${quote(answer.join('<br/>'))}]`,
          ...(at + 1 < steps.length ? [`${node(at)} -- no --> ${node(at + 1)}`] : []),
        ];
      }),
    ];
  });
  return `${['flowchart TD', ...indent(lines, 1)].join('\n')}\n`;
};

const quote = (text: string): string => `"${text.replace(/"/g, '#quot;')}"`;
