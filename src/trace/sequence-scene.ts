import type { Paint } from '../statechart/draw/palette.ts';
import { type Item, placeRuns, type Run, runWidth, type Scene } from '../statechart/draw/scene.ts';
import { wrapText } from '../statechart/draw/text-metrics.ts';
import {
  type Flight,
  flightsOf,
  isMessage,
  nodesOf,
  type SequenceEvent,
  type SequenceMark,
  termsOf,
} from './sequence.ts';

const margin = 24;
const timeWidth = 70;
const termWidth = 76;
const head = 96;
/** A row with text, and the end of a message, which has none. */
const rowHeight = 20;
const endHeight = 9;

const defaultKey =
  'A star: elected. A tick: committed. A dashed line that ends in a cross: lost. A dashed lifeline: down. Bands: terms, from the first node that enters one.';
const keySize = 11;
const keyHeight = 16;
const keyRun = (text: string): Run => ({ text, face: 'prose', paint: 'faint', size: keySize });

const labelRun = (text: string): Run => ({ text, face: 'code', paint: 'ink', size: 10.5 });
const markRun = (mark: SequenceMark): Run => ({
  text: mark.kind === 'timer' ? `after ${mark.label}` : mark.label,
  face: mark.kind === 'election' ? 'strong' : 'code',
  paint: mark.kind === 'election' ? 'paper' : markPaint[mark.kind],
  size: 10.5,
});

const markPaint: Readonly<Record<SequenceMark['kind'], Paint>> = {
  'state-change': 'ink',
  timer: 'timer',
  crash: 'removed',
  restart: 'ink',
  members: 'ink',
  commit: 'stay',
  election: 'move',
  wrong: 'removed',
};

/**
 * Lays a story out from the top down, one row an event: no two texts share a row, so none can overlap. A message runs from the row
 * in which it is sent to the row in which it ends, by an arrowhead or a cross. `timeText` writes the times, which need not be real times;
 * `keyText` explains the signs.
 */
export const sequenceScene = (
  title: string,
  events: readonly SequenceEvent[],
  timeText: (time: number) => string = milliseconds,
  keyText = defaultKey,
): Scene => {
  const nodes = nodesOf(events);
  const flights = flightsOf(events);
  const gap = Math.max(
    130,
    ...flights.map(({ message }) => runWidth(labelRun(message.label)) + 34),
    ...events.flatMap((event) => (isMessage(event) ? [] : [runWidth(markRun(event)) + 36])),
  );
  const x = (node: string) => margin + timeWidth + gap / 2 + nodes.indexOf(node) * gap;
  const rows = rowsOf(events, flights);
  const bottom = rows.bottom + 14;
  const width = margin + timeWidth + nodes.length * gap + termWidth + margin;
  const key = wrapText(keyText, 'prose', keySize, width - 2 * margin);
  const place = { x, y: rows.y, left: margin, right: width - margin, bottom };
  return {
    title,
    description: `${nodes.length} nodes, ${flights.length} messages, time from the top down.`,
    width,
    height: bottom + margin + 8 + key.length * keyHeight,
    items: [
      ...bandItems(events, place),
      ...placeRuns([{ text: title, face: 'strong', paint: 'ink', size: 18 }], margin, margin + 16),
      ...nodes.flatMap((node) => lifeline(node, events, place)),
      ...flights.flatMap((flight) => flightItems(flight, place)),
      ...flights.flatMap((flight) => flightLabel(flight, place)),
      ...events.flatMap((event, at) => (isMessage(event) ? [] : markItems(event, at, place))),
      ...timeItems(events, rows.hasText, timeText, place),
      ...key.flatMap((line, at) =>
        placeRuns([keyRun(line)], margin, bottom + keyHeight + 6 + at * keyHeight),
      ),
    ],
  };
};

