import { shortened } from '../excerpt.ts';
import { UnreadableHistory } from '../operation.ts';
import { isFields, type RecordedEvent, type Recording } from '../recording.ts';
import { checkLength } from './line-length.ts';
import { recordedEvent } from './recorded-event.ts';

/** NDJSON: one event a line. Throws `UnreadableHistory`. */
export const readNdjson = (text: string): Recording => {
  const events: RecordedEvent[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const event = ndjsonEvent(line, index + 1);
    if (event !== null) events.push(event);
  }
  return { events, places: { noun: 'line' } };
};

/** The event in one line; null where the line is blank, or its event a nemesis's, which Jepsen writes into the same file. */
export const ndjsonEvent = (text: string, line: number): RecordedEvent | null => {
  checkLength(text, line);
  const trimmed = line === 1 ? text.replace(/^\uFEFF/, '').trim() : text.trim();
  if (trimmed === '') return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(trimmed);
  } catch {
    throw new UnreadableHistory(line, `not JSON: ${shortened(trimmed)}`);
  }
  if (!isFields(parsed)) throw new UnreadableHistory(line, `not a JSON object: ${shortened(trimmed)}`);
  return recordedEvent(parsed, line);
};
