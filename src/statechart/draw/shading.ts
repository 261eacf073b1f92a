import { marked, type PartMark } from './marked.ts';
import type { Paint } from './palette.ts';
import { type Block, type Item, placeRuns, type Run, runsWidth, type Scene } from './scene.ts';

/** How far tests went through a transition: both answers of its guard, one alone, never; or no test could. */
export type ShadeKind = 'both' | 'oneWay' | 'never' | 'excluded';

export interface Shade {
  readonly kind: ShadeKind;
  /** In words, such as `taken in 3 of 5 states; its guard was never false`. */
  readonly words: string;
}

/** The one that a reader looks for comes first. */
const styles: Readonly<Record<ShadeKind, { sign: string; paint: Paint; opacity: number; words: string }>> = {
  never: { sign: '✗', paint: 'removed', opacity: 0.26, words: 'never walked' },
  oneWay: { sign: '◐', paint: 'timer', opacity: 0.2, words: 'only one answer of its guard was seen' },
  both: { sign: '✓', paint: 'stay', opacity: 0.14, words: 'walked; if it has a guard, true and false' },
  excluded: { sign: '–', paint: 'faint', opacity: 0.12, words: 'cannot be walked' },
};

/** The same picture with each transition marked by its shade, and a legend of them below. */
export const shaded = (scene: Scene, shades: ReadonlyMap<string, Shade>): Scene => {
  const kinds = Object.keys(styles) as ShadeKind[];
  const markOf = (ids: readonly string[]): PartMark | undefined => {
    const [shade] = ids
      .flatMap((id) => shades.get(id) ?? [])
      .toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
    return shade && { ...styles[shade.kind], words: shade.words };
  };
  const title = `${scene.title}, shaded by what was walked`;
  return { ...marked(scene, markOf, legend()), title };
};

const legend = (): Block => {
  const items: Item[] = [];
  let x = 0;
  for (const { sign, paint, opacity, words } of Object.values(styles)) {
    const runs: readonly Run[] = [
      { text: sign, face: 'strong', paint, size: 14 },
      { text: ` ${words}`, face: 'prose', paint: 'ink', size: 11 },
    ];
    const width = runsWidth(runs);
    items.push(
      { kind: 'box', x, y: 0, width: width + 12, height: 16, radius: 3, fill: paint, opacity },
      ...placeRuns(runs, x + 6, 12),
    );
    x += width + 26;
  }
  return { width: x, height: 16, items };
};
