import {
  type ActionModel,
  type ChartModel,
  changesTopState,
  isIgnored,
  type StateModel,
  type TransitionModel,
} from '../read/model.ts';
import { guardText, historyText, stateText, targetText, triggerText, typeText } from '../read/notation.ts';
import { plainRules, type RuleStyle } from '../read/rule-style.ts';
import { type Block, type Item, placeRuns, type Run, runsWidth, shift } from './scene.ts';
import { layoutTable, type Row, tableStyle } from './table.ts';
import { wrapText } from './text-metrics.ts';

/** The address of a name's definition; null where none is known. */
export type Links = (name: string) => string | null;

export const noLinks: Links = () => null;

export interface BoxOptions {
  readonly links: Links;
  /** `brief` gathers what is merely ignored in one line; `full` writes every branch, with its sentence. */
  readonly detail: 'brief' | 'full';
  /** Gives what is merely ignored a row of its own even in `brief`. */
  readonly isSeparate?: boolean;
  /** Rules of the states inside appear in the same box. */
  readonly isDeep: boolean;
  readonly title?: string;
  /** How sources are written where it is brief. */
  readonly rules?: RuleStyle;
}

/** A state as a box: its name and sentence above its rule table. */
export const stateBox = (chart: ChartModel, state: StateModel, options: BoxOptions): Block => {
  const title: Run[] = [
    { text: options.title ?? state.key, face: 'strong', paint: 'ink', size: 15 },
    ...kindRuns(state),
  ];
  const rows = stateRows(chart, state, options, 0).map((row, at) =>
    at === 0 ? { ...row, isFirst: false } : row,
  );
  const table = layoutTable(rows, {
    ...tableStyle,
    minWidth: Math.max(runsWidth(title) + 40, rows.length > 0 ? 260 : 200),
  });
  const width = table.width;
  const notes = [
    ...wrap(state.description, width, 'ink'),
    ...(options.detail === 'full' ? wrap(state.rule, width, 'faint') : []),
  ];
  const heading = 29 + notes.length * 15;
  const items: Item[] = [
    { kind: 'box', x: 0, y: 0, width, height: heading, radius: 5, fill: 'heading', ref: state.id },
    ...placeRuns(title, 12, 20, state.id),
    ...notes.flatMap((note, at) => placeRuns([note], 12, 36 + at * 15, state.id)),
    ...shift(table.items, 0, heading + 5),
  ];
  const height = heading + (rows.length === 0 ? 0 : table.height + 10);
  const frame: Item = {
    kind: 'box',
    x: 0,
    y: 0,
    width,
    height,
    radius: 5,
    fill: 'panel',
    ref: state.id,
  };
  const outline: Item = {
    kind: 'box',
    x: 0,
    y: 0,
    width,
    height,
    radius: 5,
    stroke: state.type === 'final' ? 'ink' : 'line',
    strokeWidth: state.type === 'final' ? 2.4 : 1.4,
  };
  return { width, height, items: [frame, ...items, outline] };
};

/** `parallel`, `deep history` and the like, behind the name. */
const kindRuns = (state: StateModel): readonly Run[] =>
  typeText(state) === '' ? [] : [{ text: `  ${typeText(state)}`, face: 'prose', paint: 'faint', size: 11 }];

const wrap = (text: string | null, width: number, paint: 'ink' | 'faint'): readonly Run[] =>
  text === null
    ? []
    : wrapText(text, 'prose', 11.5, width - 24).map((line) => ({
        text: line,
        face: 'prose',
        paint,
        size: 11.5,
      }));

/** The rows of a state's rule table, and of the states inside it. */
export const stateRows = (
  chart: ChartModel,
  state: StateModel,
  options: BoxOptions,
  depth: number,
): readonly Row[] => {
  const indent = depth * 14;
  const isGathered = (transition: TransitionModel) =>
    options.detail === 'brief' &&
    options.isSeparate !== true &&
    isIgnored(transition) &&
    transition.branches === 1 &&
    transition.guard === null;
  const written = state.transitions.filter((transition) => !isGathered(transition));
  const gathered = state.transitions.filter(isGathered);
  return [
    ...actionRows('entry', state.entry, options, indent),
    ...actionRows('exit', state.exit, options, indent),
    ...state.invokes.map(
      ({ source, id }): Row => ({
        cells: [
          [code('invoke', 'faint')],
          [],
          [link(source, options.links), code(id === source ? '' : ` as ${id}`, 'faint')],
        ],
        indent,
        isFirst: true,
      }),
    ),
    ...historyRows(chart, state, indent),
    ...written.map((transition) => transitionRow(chart, transition, options, indent)),
    ...(gathered.length === 0 ? [] : [ignoredRow(gathered, indent)]),
    ...(options.isDeep
      ? state.states.flatMap((child) => [
          childHeading(chart, state, child, indent),
          ...stateRows(chart, child, options, depth + 1),
        ])
      : []),
  ];
};

