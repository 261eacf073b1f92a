import { UnreadableHistory } from '../operation.ts';
import type { RecordedEvent, Recording } from '../recording.ts';
import { ednForms } from './edn.ts';
import { recordedEvent } from './recorded-event.ts';

/**
 * Jepsen's history in EDN: a map an event, one after the other (`history.edn`), or all of them in a vector. Throws `UnreadableHistory`.
 * Positions are lines where each event begins on a line of its own, and else numbers of events.
 */
export const readJepsenEdn = (text: string): Recording => {
  const forms = [...ednForms(text)];
  const [first] = forms;
  if (forms.length === 1 && Array.isArray(first!.value)) return numbered(first!.value, first!.line);
  const haveLines = forms.every(({ line }, index) => index === 0 || line > forms[index - 1]!.line);
  if (!haveLines)
    return numbered(
      forms.map(({ value }) => value),
      1,
    );
  const events = forms.map(({ value, line }) => recordedEvent(value, line)).filter((event) => event !== null);
  return { events, places: { noun: 'line' } };
};

const numbered = (values: readonly unknown[], line: number): Recording => {
  const events: RecordedEvent[] = [];
  for (const [index, value] of values.entries()) {
    try {
      const event = recordedEvent(value, index + 1);
      if (event !== null) events.push(event);
    } catch (error) {
      if (!(error instanceof UnreadableHistory)) throw error;
      throw new UnreadableHistory(index + 1, error.problem, `line ${line}: event ${index + 1}`);
    }
  }
  return { events, places: { noun: 'event' } };
};
