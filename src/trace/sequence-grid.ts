import { type Run, runWidth } from '../statechart/draw/scene.ts';
import { textWidth, wrapText } from '../statechart/draw/text-metrics.ts';
import type { SequenceMark } from './sequence.ts';
import { eventsOf, type SequenceRow } from './sequence-rows.ts';

export const margin = 24;
const timeWidth = 78;
const termWidth = 66;
/** Beyond this a picture cannot be read at its full width on a screen. */
const widest = 1400;

/** Room between a lifeline and a label: on the sender's side, and on the other, where heads and crosses are. */
export const labelStart = 12;
const labelEnd = 22;
const markPadding = 14;
export const iconWidth = 14;

export const labelSize = 10.5;
export const lineHeight = 12;

/** Where the lifelines are, and how wide a text may be: labels stay between two lifelines, marks in the lane of their own. */
export interface Grid {
  readonly nodes: readonly string[];
  readonly gap: number;
  /** From the left of the first lane to the right of the last. */
  readonly left: number;
  readonly right: number;
  readonly width: number;
  readonly x: (node: string) => number;
}

export const gridOf = (nodes: readonly string[], rows: readonly SequenceRow[], least: number): Grid => {
  const events = rows.flatMap(eventsOf);
  const wanted = events.map((event) => {
    if ('from' in event) return textWidth(event.label, 'code', labelSize) + labelStart + labelEnd;
    return 'node' in event ? markWidth(event, [markRun(event)]) + 12 : 0;
  });
  const sides = 2 * margin + timeWidth + termWidth;
  const most = Math.min(262, Math.max(172, (widest - sides) / nodes.length));
  const gap = Math.max(
    Math.min(most, Math.max(110, ...wanted)),
    (least - sides) / nodes.length,
    // A word that is longer is not broken.
    ...events.flatMap(({ kind, ...event }) =>
      'label' in event && ('from' in event || 'node' in event)
        ? event.label.split(' ').map((word) => textWidth(word, 'code', labelSize) + labelStart + labelEnd)
        : [],
    ),
  );
  const left = margin + timeWidth;
  const right = left + nodes.length * gap;
  const x = (node: string) => left + gap * (nodes.indexOf(node) + 0.5);
  return { nodes, gap, left, right, width: right + termWidth + margin, x };
};

/** A message's label, in lines that fit between two lifelines. */
export const labelLines = (label: string, { gap }: Pick<Grid, 'gap'>): readonly string[] => {
  const room = gap - labelStart - labelEnd;
  const linesIn = (width: number) => wrapText(label, 'code', labelSize, width);
  const count = linesIn(room).length;
  // As many lines, of about one length: no single word at the end.
  const least = textWidth(label, 'code', labelSize) / count;
  for (let width = least; width < room; width += 6) {
    const lines = linesIn(width);
    if (lines.length === count) return lines;
  }
  return linesIn(room);
};

export const markRun = (mark: Pick<SequenceMark, 'kind' | 'label'>): Run => ({
  text: mark.kind === 'timer' ? `after ${mark.label}` : mark.label,
  face: mark.kind === 'election' ? 'strong' : 'code',
  paint: mark.kind === 'election' ? 'paper' : markPaint[mark.kind],
  size: labelSize,
});

export const markPaint = {
  'state-change': 'ink',
  timer: 'timer',
  crash: 'removed',
  restart: 'ink',
  members: 'ink',
  commit: 'stay',
  election: 'move',
  wrong: 'removed',
} as const satisfies Readonly<Record<SequenceMark['kind'], Run['paint']>>;

export const hasIcon = ({ kind }: Pick<SequenceMark, 'kind'>): boolean =>
  kind === 'commit' || kind === 'election' || kind === 'crash' || kind === 'wrong';

/** A mark's text, in lines that fit into its lane. */
export const markRuns = (mark: SequenceMark, { gap }: Pick<Grid, 'gap'>): readonly Run[] => {
  const run = markRun(mark);
  const room = gap - 12 - markPadding - (hasIcon(mark) ? iconWidth : 0);
  return wrapText(run.text, run.face, labelSize, room).map((text) => ({ ...run, text }));
};

export const markWidth = (mark: Pick<SequenceMark, 'kind'>, runs: readonly Run[]): number =>
  Math.max(...runs.map(runWidth)) + markPadding + (hasIcon(mark) ? iconWidth : 0);