const actionRows = (
  word: string,
  actions: readonly ActionModel[],
  options: BoxOptions,
  indent: number,
): readonly Row[] =>
  actions.length === 0
    ? []
    : [{ cells: [[code(word, 'faint')], [], actionRuns(actions, options.links)], indent, isFirst: true }];

/** Where a history state leads at first. */
const historyRows = (chart: ChartModel, state: StateModel, indent: number): readonly Row[] =>
  historyText(chart, state) === ''
    ? []
    : [{ cells: [[code(historyText(chart, state), 'faint')]], indent, isFirst: true }];

const childHeading = (chart: ChartModel, parent: StateModel, child: StateModel, indent: number): Row => {
  const kind =
    parent.type === 'parallel' ? 'region ' : parent.initial.includes(child.id) ? 'starts in ' : 'state ';
  return {
    cells: [],
    heading: [
      { text: kind, face: 'prose', paint: 'faint', size: 11 },
      { text: child.key, face: 'strong', paint: 'ink', hint: stateText(chart, child.id) },
      ...kindRuns(child),
      {
        text: child.description === null ? '' : `   ${child.description}`,
        face: 'prose',
        paint: 'faint',
        size: 11,
      },
    ],
    indent: indent + 2,
    isFirst: true,
    ref: child.id,
  };
};

const ignoredRow = (transitions: readonly TransitionModel[], indent: number): Row => ({
  cells: [],
  heading: [
    { text: 'ignores ', face: 'prose', paint: 'faint', size: 11 },
    { text: transitions.map(triggerText).join(', '), face: 'code', paint: 'faint', size: 10.5 },
  ],
  indent,
  isFirst: true,
  mark: { paint: 'line', isHollow: true },
});

/** A branch: what starts it, when, what it does, where it goes, and by which rule. */
export const transitionRow = (
  chart: ChartModel,
  transition: TransitionModel,
  options: Pick<BoxOptions, 'links' | 'detail' | 'rules'>,
  indent: number,
): Row => {
  const isMove = changesTopState(chart, transition);
  const isQuiet = isIgnored(transition);
  const hint = transition.description ?? undefined;
  const guard = guardText(transition);
  const trigger: Run =
    transition.branch > 0
      ? code('', 'faint')
      : code(triggerText(transition), transition.kind === 'after' ? 'timer' : 'ink', hint);
  return {
    cells: [
      [trigger],
      transition.guard === null ? [code(guard, 'faint', hint)] : guardRuns(transition.guard, options.links),
      actionRuns(transition.actions, options.links, isQuiet),
      [
        {
          text: targetText(chart, transition),
          face: isMove ? 'strong' : 'code',
          paint: isMove ? 'move' : 'ink',
        },
      ],
      [
        {
          text:
            transition.rule === null
              ? ''
              : options.detail === 'full'
                ? transition.rule
                : (options.rules ?? plainRules).shorten(transition.rule),
          face: 'prose',
          paint: 'faint',
          size: 10.5,
        },
      ],
    ],
    ...(options.detail === 'full' && transition.description !== null ? { note: transition.description } : {}),
    mark: { paint: isMove ? 'move' : isQuiet ? 'line' : 'stay', isHollow: isQuiet },
    isFirst: transition.branch === 0,
    indent,
    ref: transition.id,
  };
};

const code = (text: string, paint: Run['paint'], hint?: string): Run => ({
  text,
  face: 'code',
  paint,
  ...(hint === undefined ? {} : { hint }),
});

const link = (name: string, links: Links, paint: Run['paint'] = 'ink'): Run => {
  const href = links(name);
  return { text: name, face: 'code', paint, ...(href === null ? {} : { href }) };
};

/** `[guard]`, its name a link. */
export const guardRuns = (guard: string, links: Links): readonly Run[] => [
  code('[', 'faint'),
  link(guard, links),
  code(']', 'faint'),
];

const actionRuns = (actions: readonly ActionModel[], links: Links, isQuiet = false): readonly Run[] =>
  actions.flatMap(({ name }, at) => [
    ...(at === 0 ? [] : [code(', ', 'faint')]),
    link(name, links, isQuiet ? 'faint' : 'ink'),
  ]);
