import type { Paint } from './palette.ts';
import {
  type Arrow,
  type Block,
  type Box,
  type Item,
  type Label,
  placeRuns,
  type Run,
  refsOf,
  runsWidth,
  type Scene,
  shift,
} from './scene.ts';

/** What is to be seen of a state or a transition in a picture of its chart, such as that no test walked it. */
export interface PartMark {
  /** Beside the part, so that colour is never alone. */
  readonly sign: string;
  readonly paint: Paint;
  /** Of the tinted band behind the part. */
  readonly opacity: number;
  /** Shown on hovering. */
  readonly words: string;
  readonly isStruck?: boolean;
}

const margin = 24;

/**
 * The same picture with a tinted band and a sign at each part that has a mark, its arrows in the mark's colour, and `key` below. `markOf`
 * is given the ids of the state or the transitions that a part stands for: an arrow and its text often stand for several.
 */
export const marked = (
  scene: Scene,
  markOf: (ids: readonly string[]) => PartMark | undefined,
  key: Block,
): Scene => {
  const arrows = scene.items.filter((item) => item.kind === 'arrow');
  const items = partsOf(scene.items).flatMap((part) => {
    const ids = refsOf(part[0]!);
    const mark = ids.length === 0 ? undefined : markOf(ids);
    return mark === undefined ? part : markedPart(part, mark, arrows);
  });
  return {
    ...scene,
    width: Math.max(scene.width, key.width + 2 * margin),
    height: scene.height + key.height + 6,
    items: [...items, ...shift(key.items, margin, scene.height - 16)],
  };
};

/** Consecutive items that stand for the same part: the cells of a row, a line on an arrow. */
const partsOf = (items: readonly Item[]): readonly (readonly Item[])[] => {
  const parts: Item[][] = [];
  for (const item of items) {
    const last = parts.at(-1);
    if (last !== undefined && isSamePart(last[0]!, item)) last.push(item);
    else parts.push([item]);
  }
  return parts;
};

const isSamePart = (a: Item, b: Item): boolean =>
  a.ref === b.ref &&
  a.kind !== 'arrow' &&
  b.kind !== 'arrow' &&
  isOnArrow(a) === isOnArrow(b) &&
  (!isOnArrow(a) || a.y === (b as Label).y);

const isOnArrow = (item: Item): item is Label => item.kind === 'label' && item.halo !== undefined;

const markedPart = (part: readonly Item[], mark: PartMark, arrows: readonly Arrow[]): readonly Item[] => {
  const [first] = part;
  if (first?.kind === 'arrow') return [{ ...first, paint: mark.paint, strokeWidth: 2.4 }];
  const labels = part.filter(isText);
  const extent = extentOf(part, labels);
  if (extent === null) return part;
  const { sign, paint, opacity, words, isStruck = false } = mark;
  const band: Item = { kind: 'box', ...extent, radius: 3, fill: paint, opacity };
  const run: Run = {
    text: sign,
    face: 'strong',
    paint,
    size: isOnArrow(first!) ? 11 : 14,
    hint: words,
    halo: 'paper',
  };
  const isRow = part.some((item) => item.kind === 'box' && !isGround(item));
  const own = arrows.find((arrow) => refsOf(arrow).includes(first!.ref!));
  // Beside the part, where nothing else is written: left of a table, behind a name, and on the side of a text where its arrow is not.
  const isLeft = isRow || (isOnArrow(first!) && own !== undefined && isRightOf(own, extent));
  const x = isLeft ? extent.x - runsWidth([run]) - (isRow ? 5 : 1) : extent.x + extent.width + 2;
  const glyph = placeRuns([run], x, (labels[0]?.y ?? extent.y + 12) + (isRow ? 1 : 0));
  const written = isStruck ? part.map((item) => (isText(item) ? { ...item, isStruck } : item)) : part;
  // The grounds of a state stay below the band.
  const grounds = written.findIndex((item) => item.kind !== 'box' || !isGround(item));
  const at = grounds < 0 ? written.length : grounds;
  return [...written.slice(0, at), band, ...written.slice(at), ...glyph];
};

/** Whether an arrow passes right of the middle of a text, at its height or where it is nearest to that. */
const isRightOf = ({ points }: Arrow, { x, y, width, height }: Extent): boolean => {
  const middle = { x: x + width / 2, y: y + height / 2 };
  const passes = points.slice(1).map((end, at) => {
    const start = points[at]!;
    const [low, high] = [Math.min(start.y, end.y), Math.max(start.y, end.y)];
    const share =
      high === low ? 0.5 : (Math.min(Math.max(middle.y, low), high) - start.y) / (end.y - start.y);
    return {
      x: start.x + (end.x - start.x) * share,
      off: Math.max(low - middle.y, 0, middle.y - high),
    };
  });
  const nearest = passes.reduce((best, each) => (each.off < best.off ? each : best));
  return nearest.x > middle.x;
};

const isText = (item: Item): item is Label => item.kind === 'label' && item.text.trim() !== '';

const isGround = ({ fill }: Box): boolean =>
  fill !== undefined && ['panel', 'heading', 'band', 'paper'].includes(fill);

type Extent = Pick<Box, 'x' | 'y' | 'width' | 'height'>;

/** A row of a table with its mark at the left; otherwise the text alone. */
const extentOf = (part: readonly Item[], labels: readonly Label[]): Extent | null => {
  const boxes = part.filter((item): item is Box => item.kind === 'box' && !isGround(item));
  const rectangles: readonly Extent[] = [
    ...boxes,
    ...labels.map(({ x, y, width, size }) =>
      boxes.length > 0
        ? { x, y: boxes[0]!.y, width: width + 6, height: boxes[0]!.height }
        : { x: x - 3, y: y - size, width: width + 6, height: size * 1.35 },
    ),
  ];
  if (rectangles.length === 0) return null;
  const x = Math.min(...rectangles.map((each) => each.x));
  const y = Math.min(...rectangles.map((each) => each.y));
  return {
    x,
    y,
    width: Math.max(...rectangles.map((each) => each.x + each.width)) - x,
    height: Math.max(...rectangles.map((each) => each.y + each.height)) - y,
  };
};
