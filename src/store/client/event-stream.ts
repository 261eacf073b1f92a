/** One server-sent event. */
export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
  /** Null: it has none. */
  readonly id: string | null;
}

/** The events in `body`, as they arrive; comments are dropped. Lines end with a line feed, as our server writes them. HTML, server-sent events */
export async function* eventsIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent, void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map(fieldIn));
      const data = fields.get('data');
      if (data !== undefined)
        yield { type: fields.get('event') ?? 'message', data, id: fields.get('id') ?? null };
    }
  }
}

const fieldIn = (line: string): readonly [string, string] => {
  const colon = line.indexOf(':');
  return colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
};
