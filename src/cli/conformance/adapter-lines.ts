import {
  type Adapter,
  AdapterBroken,
  AdapterHung,
  AdapterMalformed,
  AdapterUnusable,
} from '../../conformance/adapter.ts';
import { parseAdapterLine } from '../../conformance/adapter-line.ts';
import type { AdapterRequest, AdapterResponse } from '../../conformance/protocol.ts';

/** Where the lines go: a process, or a connection. */
export interface Line {
  /** Sends this text. What cannot be sent any more is dropped: the end is reported by `onEnd`. */
  write(text: string): void;
  /** Ends it at once. Nothing is reported afterwards. */
  stop(): void;
  /** Why no answer can come yet, where that is known. */
  readonly trouble?: string | undefined;
}

/** What a line reports. */
export interface LineEvents {
  onText(text: string): void;
  /** It is over, and nothing more comes: `what` has happened (`its process ended (exit code 3)`), with its last words, if it had any. */
  onEnd(what: string, lastWords?: string): void;
  /** It could not be opened. */
  onNotOpened(error: AdapterBroken | AdapterUnusable): void;
}

interface Waiting {
  readonly request: AdapterRequest;
  readonly resolve: (response: AdapterResponse) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * An adapter that answers line by line, whatever carries the lines. The first `init` opens the line, and so does the next `init` after it
 * broke.
 */
export abstract class AdapterLines implements Adapter {
  /** How long an answer may take. */
  readonly timeoutMs: number;
  #line: Line | null = null;
  #waiting: Waiting | null = null;
  #rest = '';
  #starts = 0;
  /** A surplus line. Nobody is waiting for it, so the next request fails with it. */
  #unasked: string | null = null;
  /** The latest request that was answered. */
  #last: AdapterRequest | null = null;
  /** It has answered an `init`, so it is an adapter. */
  #hasAnswered = false;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** How often it was started: once if it never broke. */
  get starts(): number {
    return this.#starts;
  }

  /** Whether it has ever answered as an adapter does. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** The end of what it wrote to its standard error, if that can be seen. */
  abstract get stderr(): string;

  /** The usual reason why an adapter seems to be silent. */
  protected abstract readonly whenSilent: string;

  protected abstract open(events: LineEvents): Line;

  ask(request: AdapterRequest): Promise<AdapterResponse> {
    if (this.#unasked !== null) {
      const text = `the adapter gave a line that nobody asked for, after its answer to ${JSON.stringify(this.#last)}: ${this.#unasked.slice(0, 120)}`;
      this.#unasked = null;
      this.#stop();
      return Promise.reject(new AdapterMalformed(text));
    }
    if (this.#line === null) {
      if (request.do !== 'init') return Promise.reject(new AdapterBroken('the adapter has ended'));
      this.#start();
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#onTimeout(), this.timeoutMs);
      this.#waiting = { request, resolve, reject, timer };
      this.#line!.write(`${JSON.stringify(request)}\n`);
    });
  }

  /** Ends the process, or the connection. */
  close(): void {
    this.#stop();
  }

  #start(): void {
    this.#rest = '';
    this.#unasked = null;
    this.#starts++;
    const isCurrent = () => line === this.#line;
    const line = this.open({
      onText: (text) => {
        if (isCurrent()) this.#onText(text);
      },
      onEnd: (what, lastWords) => {
        if (isCurrent()) this.#onEnd(what, lastWords);
      },
      onNotOpened: (error) => {
        if (!isCurrent()) return;
        this.#line = null;
        this.#fail(error);
      },
    });
    this.#line = line;
  }

  #onText(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) this.#onLine(line);
  }

  #onLine(line: string): void {
    if (line.trim() === '') return;
    const waiting = this.#waiting;
    if (waiting === null) {
      this.#unasked ??= line;
      return;
    }
    let response: AdapterResponse;
    try {
      response = parseAdapterLine(line, waiting.request);
    } catch (error) {
      this.#stop();
      const { message } = error as Error;
      this.#fail(this.#hasAnswered ? new AdapterMalformed(message) : (error as Error));
      return;
    }
    if (waiting.request.do === 'init' && !response.ok && !this.#hasAnswered) {
      this.#fail(new AdapterUnusable(`the adapter refuses to start a node: ${response.error}`));
      return;
    }
    this.#hasAnswered = true;
    this.#last = waiting.request;
    this.#waiting = null;
    clearTimeout(waiting.timer);
    waiting.resolve(response);
  }

  #onTimeout(): void {
    const { request } = this.#waiting!;
    const trouble = this.#line?.trouble;
    const why = trouble === undefined ? '' : `, ${trouble}`;
    const torn = this.#rest === '' ? why : `, only an unfinished line: ${this.#rest.slice(0, 120)}`;
    this.#stop();
    const text = `no answer to "${request.do}" in ${this.timeoutMs} ms${torn}`;
    this.#fail(
      this.#hasAnswered
        ? new AdapterHung(`it hung: ${text}`)
        : new AdapterUnusable(`the adapter gave ${text} (${this.whenSilent})`),
    );
  }

  #onEnd(what: string, lastWords: string | undefined): void {
    this.#line = null;
    const torn = this.#rest === '' ? '' : `, in the middle of the line: ${this.#rest.slice(0, 120)}`;
    const asked = this.#waiting?.request.do ?? 'nothing';
    const said = lastWords === undefined ? '' : `: ${lastWords}`;
    const text = `${what} when asked to "${asked}"${torn}${said}`;
    this.#fail(
      this.#hasAnswered ? new AdapterBroken(text) : new AdapterUnusable(`the adapter is unusable: ${text}`),
    );
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) return;
    clearTimeout(waiting.timer);
    waiting.reject(error);
  }

  #stop(): void {
    const line = this.#line;
    this.#line = null;
    line?.stop();
  }
}
