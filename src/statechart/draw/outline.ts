import { type ChartModel, type StateModel, type TransitionModel, topStateOf } from '../read/model.ts';
import { triggerText, typeText } from '../read/notation.ts';
import { type ArrowGroup, type ArrowLine, arrowsBetweenTops, linesOnArrow } from './arrow-labels.ts';
import { graphBlock, startBox, startsOf, toStart } from './graph-block.ts';
import { legend } from './legend.ts';
import { type Block, frame, type Item, placeRuns, type Run, runsWidth, type Scene } from './scene.ts';

/** The top-level states by name, and the arrows between them by their events: what fits on a phone. */
export const outline = async (chart: ChartModel): Promise<Scene> =>
  frame(
    {
      title: `${chart.id}: states and arrows`,
      description:
        `${chart.root.description ?? ''} The top-level states, and what leads from one to another.`.trim(),
    },
    await outlineBlock(chart),
    legend(chart, 'outline'),
  );

/** The same as a part of a picture. */
export const outlineBlock = (chart: ChartModel): Promise<Block> => {
  const { root } = chart;
  const starts = startsOf(root, (id) => topStateOf(chart, id)!.id);
  const arrows = arrowsBetweenTops(chart).flatMap((arrow) => toStart(arrow, root, starts));
  const tops = root.states.length === 0 ? [root] : root.states;
  const shown = arrows.some(({ from }) => from === root.id) ? [root, ...tops] : tops;
  const blocks = new Map(shown.map((state) => [state.id, nameBox(chart, state)]));
  return graphBlock({
    boxes: [
      ...starts.map(startBox),
      ...[...blocks].map(([id, { width, height }]) => ({ id, width, height })),
    ],
    blocks,
    arrows,
    labelOf: eventsLabel,
    starts,
  });
};

const nameBox = (chart: ChartModel, state: StateModel): Block => {
  const isAny = state.id === chart.root.id && chart.root.states.length > 0;
  const kind = isAny ? '' : typeText(state);
  const runs: readonly Run[] = [
    { text: isAny ? 'any state' : state.key, face: 'strong', paint: isAny ? 'faint' : 'ink', size: 13 },
    { text: kind === '' ? '' : `  ${kind}`, face: 'prose', paint: 'faint', size: 10 },
  ];
  const width = Math.max(64, runsWidth(runs) + 20);
  const height = 30;
  const frameOf = (inset: number): Item => ({
    kind: 'box',
    x: inset,
    y: inset,
    width: width - 2 * inset,
    height: height - 2 * inset,
    radius: 7 - inset,
    fill: isAny ? 'paper' : 'panel',
    stroke: 'line',
    strokeWidth: 1.4,
    isDashed: isAny,
    ref: state.id,
  });
  return {
    width,
    height,
    items: [
      frameOf(0),
      // A final state has a double line, as everywhere.
      ...(state.type === 'final' ? [frameOf(3)] : []),
      ...placeRuns(runs, (width - runsWidth(runs)) / 2, 19.5, state.id),
    ],
  };
};

const maxEvents = 3;

/** The events of an arrow, each once, and how many more there are. */
const eventsLabel = ({ transitions }: ArrowGroup): Block => {
  const events = [...Map.groupBy(transitions, triggerText)];
  const shown = events.length > maxEvents ? events.slice(0, maxEvents - 1) : events;
  const more = events.slice(shown.length);
  const lines: readonly ArrowLine[] = [
    ...shown.map(([text, all]) => ({ runs: [eventRun(text, all.at(-1)!)], transitions: all })),
    ...(more.length > 0
      ? [{ runs: [moreRun(more.length, events)], transitions: more.flatMap(([, all]) => all) }]
      : []),
  ];
  return linesOnArrow(lines, 13);
};

const moreRun = (count: number, events: readonly (readonly [string, unknown])[]): Run => ({
  text: `and ${count} more`,
  face: 'prose',
  paint: 'faint',
  size: 10,
  hint: events.map(([text]) => text).join(', '),
});

const eventRun = (text: string, transition: TransitionModel): Run => ({
  text,
  face: 'code',
  paint: transition.kind === 'after' ? 'timer' : 'ink',
  size: 10.5,
  ...(transition.description === null ? {} : { hint: transition.description }),
});
