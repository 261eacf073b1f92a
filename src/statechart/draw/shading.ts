import type { Paint } from './palette.ts';
import { type Item, type Label, placeRuns, type Run, runsWidth, type Scene, shift } from './scene.ts';

/** How far tests went through a transition: both answers of its guard, one alone, never; or no test could. */
export type ShadeKind = 'both' | 'oneWay' | 'never' | 'excluded';

export interface Shade {
  readonly kind: ShadeKind;
  /** In words, such as `taken in 3 of 5 states; its guard was never false`. */
  readonly words: string;
}

const styles: Readonly<Record<ShadeKind, { mark: string; paint: Paint; opacity: number; words: string }>> = {
  both: { mark: '✓', paint: 'stay', opacity: 0.14, words: 'walked; if it has a guard, true and false' },
  oneWay: { mark: '◐', paint: 'timer', opacity: 0.2, words: 'only one answer of its guard was seen' },
  never: { mark: '✗', paint: 'removed', opacity: 0.26, words: 'never walked' },
  excluded: { mark: '–', paint: 'faint', opacity: 0.12, words: 'cannot be walked' },
};

/** The same picture with a tinted band and a mark at each transition that has a shade, and a legend of them below. */
export const shaded = (scene: Scene, shades: ReadonlyMap<string, Shade>): Scene => {
  const items: Item[] = [];
  for (const group of groupsOf(scene.items)) {
    const shade = group.ref === undefined ? undefined : shades.get(group.ref);
    if (shade === undefined) items.push(...group.items);
    else items.push(...shadedGroup(group.items, shade));
  }
  const key = legend();
  const left = 24;
  return {
    ...scene,
    title: `${scene.title}, shaded by what was walked`,
    width: Math.max(scene.width, key.width + 2 * left),
    height: scene.height + 22,
    items: [...items, ...shift(key.items, left, scene.height - 16)],
  };
};

interface Group {
  readonly ref: string | undefined;
  readonly items: Item[];
}

/** Consecutive items that stand for the same part; items that belong to no part may be among them. */
const groupsOf = (items: readonly Item[]): readonly Group[] => {
  const groups: Group[] = [];
  for (const item of items) {
    // The text on an arrow stands for every transition that it represents.
    const isOnArrow = item.kind === 'arrow' || (item.kind === 'label' && item.halo !== undefined);
    const ref = isOnArrow ? undefined : item.ref;
    const last = groups.at(-1);
    const before = groups.at(-2);
    if (last !== undefined && last.ref === ref) last.items.push(item);
    else if (ref !== undefined && before?.ref === ref && last!.items.length === 1) {
      before.items.push(...last!.items, item);
      groups.pop();
    } else groups.push({ ref, items: [item] });
  }
  return groups;
};

const shadedGroup = (items: readonly Item[], { kind, words }: Shade): readonly Item[] => {
  const { mark, paint, opacity } = styles[kind];
  const boxes = items.filter((item) => item.kind === 'box');
  const labels = items.filter((item): item is Label => item.kind === 'label' && item.text.trim() !== '');
  if (boxes.length === 0) return items;
  const x = Math.min(...boxes.map((box) => box.x));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const y = Math.min(...boxes.map((box) => box.y));
  const height = Math.max(...boxes.map((box) => box.y + box.height)) - y;
  const width = Math.max(right, ...labels.map((label) => label.x + label.width + 6)) - x;
  const band: Item = { kind: 'box', x, y, width, height, radius: 3, fill: paint, opacity };
  // Beside the table, where nothing else is written; an arrow that passes there goes behind.
  const run: Run = { text: mark, face: 'strong', paint, size: 14, hint: words, halo: 'paper' };
  const glyph = placeRuns([run], x - 13, (labels[0]?.y ?? y + 12) + 1);
  // The ground of a panel stays below the band.
  const [first, ...rest] = items;
  const isPanel = first!.kind === 'box' && first!.fill === 'panel';
  return isPanel ? [first!, band, ...rest, ...glyph] : [band, ...items, ...glyph];
};

const legend = () => {
  const items: Item[] = [];
  let x = 0;
  for (const kind of Object.keys(styles) as ShadeKind[]) {
    const { mark, paint, opacity, words } = styles[kind];
    const runs: readonly Run[] = [
      { text: mark, face: 'strong', paint, size: 14 },
      { text: ` ${words}`, face: 'prose', paint: 'ink', size: 11 },
    ];
    const width = runsWidth(runs);
    items.push(
      { kind: 'box', x, y: 0, width: width + 12, height: 16, radius: 3, fill: paint, opacity },
      ...placeRuns(runs, x + 6, 12),
    );
    x += width + 26;
  }
  return { width: x, items };
};
