import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import {
  type Adapter,
  AdapterBroken,
  AdapterHung,
  AdapterMalformed,
  AdapterUnusable,
} from '../../conformance/adapter.ts';
import { parseAdapterLine } from '../../conformance/adapter-line.ts';
import type { AdapterRequest, AdapterResponse } from '../../conformance/protocol.ts';

/** The usual reason why an adapter seems to be silent. */
const whenSilent = ' (does it flush its standard output after each line?)';

/** How much of its standard error is kept for display. */
const keptStderr = 4_000;

interface Waiting {
  readonly request: AdapterRequest;
  readonly resolve: (response: AdapterResponse) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** An adapter that is a shell command. The first `init` starts it, and so does the next `init` after it broke. */
export class AdapterProcess implements Adapter {
  readonly #command: string;
  readonly #timeoutMs: number;
  #child: ChildProcessWithoutNullStreams | null = null;
  #waiting: Waiting | null = null;
  #rest = '';
  #stderr = '';
  #starts = 0;
  /** A surplus line. Nobody is waiting for it, so the next request fails with it. */
  #unasked: string | null = null;
  /** The latest request that was answered. */
  #last: AdapterRequest | null = null;
  /** It has answered an `init`, so it is an adapter. */
  #hasAnswered = false;

  constructor(command: string, timeoutMs: number) {
    this.#command = command;
    this.#timeoutMs = timeoutMs;
  }

  /** How often it was started: once if it never broke. */
  get starts(): number {
    return this.#starts;
  }

  /** The end of what it wrote to its standard error. */
  get stderr(): string {
    return this.#stderr;
  }

  ask(request: AdapterRequest): Promise<AdapterResponse> {
    if (this.#unasked !== null) {
      const text = `the adapter gave a line that nobody asked for, after its answer to ${JSON.stringify(this.#last)}: ${this.#unasked.slice(0, 120)}`;
      this.#unasked = null;
      this.#stop();
      return Promise.reject(new AdapterMalformed(text));
    }
    if (this.#child === null) {
      if (request.do !== 'init') return Promise.reject(new AdapterBroken('the adapter has ended'));
      this.#start();
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#onTimeout(), this.#timeoutMs);
      this.#waiting = { request, resolve, reject, timer };
      this.#child!.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  /** Ends the process. */
  close(): void {
    this.#stop();
  }

  #start(): void {
    this.#rest = '';
    this.#unasked = null;
    this.#stderr = '';
    this.#starts++;
    // A process group of its own, so that whatever the shell starts ends with it.
    const child = spawn('sh', ['-c', this.#command], { stdio: 'pipe', detached: true });
    this.#child = child;
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#onData(child, text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderr);
    });
    // `close` comes after the last of its output; `exit` may come earlier.
    child.on('close', (code, signal) => this.#onClose(child, signal ?? `exit code ${code}`));
    child.on('error', (error) =>
      this.#fail(new AdapterUnusable(`cannot start the adapter: ${error.message}`)),
    );
  }

  #onData(child: ChildProcessWithoutNullStreams, text: string): void {
    if (child !== this.#child) return;
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
    const torn = this.#rest === '' ? '' : `, only an unfinished line: ${this.#rest.slice(0, 120)}`;
    this.#stop();
    const text = `no answer to "${request.do}" in ${this.#timeoutMs} ms${torn}`;
    this.#fail(
      this.#hasAnswered
        ? new AdapterHung(`it hung: ${text}`)
        : new AdapterUnusable(`the adapter gave ${text}${whenSilent}`),
    );
  }

  #onClose(child: ChildProcessWithoutNullStreams, how: string): void {
    if (child !== this.#child) return;
    this.#child = null;
    const torn = this.#rest === '' ? '' : `, in the middle of the line: ${this.#rest.slice(0, 120)}`;
    const asked = this.#waiting?.request.do ?? 'nothing';
    // The lines of a stack are indented.
    const complaint = this.#stderr.split('\n').find((line) => /^(?!\s).*(error|panic|exception)/i.test(line));
    const said = complaint === undefined ? '' : `: ${complaint.trim()}`;
    const text = `its process ended (${how}) when asked to "${asked}"${torn}${said}`;
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
    const child = this.#child;
    this.#child = null;
    if (child?.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
}
