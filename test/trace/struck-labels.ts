import type { Item, Label, Scene } from '../../src/statechart/draw/scene.ts';

interface Rectangle {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What the letters of a label cover, without the hair at their edges. */
const inked = ({ x, y, width, size }: Label): Rectangle => ({
  left: x + 0.5,
  right: x + width - 0.5,
  top: y - size * 0.72,
  bottom: y + size * 0.18,
});

/** Labels of a sequence diagram that a line, the head of an arrow, the edge of a box or another label runs through. */
export const struckLabels = ({ items }: Scene): readonly string[] => {
  const labels = items.filter((item): item is Label => item.kind === 'label' && item.text.trim() !== '');
  const strokes = items.flatMap((item) =>
    strokesOf(item).map((box) => ({
      box,
      what: `${item.kind} at ${Math.round(box.left)}, ${Math.round(box.top)}`,
    })),
  );
  return labels.flatMap((label, at) => {
    const ink = inked(label);
    const letters = labels.slice(at + 1).map((other) => ({ box: inked(other), what: other.text }));
    return [...letters, ...strokes]
      .filter(({ box }) => isShared(ink, box))
      .map(({ what }) => `${label.text} | ${what}`);
  });
};

const isShared = (a: Rectangle, b: Rectangle): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** What an item draws, as thin rectangles: a slanting line by short pieces. */
const strokesOf = (item: Item): readonly Rectangle[] => {
  switch (item.kind) {
    case 'label':
      return [];
    case 'line':
      return pieces(item.x1, item.y1, item.x2, item.y2);
    case 'arrow': {
      const [start, tip] = [item.points[0]!, item.points.at(-1)!];
      const back = tip.x > start.x ? -9 : 9;
      const head = around(Math.min(tip.x, tip.x + back), tip.y - 4, Math.max(tip.x, tip.x + back), tip.y + 4);
      return [...pieces(start.x, start.y, tip.x, tip.y), head];
    }
    case 'box': {
      if (item.stroke === undefined) return [];
      const { x, y, width, height } = item;
      return [
        ...pieces(x, y, x + width, y),
        ...pieces(x, y + height, x + width, y + height),
        ...pieces(x, y, x, y + height),
        ...pieces(x + width, y, x + width, y + height),
      ];
    }
  }
};

const pieces = (x1: number, y1: number, x2: number, y2: number): readonly Rectangle[] => {
  const isStraight = x1 === x2 || y1 === y2;
  const count = isStraight ? 1 : Math.ceil(Math.hypot(x2 - x1, y2 - y1) / 2);
  return Array.from({ length: count }, (_, at) => {
    const [from, to] = [at / count, (at + 1) / count];
    const [xs, ys] = [
      [x1 + (x2 - x1) * from, x1 + (x2 - x1) * to],
      [y1 + (y2 - y1) * from, y1 + (y2 - y1) * to],
    ];
    return around(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
  });
};

const around = (left: number, top: number, right: number, bottom: number): Rectangle => ({
  left: left - 0.6,
  right: right + 0.6,
  top: top - 0.6,
  bottom: bottom + 0.6,
});
