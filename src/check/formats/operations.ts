import { excerpt, shortened } from '../excerpt.ts';
import { type ProcessId, UnreadableHistory } from '../operation.ts';
import { type Fields, isFields, type RecordedEvent, type Recording } from '../recording.ts';
import { checkLength } from './line-length.ts';
import { isName } from './recorded-event.ts';

/**
 * Whole operations, as porcupine's `Operation`: `{ "clientId", "input", "call", "output", "return" }` in a JSON array, or one a
 * line. `call` and `return` are times of one clock; without `return` the outcome is unknown. Throws `UnreadableHistory`.
 *
 * At equal times invocations come before returns, so that the operations overlap: that allows more than the other way round, and
 * is never wrong where a clock is too coarse to tell. A client may have several operations at a time.
 */
export const readOperations = (text: string): Recording => {
  const ends = timedOperations(text).flatMap(({ place, fields }, index) => endsOf(fields, index, place));
  ends.sort((a, b) => a.time - b.time || Number(a.isReturn) - Number(b.isReturn));
  return {
    events: ends.map(
      ({ process, isReturn, data }, index): RecordedEvent => ({
        process,
        type: isReturn ? 'ok' : 'invoke',
        data,
        position: index + 1,
      }),
    ),
    places: { noun: 'time', names: ends.map(({ time }) => String(time)) },
  };
};

interface Placed {
  readonly fields: Fields;
  readonly place: { readonly position: number; readonly name: string };
}

const timedOperations = (text: string): readonly Placed[] => {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (!trimmed.startsWith('[')) {
    return text.split('\n').flatMap((line, index) => {
      checkLength(line, index + 1);
      if (line.trim() === '') return [];
      const place = { position: index + 1, name: `line ${index + 1}` };
      return [{ fields: operationIn(parsed(line, place), place), place }];
    });
  }
  const whole = parsed(trimmed, { position: 1, name: 'line 1' });
  return (whole as readonly unknown[]).map((value, index) => {
    const place = { position: index + 1, name: `operation ${index + 1}` };
    return { fields: operationIn(value, place), place };
  });
};

const parsed = (text: string, { position, name }: Placed['place']): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = text.includes('\n') ? shortened((error as Error).message, 80) : shortened(text.trim());
    throw new UnreadableHistory(position, `not JSON: ${why}`, name);
  }
};

const operationIn = (value: unknown, { position, name }: Placed['place']): Fields => {
  if (isFields(value)) return value;
  throw new UnreadableHistory(
    position,
    `expected {"clientId", "input", "call", "output", "return"}, not ${excerpt(value)}`,
    name,
  );
};

interface End {
  readonly process: ProcessId;
  readonly time: number;
  readonly isReturn: boolean;
  readonly data: unknown;
}

const endsOf = (fields: Fields, index: number, { position, name }: Placed['place']): readonly End[] => {
  const fail = (problem: string): never => {
    throw new UnreadableHistory(position, problem, name);
  };
  const { clientId, input, output } = fields;
  if (!isName(clientId)) fail(`clientId is ${excerpt(clientId)}, not a number or a string`);
  if (input === undefined) fail('input is missing');
  const call =
    typeof fields.call === 'number'
      ? fields.call
      : fail(`call is ${excerpt(fields.call)}, not a time in numbers`);
  // One operation at a time is a rule of events; here each has its own two times.
  const process = `${clientId}/${index + 1}`;
  const invoke = { process, time: call, isReturn: false, data: input };
  if (fields.return === undefined || fields.return === null) return [invoke];
  const returned =
    typeof fields.return === 'number'
      ? fields.return
      : fail(`return is ${excerpt(fields.return)}, not a time in numbers`);
  if (returned < call) fail(`return ${returned} is before call ${call}`);
  return [invoke, { process, time: returned, isReturn: true, data: output ?? null }];
};
