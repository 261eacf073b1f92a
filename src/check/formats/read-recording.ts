import { shortened } from '../excerpt.ts';
import { UnreadableHistory } from '../operation.ts';
import type { Recording } from '../recording.ts';
import { readJepsenEdn } from './jepsen-edn.ts';
import { readNdjson } from './ndjson.ts';
import { readOperations } from './operations.ts';
import { isPorcupineLine, readPorcupine } from './porcupine.ts';

export type HistoryFormat = 'ndjson' | 'edn' | 'porcupine' | 'operations';

const readers: Readonly<Record<HistoryFormat, (text: string) => Recording>> = {
  ndjson: readNdjson,
  edn: readJepsenEdn,
  porcupine: readPorcupine,
  operations: readOperations,
};

export const historyFormats = Object.keys(readers) as readonly HistoryFormat[];

/** A history in one of the formats; without `format`, in that which the text looks like. Throws `UnreadableHistory`. */
export const readRecording = (text: string, format?: HistoryFormat): Recording => {
  if (text.includes('\0')) throw new UnreadableHistory(1, 'not a text: it has bytes that are zero');
  if (text.trim() === '') throw new UnreadableHistory(1, 'an empty history');
  const recording = readers[format ?? formatOf(text)](text);
  if (recording.events.length === 0) throw new UnreadableHistory(1, 'no operation of any client in it');
  return recording;
};

/** What a text looks like by its first line with an event. */
const formatOf = (text: string): HistoryFormat => {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split('\n', 2000)
    .map((line) => line.trim());
  const first = lines.find((line) => line !== '' && !line.startsWith(';'))!;
  if (lines.some(isPorcupineLine)) return 'porcupine';
  if (first.startsWith('['))
    return /^\[\s*(?:\]|\{\s*(?:"|$)|$)/.test(first) && /"\w+"\s*:/.test(text) ? 'operations' : 'edn';
  if (/^\{\s*:|^[#(]/.test(first)) return 'edn';
  if (first.startsWith('{'))
    return /"clientId"\s*:/.test(first) && /"call"\s*:/.test(first) ? 'operations' : 'ndjson';
  throw new UnreadableHistory(
    1,
    `neither NDJSON nor EDN nor a log that porcupine reads: ${shortened(first)}`,
  );
};
