import { type Item, type Run, runWidth } from '../statechart/draw/scene.ts';
import { textWidth, wrapText } from '../statechart/draw/text-metrics.ts';
import { isMark, isMessage, type SequenceMark } from './sequence.ts';
import { eventsOf, type SequenceRow } from './sequence-rows.ts';

/** `wide`: for a page; labels stand between two lifelines. `narrow`: for a phone; lifelines stop where a label crosses them. */
export type SequenceForm = 'wide' | 'narrow';

/** What is beside the lanes, and what a picture's width may be. */
const forms = {
  wide: { margin: 24, timeWidth: 78, termWidth: 66, least: 560, most: 1400, cellWidth: 22, titleSize: 18 },
  narrow: { margin: 8, timeWidth: 62, termWidth: 26, least: 400, most: 400, cellWidth: 16, titleSize: 14 },
} as const;

/** Room between a lifeline and a label: on the sender's side, and on the other, where heads and crosses are. */
export const labelStart = 12;
const labelEnd = 22;
const markPadding = 14;
export const iconWidth = 14;

export const labelSize = 10.5;
export const lineHeight = 12;

/** Where the lifelines are, and how wide a text may be. */
export interface Grid {
  readonly form: SequenceForm;
  readonly nodes: readonly string[];
  readonly gap: number;
  /** From the left of the first lane to the right of the last. */
  readonly left: number;
  readonly right: number;
  readonly width: number;
  readonly margin: number;
  /** How wide a message's label may be, and a mark. */
  readonly labelRoom: number;
  readonly markRoom: number;
  /** Of an entry of a log. */
  readonly cellWidth: number;
  readonly titleSize: number;
  readonly x: (node: string) => number;
}

/** A row as it is drawn, its upper edge at 0. The time stands beside the line at `middle`. */
export interface DrawnRow {
  readonly height: number;
  readonly middle: number;
  readonly items: readonly Item[];
}

export const gridOf = (form: SequenceForm, nodes: readonly string[], rows: readonly SequenceRow[]): Grid => {
  const { margin, timeWidth, termWidth, least, most, cellWidth, titleSize } = forms[form];
  const sides = 2 * margin + timeWidth + termWidth;
  const [narrowest, widest] = [(least - sides) / nodes.length, (most - sides) / nodes.length];
  const gap = form === 'narrow' ? narrowest : Math.max(narrowest, wideGap(rows, widest));
  const left = margin + timeWidth;
  const right = left + nodes.length * gap;
  const lanes = right - left;
  return {
    form,
    nodes,
    gap,
    left,
    right,
    width: right + termWidth + margin,
    margin,
    labelRoom: form === 'narrow' ? lanes : gap - labelStart - labelEnd,
    markRoom: form === 'narrow' ? lanes : gap - 12,
    cellWidth,
    titleSize,
    x: (node) => left + gap * (nodes.indexOf(node) + 0.5),
  };
};

/** Room for the labels between two lifelines, in two lines if it must be; a word is not broken. */
const wideGap = (rows: readonly SequenceRow[], most: number): number => {
  const events = rows.flatMap(eventsOf).filter((event) => isMessage(event) || isMark(event));
  const room = (text: string) => textWidth(text, 'code', labelSize) + labelStart + labelEnd;
  const wanted = events.map((event) =>
    isMessage(event) ? room(event.label) : markWidth(event, [markRun(event)]) + 12,
  );
  const words = events.flatMap(({ label }) => label.split(' ').map(room));
  return Math.max(Math.min(262, Math.max(172, most), Math.max(110, ...wanted)), ...words);
};

/** A message's label, in lines that fit. */
export const labelLines = (label: string, { labelRoom }: Pick<Grid, 'labelRoom'>): readonly string[] => {
  const linesIn = (width: number) => wrapText(label, 'code', labelSize, width);
  const count = linesIn(labelRoom).length;
  // As many lines, of about one length: no single word at the end.
  const least = textWidth(label, 'code', labelSize) / count;
  for (let width = least; width < labelRoom; width += 6) {
    const lines = linesIn(width);
    if (lines.length === count) return lines;
  }
  return linesIn(labelRoom);
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
export const markRuns = (mark: SequenceMark, { markRoom }: Pick<Grid, 'markRoom'>): readonly Run[] => {
  const run = markRun(mark);
  const room = markRoom - markPadding - (hasIcon(mark) ? iconWidth : 0);
  return wrapText(run.text, run.face, labelSize, room).map((text) => ({ ...run, text }));
};

export const markWidth = (mark: Pick<SequenceMark, 'kind'>, runs: readonly Run[]): number =>
  Math.max(...runs.map(runWidth)) + markPadding + (hasIcon(mark) ? iconWidth : 0);
