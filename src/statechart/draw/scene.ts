import type { TransitionModel } from '../read/model.ts';
import type { Paint } from './palette.ts';
import { readable } from './readable.ts';
import { type Face, textWidth } from './text-metrics.ts';

/**
 * A laid-out picture without colours or fonts: what the SVG is drawn from, and what a viewer draws itself. Pixels, the
 * origin at the upper left. `ref` names the state or the transition of the model that an item stands for, `alsoFor` further transitions.
 */
export interface Scene {
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly items: readonly Item[];
}

export type Item = Box | Label | Line | Arrow;

interface Common {
  readonly ref?: string;
  readonly alsoFor?: readonly string[];
}

/** All that an item stands for. */
export const refsOf = ({ ref, alsoFor = [] }: Item): readonly string[] =>
  ref === undefined ? [] : [ref, ...alsoFor];

/** The same items, which stand for these transitions. */
export const standingFor = <Each extends Item>(
  items: readonly Each[],
  transitions: readonly TransitionModel[],
): readonly Each[] => {
  const [ref, ...alsoFor] = transitions.map(({ id }) => id);
  return items.map((item) => ({
    ...item,
    ...(ref === undefined ? {} : { ref }),
    ...(alsoFor.length === 0 ? {} : { alsoFor }),
  }));
};

export interface Box extends Common {
  readonly kind: 'box';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly radius?: number;
  readonly fill?: Paint;
  readonly stroke?: Paint;
  readonly strokeWidth?: number;
  readonly isDashed?: boolean;
  readonly opacity?: number;
}

/** One line of text. `y` is the baseline; `width` is what the text takes, never more. */
export interface Label extends Common {
  readonly kind: 'label';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly text: string;
  readonly face: Face;
  readonly size: number;
  readonly paint: Paint;
  readonly href?: string;
  /** Shown on hovering. */
  readonly hint?: string;
  readonly isStruck?: boolean;
  /** Ground around the letters, where lines pass behind. */
  readonly halo?: Paint;
}

export interface Line extends Common {
  readonly kind: 'line';
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly paint: Paint;
  readonly strokeWidth?: number;
  readonly isDashed?: boolean;
}

/** A path of cubic curves: a start and then three points per curve. */
export interface Arrow extends Common {
  readonly kind: 'arrow';
  readonly points: readonly Point[];
  readonly paint: Paint;
  readonly strokeWidth?: number;
  readonly isDashed?: boolean;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The same items, `dx` further right and `dy` further down. */
export const shift = (items: readonly Item[], dx: number, dy: number): readonly Item[] =>
  items.map((item): Item => {
    if (item.kind === 'line') {
      return { ...item, x1: item.x1 + dx, y1: item.y1 + dy, x2: item.x2 + dx, y2: item.y2 + dy };
    }
    if (item.kind === 'arrow') {
      return { ...item, points: item.points.map(({ x, y }) => ({ x: x + dx, y: y + dy })) };
    }
    return { ...item, x: item.x + dx, y: item.y + dy };
  });

/** A part of a picture with its own origin and size. */
export interface Block {
  readonly width: number;
  readonly height: number;
  readonly items: readonly Item[];
}

/** A block with its middle at a point. */
export const centred = ({ items, width, height }: Block, { x, y }: Point): readonly Item[] =>
  shift(items, x - width / 2, y - height / 2);

/** A piece of text before it has a place. */
export interface Run {
  readonly text: string;
  readonly face: Face;
  readonly paint: Paint;
  readonly size?: number;
  readonly href?: string;
  readonly hint?: string;
  readonly isStruck?: boolean;
  readonly halo?: Paint;
}

export const defaultTextSize = 11.5;

export const runWidth = (run: Run): number =>
  textWidth(readable(run.text), run.face, run.size ?? defaultTextSize);

export const runsWidth = (runs: readonly Run[]): number => runs.reduce((sum, run) => sum + runWidth(run), 0);

/** Runs one after another on one baseline. */
export const placeRuns = (runs: readonly Run[], x: number, y: number, ref?: string): readonly Label[] => {
  let at = x;
  return runs.map((run) => {
    const width = runWidth(run);
    // Many programs that draw SVG drop spaces at the ends of a text: the place of the text says the same.
    const indent = width - runWidth({ ...run, text: run.text.trimStart() });
    const text = run.text.trim();
    const label: Label = {
      kind: 'label',
      x: at + indent,
      y,
      ...run,
      width: runWidth({ ...run, text }),
      text: readable(text),
      size: run.size ?? defaultTextSize,
      ...(ref === undefined ? {} : { ref }),
    };
    at += width;
    return label;
  });
};

const margin = 24;

/** A picture with its title above and its legend below. */
export const frame = (
  about: { readonly title: string; readonly description: string },
  content: Block,
  below: Block,
): Scene => {
  const title: Run = { text: about.title, face: 'strong', paint: 'ink', size: 18 };
  const top = margin + 34;
  const width = Math.max(content.width, below.width, runWidth(title));
  return {
    ...about,
    width: width + 2 * margin,
    height: top + content.height + 18 + below.height + margin,
    items: [
      ...placeRuns([title], margin, margin + 16),
      ...shift(content.items, margin, top),
      ...shift(below.items, margin, top + content.height + 18),
    ],
  };
};
