import { get, type IncomingMessage } from 'node:http';

export interface ReceivedEvent {
  /** `comment` for one. */
  readonly type: string;
  readonly id: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects to be there.
  readonly data: any;
}

/** A stream of server-sent events, as it arrives. */
export class EventStream {
  readonly response: IncomingMessage;
  readonly #events: ReceivedEvent[] = [];
  #text = '';
  #isOver = false;
  #arrived: () => void = () => {};

  private constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8');
    const end = (): void => {
      this.#isOver = true;
      this.#arrived();
    };
    response.on('data', (chunk: string) => {
      const parts = (this.#text + chunk).split('\n\n');
      this.#text = parts.pop()!;
      this.#events.push(...parts.map(eventIn));
      this.#arrived();
    });
    response.on('end', end).on('error', end);
  }

  static open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      get(url, { headers, agent: false }, (response) => resolve(new EventStream(response))).on(
        'error',
        reject,
      );
    });
  }

  /** The next one; null: there is none any more. */
  async next(): Promise<ReceivedEvent | null> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#isOver) return null;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  async take(count: number): Promise<readonly (ReceivedEvent | null)[]> {
    const events: (ReceivedEvent | null)[] = [];
    for (let taken = 0; taken < count; taken++) events.push(await this.next());
    return events;
  }

  /** The rest of what arrives, once it has ended. */
  async text(): Promise<string> {
    while (!this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    return this.#text;
  }

  close(): void {
    this.response.destroy();
  }
}

const eventIn = (text: string): ReceivedEvent => {
  if (text.startsWith(':')) return { type: 'comment', id: null, data: null };
  const fields = new Map(text.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
  return { type: fields.get('event')!, id: fields.get('id') ?? null, data: JSON.parse(fields.get('data')!) };
};
