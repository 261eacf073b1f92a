import type { StatelyInspectionEvent } from '@statelyai/inspect';

/** Beyond this the inspector is too slow: events are dropped until it has caught up. */
const maxBufferedBytes = 1024 * 1024;

export interface InspectorSocketTimes {
  /** From the loss of a connection, or a failed attempt, to the next attempt. */
  readonly retryMs: number;
  /** An attempt that is not answered by then has failed: something else may be listening there and never speak. */
  readonly answerMs: number;
}

const defaultTimes: InspectorSocketTimes = { retryMs: 2000, answerMs: 5000 };

/**
 * The connection to an inspector: dials, redials when it is gone, and drops what it cannot send. On each connection all actors and
 * their newest snapshots are sent first, so that an inspector that comes late knows them. Nothing in here keeps the process alive or throws.
 */
export class InspectorSocket {
  readonly #url: string;
  readonly #tell: (message: string) => void;
  readonly #times: InspectorSocketTimes;
  readonly #actors = new Map<string, string>();
  readonly #snapshots = new Map<string, string>();
  #socket: WebSocket | null = null;
  /** Until the next attempt, or the end of this one. */
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;
  #wasOpen: boolean | null = null;

  constructor(url: string, tell: (message: string) => void, times: InspectorSocketTimes = defaultTimes) {
    this.#url = url;
    this.#tell = tell;
    this.#times = times;
    this.#dial();
  }

  /** Sends one message of the inspector's protocol, or drops it. */
  send(event: StatelyInspectionEvent): void {
    const text = JSON.stringify(event);
    if (event.type === '@xstate.actor') this.#actors.set(event.sessionId, text);
    if (event.type === '@xstate.snapshot') this.#snapshots.set(event.sessionId, text);
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > maxBufferedBytes) return;
    socket.send(text);
  }

  stop(): void {
    this.#isStopped = true;
    this.#clearTimer();
    this.#socket?.close();
  }

  #dial(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#after(this.#times.answerMs, () => socket.close());
    socket.onopen = () => {
      this.#clearTimer();
      if (this.#isStopped) {
        socket.close();
        return;
      }
      this.#wasOpen = true;
      this.#tell(`inspected at ${this.#url}`);
      for (const text of [...this.#actors.values(), ...this.#snapshots.values()]) socket.send(text);
    };
    socket.onclose = () => {
      if (this.#isStopped) return;
      const { retryMs } = this.#times;
      if (this.#wasOpen !== false)
        this.#tell(`no inspector at ${this.#url}; tries again every ${retryMs / 1000} s`);
      this.#wasOpen = false;
      this.#after(retryMs, () => this.#dial());
    };
    // An error is always followed by a close.
    socket.onerror = () => {};
  }

  #after(delayMs: number, then: () => void): void {
    this.#clearTimer();
    this.#timer = setTimeout(then, delayMs);
    this.#timer.unref();
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
