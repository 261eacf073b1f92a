import type { SequenceEvent } from './sequence.ts';
import { rowsOf, type Sending, type SequenceRow } from './sequence-rows.ts';
import { fateOf, markText, wideLines } from './sequence-words.ts';

const timeColumns = 12;
const indent = ' '.repeat(timeColumns + 2);

/** A story as lines: the rows of the picture, each with its time where that is another than before. */
export const sequenceToText = (title: string, events: readonly SequenceEvent[]): string => {
  let last = '';
  const lines = rowsOf(events).flatMap((row) => {
    const text = `${(Math.round(row.time * 10) / 10).toLocaleString('en')} ms`;
    const time = text === last ? '' : text;
    last = text;
    const [first = '', ...others] = rowLines(row);
    const isAct = row.kind === 'wide' && row.event.kind === 'act';
    const written = [`${time.padStart(timeColumns)}  ${first}`, ...others.map((line) => `${indent}${line}`)];
    return isAct ? ['', ...written, ''] : written;
  });
  return `${[title, '', ...lines].join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
};

const rowLines = (row: SequenceRow): readonly string[] => {
  switch (row.kind) {
    case 'message':
      return [messageLine(row.sendings)];
    case 'arrival': {
      const { from, to, label } = row.flight.message;
      return [`${from} → ${to} (arrives, no. ${row.number})  ${label}`];
    }
    case 'marks':
      return row.marks.map((mark) => `${mark.node}  ${markText(mark)}`);
    case 'wide':
      return wideLines(row.event);
  }
};

/** `node1 → node2, node3 (lost)  AppendEntries …` */
const messageLine = (sendings: readonly Sending[]): string => {
  const { from, label } = sendings[0]!.flight.message;
  return `${from} → ${sendings.map(receiver).join(', ')}  ${label}`;
};

const receiver = ({ flight, number }: Sending): string => {
  const { to } = flight.message;
  if (number !== null) return `${to} (sent, no. ${number})`;
  const fate = fateOf(flight);
  return fate === 'delivered' ? to : `${to} (${fate})`;
};
