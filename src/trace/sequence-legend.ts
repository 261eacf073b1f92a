import { type Block, type Item, placeRuns, type Run, runWidth, shift } from '../statechart/draw/scene.ts';
import { wrapText } from '../statechart/draw/text-metrics.ts';
import type { SequenceMark } from './sequence.ts';
import { cell, cross, dot, iconOf, tear, tick } from './sequence-icons.ts';
import { eventsOf, type SequenceRow, termsOf } from './sequence-rows.ts';

const size = 11;
const rowHeight = 20;
const symbolWidth = 46;

interface Entry {
  readonly isShown: boolean;
  readonly text: string;
  readonly symbol: readonly Item[];
}

/** What the signs mean: those that occur, and all of those. `note` says what else there is to say of the picture. */
export const sequenceLegend = (rows: readonly SequenceRow[], note: string, width: number): Block => {
  let [x, y] = [0, 0];
  const items: Item[] = [];
  for (const { text, symbol } of entriesFor(rows).filter(({ isShown }) => isShown)) {
    const run = textRun(text);
    const taken = symbolWidth + runWidth(run) + 22;
    if (x > 0 && x + taken > width) [x, y] = [0, y + rowHeight];
    items.push(...shift(symbol, x, y), ...placeRuns([run], x + symbolWidth, y + 14));
    x += taken;
  }
  if (x > 0) y += rowHeight;
  for (const line of note === '' ? [] : wrapText(note, 'prose', size, width)) {
    items.push(...placeRuns([textRun(line)], 0, y + 14));
    y += rowHeight - 4;
  }
  return { width, height: y, items };
};

const textRun = (text: string): Run => ({ text, face: 'prose', paint: 'faint', size });

const entriesFor = (rows: readonly SequenceRow[]): readonly Entry[] => {
  const events = rows.flatMap(eventsOf);
  const kinds = new Set(events.map(({ kind }) => kind));
  const sendings = rows.flatMap((row) => (row.kind === 'message' ? row.sendings : []));
  const middle = 10;
  const dash = (paint: 'removed' | 'move', isDashed: boolean, to: number): Item => ({
    kind: 'line',
    x1: 2,
    y1: middle,
    x2: to,
    y2: middle,
    paint,
    isDashed,
    strokeWidth: 1.5,
  });
  const ofMark = (kind: SequenceMark['kind'], text: string): Entry => ({
    isShown: kinds.has(kind),
    text,
    symbol: [
      ...(kind === 'election'
        ? [{ kind: 'box', x: 8, y: 2, width: 18, height: 16, radius: 8, fill: 'move' } as const]
        : []),
      ...iconOf(kind, 17, middle),
    ],
  });
  return [
    {
      isShown: sendings.some(({ flight: { endAt, isLost } }) => endAt !== null && !isLost),
      text: 'a message, where it was under way',
      symbol: [
        {
          kind: 'arrow',
          points: [2, 2, 32, 32].map((x) => ({ x, y: middle })),
          paint: 'move',
        },
      ],
    },
    {
      isShown: rows.some((row) => row.kind === 'message' && row.sendings.length > 1),
      text: 'the same message to each node with a head or a cross',
      symbol: [
        { kind: 'arrow', points: [2, 2, 18, 18].map((x) => ({ x, y: middle })), paint: 'move' },
        { kind: 'arrow', points: [18, 18, 34, 34].map((x) => ({ x, y: middle })), paint: 'move' },
      ],
    },
    {
      isShown: sendings.some(({ number }) => number !== null),
      text: 'sent here, and at the same number it arrives',
      symbol: [dash('move', false, 18), ...dot(26, middle, 1)],
    },
    {
      isShown: sendings.some(({ flight }) => flight.isLost),
      text: 'lost',
      symbol: [dash('removed', true, 24), ...cross(26, middle, 'removed')],
    },
    {
      isShown: sendings.some(({ flight }) => flight.endAt === null),
      text: 'still under way where the picture ends or is cut',
      symbol: [dash('move', false, 24), ...dot(27, middle, null)],
    },
    {
      isShown: sendings.some(({ flight }) => /×\d+$/.test(flight.message.label)),
      text: 'n such messages in this part',
      symbol: placeRuns([{ text: '×n', face: 'code', paint: 'ink', size }], 10, 14),
    },
    ofMark('election', 'becomes leader'),
    ofMark('commit', 'knows as committed, up to this entry'),
    {
      isShown: kinds.has('timer'),
      text: 'a timer expires',
      symbol: [{ kind: 'box', x: 6, y: 3, width: 24, height: 14, stroke: 'timer', isDashed: true }],
    },
    ofMark('crash', 'crashes or stops'),
    ofMark('wrong', 'is wrong'),
    {
      isShown: isSomeDown(rows),
      text: 'down',
      symbol: [dash('removed', true, 34)],
    },
    { isShown: kinds.has('expectation'), text: 'was expected, and holds', symbol: tick(17, middle, 'stay') },
    { isShown: kinds.has('violation'), text: 'does not hold', symbol: cross(17, middle, 'removed') },
    {
      isShown: kinds.has('logs'),
      text: 'the logs: terms of the entries, the committed ones filled',
      symbol: [...shift(cell(0, 2, 20, '1', true), -4, 0), ...shift(cell(0, 2, 20, '2', false), 16, 0)],
    },
    { isShown: kinds.has('cut'), text: 'left out', symbol: tear(0, 34, middle) },
    {
      isShown: termsOf(rows).length > 0,
      text: 'terms, each from the first node that enters it',
      symbol: [
        { kind: 'box', x: 2, y: 3, width: 32, height: 7, fill: 'band' },
        { kind: 'box', x: 2, y: 10, width: 32, height: 7, fill: 'heading' },
      ],
    },
  ];
};

const isSomeDown = (rows: readonly SequenceRow[]): boolean =>
  rows
    .flatMap(eventsOf)
    .some((event) => event.kind === 'crash' || (event.kind === 'cut' && event.down.length > 0));
