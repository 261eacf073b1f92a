import { keyOf } from '../../statechart/inspect/inspected-system.ts';
import type { News } from '../../statechart/inspect/news.ts';
import { snapshotText } from './snapshot-text.ts';

/** The lane of whoever sends from outside of the actors. */
export const outside = 'outside';
/** In pixels. */
export const [laneWidth, lineHeight, headHeight, edge] = [130, 30, 40, 16];

/** A line of the sequence diagram: a message as an arrow between two lanes, or a state that one lane reached. */
export interface Line {
  readonly news: News;
  /** Its place among all news. */
  readonly at: number;
  /** Keys of lanes: an actor's, or `outside`. */
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly isMessage: boolean;
}

/** The lines around a place among all news, at most `most`: half of them up to it, or all where nothing that follows is shown. */
export const linesAround = (
  all: readonly News[],
  at: number,
  { most, isLive }: { readonly most: number; readonly isLive: boolean },
): readonly Line[] => {
  const before: Line[] = [];
  const after: Line[] = [];
  for (let place = at; place >= 0 && before.length < (isLive ? most : most / 2); place -= 1) {
    const line = lineOf(all, place);
    if (line !== null) before.unshift(line);
  }
  for (let place = at + 1; place < all.length && before.length + after.length < most; place += 1) {
    const line = lineOf(all, place);
    if (line !== null) after.push(line);
  }
  return [...before, ...after];
};

/** The lanes that lines need, in the order in which they come; outside in front. */
export const lanesOf = (lines: readonly Line[]): readonly string[] =>
  [...new Set(lines.flatMap(({ from, to }) => [from, to]))].toSorted(
    (a, b) => Number(b === outside) - Number(a === outside),
  );

/** Events as arrows; snapshots only where they say something else than the one before. */
const lineOf = (all: readonly News[], at: number): Line | null => {
  const news = all[at]!;
  if (news.kind === 'event') {
    const { program, source, event } = news;
    const from = source === null ? outside : keyOf({ program, actor: source });
    return { news, at, from, to: keyOf(news), text: event.type, isMessage: true };
  }
  if (news.kind !== 'snapshot') return null;
  const text = snapshotText(news.snapshot);
  const key = keyOf(news);
  return text === '' || text === textBefore(all, at, key)
    ? null
    : { news, at, from: key, to: key, text, isMessage: false };
};

/** How far back the state before is looked for; beyond it, a state is shown although it may be the same. */
const reach = 500;

const textBefore = (all: readonly News[], at: number, key: string): string | null => {
  const earliest = Math.max(0, at - reach);
  for (let place = at - 1; place >= earliest; place -= 1) {
    const news = all[place]!;
    if ((news.kind === 'snapshot' || news.kind === 'actor') && keyOf(news) === key)
      return snapshotText(news.snapshot);
  }
  return null;
};

/** An arrow as SVG paths, and where its text goes; one that an actor sends to itself turns round beside its lane. */
export interface ArrowShape {
  readonly shaft: string;
  readonly head: string;
  readonly text: { readonly x: number; readonly y: number; readonly anchor: 'start' | 'middle' };
  /** How many letters have room. */
  readonly letters: number;
}

const letterWidth = 7;

export const arrowShape = (from: number, to: number, y: number): ArrowShape => {
  if (from === to) {
    const tip = from + 3;
    return {
      shaft: `M${from} ${y - 2}h24v11H${tip + 6}`,
      head: `M${tip} ${y + 9}l7 -4v8Z`,
      text: { x: from + 30, y: y + 6, anchor: 'start' },
      letters: lettersIn(laneWidth),
    };
  }
  const way = to > from ? 1 : -1;
  const tip = to - way * 3;
  return {
    shaft: `M${from} ${y + 8}H${tip - way * 6}`,
    head: `M${tip} ${y + 8}l${-way * 7} -4v8Z`,
    text: { x: (from + to) / 2, y: y + 2, anchor: 'middle' },
    letters: lettersIn(Math.abs(to - from)),
  };
};

const lettersIn = (span: number): number => Math.floor((span - 12) / letterWidth);
