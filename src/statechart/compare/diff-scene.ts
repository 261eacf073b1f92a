import type { Paint } from '../draw/palette.ts';
import { type Block, frame, type Item, placeRuns, type Run, type Scene, shift } from '../draw/scene.ts';
import { type BoxOptions, noLinks, transitionRow } from '../draw/state-box.ts';
import { layoutTable, type Row } from '../draw/table.ts';
import { wrapText } from '../draw/text-metrics.ts';
import { type ChartModel, statesBelow, type TransitionModel } from '../read/model.ts';
import { stateText } from '../read/notation.ts';
import { plainRules, type RuleStyle } from '../read/rule-style.ts';
import type { Change, ChartDiff, FieldChange, TransitionChange } from './diff.ts';
import { isEmptyDiff } from './diff.ts';
import { summary } from './diff-text.ts';
import { sourceTitle } from './source-text.ts';

export const signs: Readonly<Record<Change, string>> = { added: '+', removed: '−', changed: '~' };

/** What changed, state by state, as rule tables: every part has a sign and a colour, and what is gone is struck through. */
export const diffScene = (diff: ChartDiff, rules: RuleStyle = plainRules): Scene => {
  const ids = [
    ...new Set([diff.before, diff.after].flatMap((chart) => statesBelow(chart.root).map(({ id }) => id))),
  ];
  const rows = [...ids.flatMap((id) => stateRows(diff, id, rules)), ...nameRows(diff), ...sourceRows(diff)];
  const content: Block = isEmptyDiff(diff)
    ? { width: 300, height: 24, items: placeRuns([prose(summary(diff), 'ink')], 0, 16) }
    : layoutTable(rows);
  return frame(
    {
      title: `${diff.after.id}: what changed`,
      description: summary(diff),
    },
    content,
    changeKey(diff, Math.max(content.width, 420)),
  );
};

const stateRows = (diff: ChartDiff, id: string, rules: RuleStyle): readonly Row[] => {
  const state = diff.states.find((each) => each.id === id);
  const transitions = diff.transitions.filter((each) => (each.after ?? each.before)!.source === id);
  if (state === undefined && transitions.length === 0) return [];
  const chart = state?.change === 'removed' ? diff.before : diff.after;
  const heading: Row = {
    cells: [],
    heading: [
      { ...sign(state?.change), size: 14 },
      {
        text: stateText(chart, id),
        face: 'strong',
        paint: state === undefined ? 'ink' : state.change,
        size: 14,
        isStruck: state?.change === 'removed',
      },
      prose(state === undefined ? '' : `   state ${state.change}`, 'faint'),
    ],
    isFirst: true,
    ref: id,
  };
  return [
    heading,
    ...(state?.fields ?? []).flatMap((field) => fieldRows(field)),
    ...transitions.flatMap((each) => changeRows(diff, each, rules)),
  ];
};

const changeRows = (diff: ChartDiff, each: TransitionChange, rules: RuleStyle): readonly Row[] => {
  const options = { links: noLinks, detail: 'brief', rules } as const;
  if (each.change !== 'changed') {
    const isGone = each.change === 'removed';
    const chart = isGone ? diff.before : diff.after;
    return [branchRow(chart, (each.after ?? each.before)!, each.change, options)];
  }
  return [
    branchRow(diff.after, each.after!, 'changed', options),
    ...each.fields.flatMap((field) => fieldRows(field)),
  ];
};

const branchRow = (
  chart: ChartModel,
  transition: TransitionModel,
  change: Change,
  options: Pick<BoxOptions, 'links' | 'detail' | 'rules'>,
): Row => {
  const row = transitionRow(chart, { ...transition, branch: 0 }, options, 0);
  const painted = row.cells.map((cell) =>
    cell.map(
      (run): Run => ({
        ...run,
        paint: change === 'changed' ? run.paint : change,
        isStruck: change === 'removed' && run.text !== '',
      }),
    ),
  );
  return {
    cells: [[sign(change)], ...painted],
    mark: { paint: change, isHollow: false },
    isFirst: true,
    ref: transition.id,
    ...(transition.description === null || change === 'changed' ? {} : { note: transition.description }),
  };
};

const fieldRows = ({ field, before, after }: FieldChange): readonly Row[] => {
  const row = (text: string | null, change: 'added' | 'removed'): readonly Row[] =>
    text === null
      ? []
      : [
          {
            cells: [],
            heading: [
              sign(change),
              { text: ` ${field} `, face: 'prose', paint: 'faint', size: 11 },
              { text, face: 'code', paint: change, isStruck: change === 'removed', size: 11 },
            ],
            indent: 34,
          },
        ];
  return [...row(before, 'removed'), ...row(after, 'added')];
};

const nameRows = (diff: ChartDiff): readonly Row[] =>
  diff.names.map(
    ({ change, what, name }, at): Row => ({
      cells: [],
      heading: [
        sign(change),
        prose(` ${what} `, 'faint'),
        { text: name, face: 'code', paint: change, isStruck: change === 'removed' },
      ],
      isFirst: at === 0,
      mark: { paint: change, isHollow: false },
    }),
  );

/** What changed is told by name and place; the text of a comparison has the lines. */
const sourceRows = (diff: ChartDiff): readonly Row[] =>
  diff.sources.map((source, at): Row => {
    const { change, before, after, users } = source;
    const chart = change === 'removed' ? diff.before : diff.after;
    const { path, line } = (after ?? before)!;
    const named = users.filter(({ name }) => name !== '').map(({ what, name }) => `${what} ${name}`);
    return {
      cells: [],
      heading: [
        sign(change),
        prose(' definition ', 'faint'),
        { text: sourceTitle(source, chart), face: 'code', paint: change, isStruck: change === 'removed' },
        prose(`, ${path}:${line}`, 'faint'),
      ],
      isFirst: at === 0,
      mark: { paint: change, isHollow: false },
      ...(named.length === 0 ? {} : { note: `Used by ${named.join(', ')}.` }),
    };
  });

const sign = (change: Change | undefined): Run => ({
  text: change === undefined ? '' : `${signs[change]} `,
  face: 'strong',
  paint: change ?? 'ink',
});

const prose = (text: string, paint: Paint): Run => ({ text, face: 'prose', paint, size: 11 });

/** What the signs mean, and how much changed. */
export const changeKey = (diff: ChartDiff, width: number): Block => {
  const items: Item[] = [];
  let x = 0;
  for (const change of ['added', 'removed', 'changed'] as const) {
    const runs = placeRuns([sign(change), prose(change, change)], 0, 11);
    items.push(...shift(runs, x, 0));
    x += runs.reduce((sum, run) => sum + run.width, 0) + 18;
  }
  const lines = wrapText(summary(diff), 'prose', 11, width);
  items.push(...lines.flatMap((line, at) => placeRuns([prose(line, 'faint')], 0, 29 + at * 15)));
  return { width: Math.max(x, width), height: 16 + lines.length * 15, items };
};
