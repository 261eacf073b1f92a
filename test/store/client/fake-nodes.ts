/** Nodes that a test answers for, in the place of `fetch`. */
export class FakeNodes {
  /** What was asked: method, and address without its query. */
  readonly asked: string[] = [];
  readonly #answer: Answer;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    const method = init?.method ?? 'GET';
    this.asked.push(`${method} ${url.origin}${url.pathname}`);
    const { signal } = init ?? {};
    signal?.throwIfAborted();
    const given = Promise.withResolvers<never>();
    signal?.addEventListener('abort', () => given.reject(signal.reason));
    return Promise.race([this.#answer(method, url, init ?? {}), given.promise]);
  };
}

type Answer = (method: string, url: URL, init: RequestInit) => Response | Promise<Response>;

export const never = new Promise<never>(() => {});

export const json = (status: number, body: object): Response => Response.json(body, { status });

/** What a node tells of its own accord. */
export class FakeStream {
  readonly response: Response;
  #controller!: ReadableStreamDefaultController<Uint8Array>;

  constructor() {
    this.response = new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => {
          this.#controller = controller;
        },
      }),
    );
  }

  /** The connection breaks. */
  break(): void {
    this.#controller.error(new TypeError('terminated'));
  }

  /** The connection ends as it should, after what was told. */
  end(): void {
    this.#controller.close();
  }

  tell(text: string): void {
    this.#controller.enqueue(new TextEncoder().encode(text));
  }

  progress(revision: number): void {
    this.tell(`event: progress\ndata: {"revision":${revision},"current":${revision}}\nid: ${revision}\n\n`);
  }

  delete(key: string, revision: number): void {
    this.tell(`event: delete\ndata: ${JSON.stringify({ revision, key })}\nid: ${revision}\n\n`);
  }
}
