/** A server-sent event. */
export interface ServerEvent {
  readonly type: string;
  readonly data: string;
  /** Null: it has none. */
  readonly id: string | null;
}

/** Reads server-sent events from text that arrives in pieces, as far as our nodes write them: with one line of data. */
export class EventParser {
  #rest = '';

  /** Those that `text` completes. */
  *take(text: string): Generator<ServerEvent> {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map<string, string>();
      for (const line of block.split('\n')) {
        const colon = line.indexOf(': ');
        if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 2));
      }
      const data = fields.get('data');
      if (data !== undefined)
        yield { type: fields.get('event') ?? 'message', data, id: fields.get('id') ?? null };
    }
  }
}
