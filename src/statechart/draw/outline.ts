import { type ChartModel, type StateModel, type TransitionModel, topStateOf } from '../read/model.ts';
import { triggerText, typeText } from '../read/notation.ts';
import { type ArrowGroup, arrowOf, arrowsBetweenTops } from './arrow-labels.ts';
import { layoutGraph } from './graph-layout.ts';
import { legend } from './legend.ts';
import {
  type Block,
  centred,
  frame,
  type Item,
  placeRuns,
  type Run,
  runsWidth,
  type Scene,
  shift,
} from './scene.ts';
import { startItems, startOf } from './start-marker.ts';

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
export const outlineBlock = async (chart: ChartModel): Promise<Block> => {
  const { root } = chart;
  const groups = arrowsBetweenTops(chart);
  const tops = root.states.length === 0 ? [root] : root.states;
  const isFromAnywhere = root.states.length > 0 && groups.some(({ from }) => from === root.id);
  const boxes = new Map(
    [...(isFromAnywhere ? [root] : []), ...tops].map((state) => [state.id, nameBox(chart, state)]),
  );
  const labels = new Map(groups.map((group) => [group.id, eventsLabel(group)]));
  const start = startOf(root, (id) => topStateOf(chart, id)?.id ?? null);
  const placed = await layoutGraph({
    boxes: [...start.boxes, ...[...boxes].map(([id, { width, height }]) => ({ id, width, height }))],
    arrows: [
      ...start.arrows,
      ...groups.map(({ id, from, to }) => ({ id, from, to, label: labels.get(id)! })),
    ],
  });
  const items: readonly Item[] = [
    ...startItems(start, placed),
    ...groups.map((group) => arrowOf(group, placed.arrows.get(group.id)!.points)),
    ...[...boxes].flatMap(([id, block]) =>
      shift(block.items, placed.boxes.get(id)!.x, placed.boxes.get(id)!.y),
    ),
    ...groups.flatMap(({ id }) => centred(labels.get(id)!, placed.arrows.get(id)!.label)),
  ];
  return { width: placed.width, height: placed.height, items };
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
const lineHeight = 13;

/** The events of an arrow, each once, and how many more there are. */
const eventsLabel = ({ transitions }: ArrowGroup): Block => {
  const events = [...new Map(transitions.map((each) => [triggerText(each), each]))];
  const shown = events.length > maxEvents ? events.slice(0, maxEvents - 1) : events;
  const lines: readonly Run[] = [
    ...shown.map(([text, transition]) => eventRun(text, transition)),
    ...(shown.length < events.length
      ? [
          {
            text: `and ${events.length - shown.length} more`,
            face: 'prose',
            paint: 'faint',
            size: 10,
            hint: events.map(([text]) => text).join(', '),
          } as const,
        ]
      : []),
  ];
  const ref = transitions[0]!.id;
  return {
    width: Math.max(...lines.map((run) => runsWidth([run]))) + 8,
    height: lines.length * lineHeight + 4,
    items: lines.flatMap((run, at) =>
      placeRuns([{ ...run, halo: 'paper' }], 4, (at + 1) * lineHeight - 1, ref),
    ),
  };
};

const eventRun = (text: string, transition: TransitionModel): Run => ({
  text,
  face: 'code',
  paint: transition.kind === 'after' ? 'timer' : 'ink',
  size: 10.5,
  ...(transition.description === null ? {} : { hint: transition.description }),
});
