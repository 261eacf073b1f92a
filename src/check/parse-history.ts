import { ndjsonEvent } from './formats/ndjson.ts';
import { type History, HistoryBuilder } from './history.ts';
import { KeyValueReader } from './models/key-value.ts';

/** Reads a history of keys and values in NDJSON: one event a line. Throws `UnreadableHistory`. docs/histories.md */
export const parseHistory = (text: string): History => {
  const parser = new HistoryParser();
  for (const line of text.split('\n')) parser.line(line);
  return parser.history();
};

/** `parseHistory` for lines that arrive one by one, without their ends. Rejects with `UnreadableHistory`. */
export const parseHistoryLines = async (lines: AsyncIterable<string>): Promise<History> => {
  const parser = new HistoryParser();
  for await (const line of lines) parser.line(line);
  return parser.history();
};

class HistoryParser {
  readonly #reader = new KeyValueReader();
  readonly #builder = new HistoryBuilder();
  #line = 0;

  line(text: string): void {
    this.#line += 1;
    const event = ndjsonEvent(text, this.#line);
    if (event !== null) this.#builder.add(this.#reader.event(event), this.#line);
  }

  history(): History {
    return this.#builder.history();
  }
}