interface Places {
  readonly x: (node: string) => number;
  /** The middle of an event's row. */
  readonly y: (at: number) => number;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

const rowsOf = (events: readonly SequenceEvent[], flights: readonly Flight[]) => {
  const wordless = new Set(flights.flatMap(({ sentAt, endAt }) => (sentAt === null ? [] : [endAt])));
  const tops: number[] = [];
  let bottom = head;
  for (const at of events.keys()) {
    tops.push(bottom);
    bottom += wordless.has(at) ? endHeight : rowHeight;
  }
  const hasText = (at: number) => !wordless.has(at);
  return { bottom, hasText, y: (at: number) => tops[at]! + (hasText(at) ? rowHeight : endHeight) / 2 };
};

const bandItems = (events: readonly SequenceEvent[], { y, left, right, bottom }: Places): readonly Item[] => {
  const bands = termsOf(events);
  return bands.flatMap(({ term, from }, at): readonly Item[] => {
    const top = y(from) - rowHeight / 2;
    const end = at + 1 < bands.length ? y(bands[at + 1]!.from) - rowHeight / 2 : bottom;
    const name: Run = { text: `term ${term}`, face: 'strong', paint: 'faint', size: 11 };
    return [
      {
        kind: 'box',
        x: left,
        y: top,
        width: right - left,
        height: end - top,
        fill: at % 2 === 0 ? 'band' : 'heading',
      },
      ...placeRuns([name], right - runWidth(name) - 8, top + 14),
    ];
  });
};

/** Dashed while the node is down. */
const lifeline = (
  node: string,
  events: readonly SequenceEvent[],
  { x, y, bottom }: Places,
): readonly Item[] => {
  const turns = events.flatMap((event, at) =>
    !isMessage(event) && event.node === node && (event.kind === 'crash' || event.kind === 'restart')
      ? [{ y: y(at), isDown: event.kind === 'crash' }]
      : [],
  );
  const name: Run = { text: node, face: 'strong', paint: 'ink', size: 13 };
  const width = Math.max(56, runWidth(name) + 20);
  const ends = [...turns.map((turn) => turn.y), bottom];
  const starts = [{ y: head - 8, isDown: turns[0] !== undefined && !turns[0].isDown }, ...turns];
  return [
    ...starts.map(
      (start, at): Item => ({
        kind: 'line',
        x1: x(node),
        y1: start.y,
        x2: x(node),
        y2: ends[at]!,
        paint: start.isDown ? 'removed' : 'faint',
        isDashed: start.isDown,
      }),
    ),
    {
      kind: 'box',
      x: x(node) - width / 2,
      y: head - 38,
      width,
      height: 26,
      radius: 5,
      fill: 'panel',
      stroke: 'line',
    },
    ...placeRuns([name], x(node) - runWidth(name) / 2, head - 20),
  ];
};

const flightItems = ({ message, sentAt, endAt, isLost }: Flight, { x, y }: Places): readonly Item[] => {
  const [from, to] = [x(message.from), x(message.to)];
  const first = sentAt ?? endAt!;
  const y1 = y(first) + (sentAt === null ? 4 : 5);
  const y2 = endAt === null ? y1 + 12 : sentAt === null ? y1 : y(endAt);
  // Not seen to end: it leaves, and fades out a third of the way. Lost: it comes as far as two thirds.
  const reach = endAt === null ? 0.33 : isLost ? 0.66 : 1;
  const end = { x: from + (to - from) * reach, y: y1 + (y2 - y1) * reach };
  const cross: readonly Item[] = [-1, 1].map((side) => ({
    kind: 'line',
    x1: end.x - 5,
    y1: end.y - 5 * side,
    x2: end.x + 5,
    y2: end.y + 5 * side,
    paint: 'removed',
    strokeWidth: 2,
  }));
  const line: Item =
    isLost || endAt === null
      ? {
          kind: 'line',
          x1: from,
          y1,
          x2: end.x,
          y2: end.y,
          paint: isLost ? 'removed' : 'faint',
          isDashed: true,
          strokeWidth: 1.3,
        }
      : {
          kind: 'arrow',
          points: [{ x: from, y: y1 }, { x: from, y: y1 }, end, end],
          paint: message.isRoutine ? 'faint' : 'move',
        };
  return [line, ...(isLost ? cross : [])];
};

const flightLabel = ({ message, sentAt, endAt }: Flight, { x, y }: Places): readonly Item[] => {
  const label: Run = { ...labelRun(message.label), paint: message.isRoutine ? 'faint' : 'ink', halo: 'band' };
  const [from, to] = [x(message.from), x(message.to)];
  const start = to > from ? from + 12 : from - 12 - runWidth(label);
  return placeRuns([label], start, y(sentAt ?? endAt!) + 1);
};

const iconKinds: readonly SequenceMark['kind'][] = ['commit', 'election', 'crash', 'wrong'];

const markItems = (mark: SequenceMark, at: number, { x, y }: Places): readonly Item[] => {
  const run = markRun(mark);
  const icon = iconKinds.includes(mark.kind);
  const width = runWidth(run) + (icon ? 28 : 14);
  const left = x(mark.node) - width / 2;
  const middle = y(at);
  return [
    {
      kind: 'box',
      x: left,
      y: middle - 8.5,
      width,
      height: 17,
      radius: mark.kind === 'timer' ? 0 : 8,
      fill: mark.kind === 'election' ? 'move' : 'paper',
      stroke: markPaint[mark.kind],
      isDashed: mark.kind === 'timer',
    },
    ...(icon ? iconItems(mark.kind, left + 12, middle) : []),
    ...placeRuns([run], left + (icon ? 21 : 7), middle + 4),
  ];
};

/** A tick for a commit, a star for an election, a cross for a crash and for what is wrong: drawn, so that no font must have them. */
const iconItems = (kind: SequenceMark['kind'], x: number, y: number): readonly Item[] => {
  const paint: Paint = kind === 'election' ? 'paper' : markPaint[kind];
  const line = (x1: number, y1: number, x2: number, y2: number): Item => ({
    kind: 'line',
    x1: x + x1,
    y1: y + y1,
    x2: x + x2,
    y2: y + y2,
    paint,
    strokeWidth: 1.8,
  });
  if (kind === 'commit') return [line(-4, 0, -1, 3.5), line(-1, 3.5, 4, -4)];
  if (kind === 'crash' || kind === 'wrong') return [line(-3.5, -3.5, 3.5, 3.5), line(-3.5, 3.5, 3.5, -3.5)];
  return [line(0, -5, 0, 5), line(-4.3, -2.5, 4.3, 2.5), line(-4.3, 2.5, 4.3, -2.5)];
};

const milliseconds = (time: number): string => `${Math.round(time * 10) / 10} ms`;

const timeItems = (
  events: readonly SequenceEvent[],
  hasText: (at: number) => boolean,
  timeText: (time: number) => string,
  { left, y }: Places,
): readonly Item[] => {
  let last = '';
  return events.flatMap((event, at) => {
    const text = timeText(event.time);
    if (text === last || !hasText(at)) return [];
    last = text;
    return placeRuns([{ text, face: 'code', paint: 'faint', size: 10 }], left + 6, y(at) + 4);
  });
};
