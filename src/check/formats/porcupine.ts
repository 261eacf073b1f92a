import { type EventType, UnreadableHistory } from '../operation.ts';
import type { RecordedEvent, Recording } from '../recording.ts';
import { ednValue } from './edn.ts';
import { checkLength } from './line-length.ts';
import { eventTypes, recordedEvent } from './recorded-event.ts';

/** As Jepsen logged operations on etcd: `INFO  jepsen.util - 5	:invoke	:write	0`. */
const jepsenLine = /^INFO\s+jepsen\.util\s+-\s+(\S+)\s+:(\w+)\s+:([\w-]+)\s+(.*)$/;

/** True for a line that only such a text has. */
export const isPorcupineLine = (line: string): boolean => jepsenLine.test(line) || isKeyValueLine(line);

/** As porcupine's tests log operations on a key-value store, which differ from Jepsen's by their names. */
const isKeyValueLine = (line: string): boolean => /^\{:process\b.*:f :(?:get|put)\b/.test(line);

/**
 * The text logs that porcupine checks: lines of Jepsen's log, or maps with `:get`, `:put` and `:append`, in whose store a key that is
 * absent holds "". Other lines of a Jepsen log are skipped. Throws `UnreadableHistory`.
 */
export const readPorcupine = (text: string): Recording => {
  const events: RecordedEvent[] = [];
  let isKeyValue = false;
  for (const [index, untrimmed] of text.split('\n').entries()) {
    checkLength(untrimmed, index + 1);
    const line = untrimmed.trim();
    const match = jepsenLine.exec(line);
    if (match !== null) {
      const event = jepsenEvent(match, index + 1);
      if (event !== null) events.push(event);
    } else if (line.startsWith('{')) {
      isKeyValue = true;
      const event = recordedEvent(ednValue(line, index + 1), index + 1);
      if (event !== null) events.push(event);
    }
  }
  if (events.length === 0) {
    throw new UnreadableHistory(
      1,
      'no line like "INFO  jepsen.util - 5 :invoke :write 0" or {:process 0, :type :invoke, :f :get, …}',
    );
  }
  return { events, places: { noun: 'line' }, ...(isKeyValue ? { initial: '' } : {}) };
};

const jepsenEvent = (match: RegExpExecArray, line: number): RecordedEvent | null => {
  const [, name, type, f, text] = match;
  if (name === ':nemesis') return null;
  if (!eventTypes.includes(type!))
    throw new UnreadableHistory(line, `expected :invoke, :ok, :fail or :info, not :${type}`);
  if (!/^\d+$/.test(name!))
    throw new UnreadableHistory(line, `expected the number of a process, not ${name}`);
  // A :fail or :info tells its reason in place of the value.
  const hasValue = type === 'invoke' || type === 'ok';
  const data = hasValue ? { f, value: ednValue(text!, line) } : { f };
  return { process: Number(name), type: type as EventType, data, position: line };
};
