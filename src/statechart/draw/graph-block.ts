import type { StateModel } from '../read/model.ts';
import { type ArrowGroup, arrowOf } from './arrow-labels.ts';
import { type GraphBox, layoutGraph, type Placed } from './graph-layout.ts';
import { type Block, centred, type Item, shift } from './scene.ts';

/** Boxes with arrows between them, before they have a place. */
export interface DrawnGraph {
  readonly boxes: readonly GraphBox[];
  /** What is drawn of each box, by its id. A frame has none. */
  readonly blocks: ReadonlyMap<string, Block>;
  /** Their ends are ids of boxes. */
  readonly arrows: readonly ArrowGroup[];
  readonly labelOf: (arrow: ArrowGroup) => Block;
  readonly starts: readonly Start[];
  /** What lies behind everything else. */
  readonly ground?: (placed: Placed) => readonly Item[];
}

/** Lays boxes and arrows out and draws them; texts of arrows come last, on top. */
export const graphBlock = async (graph: DrawnGraph): Promise<Block> => {
  const { boxes, blocks, arrows, starts, ground = () => [] } = graph;
  const labels = new Map(arrows.map((arrow) => [arrow.id, graph.labelOf(arrow)]));
  const placed = await layoutGraph({
    boxes,
    arrows: [
      ...starts.map(({ id, to }) => ({ id, from: id, to, label: null })),
      ...arrows.map(({ id, from, to }) => ({ id, from, to, label: labels.get(id)! })),
    ],
  });
  const items: readonly Item[] = [
    ...ground(placed),
    ...starts.flatMap((start) => startItems(start, placed)),
    ...arrows.flatMap((arrow) => arrowOf(arrow, placed.arrows.get(arrow.id)!.points)),
    ...[...blocks].flatMap(([id, block]) => {
      const { x, y } = placed.boxes.get(id)!;
      return shift(block.items, x, y);
    }),
    ...arrows.flatMap(({ id }) => centred(labels.get(id)!, placed.arrows.get(id)!.label)),
  ];
  return { width: placed.width, height: placed.height, items };
};

/** The dot at which a chart or a compound state starts, with an arrow to the state that is entered first. */
export interface Start {
  readonly id: string;
  /** The box of that state. */
  readonly to: string;
}

const dotSize = 12;

/** Where `state` starts; none for a state that is not compound. `boxOf` gives the box of the state that is entered. */
export const startsOf = (state: StateModel, boxOf: (id: string) => string): readonly Start[] =>
  state.type === 'compound'
    ? state.initial.slice(0, 1).map((id) => ({ id: `start of ${state.id}`, to: boxOf(id) }))
    : [];

/** An arrow that leads to the chart as a whole leads to where it starts; none if all its states are entered at once, and are where they are. */
export const toStart = (
  arrow: ArrowGroup,
  root: StateModel,
  [start]: readonly Start[],
): readonly ArrowGroup[] => {
  if (arrow.to !== root.id) return [arrow];
  return start === undefined ? [] : [{ ...arrow, to: start.id }];
};

/** The box of a start: the dot. */
export const startBox = ({ id }: Start): GraphBox => ({ id, width: dotSize, height: dotSize });

const startItems = ({ id, to }: Start, placed: Placed): readonly Item[] => {
  const { x, y } = placed.boxes.get(id)!;
  return [
    { kind: 'arrow', points: placed.arrows.get(id)!.points, paint: 'ink', ref: to },
    { kind: 'box', x, y, width: dotSize, height: dotSize, radius: dotSize / 2, fill: 'ink' },
  ];
};
