import type { StatelyInspectionEvent } from '@statelyai/inspect';

/** Beyond this the inspector is too slow: events are dropped until it has caught up. */
const maxBufferedBytes = 1024 * 1024;
const retryMs = 2000;

/**
 * The way to an inspector: dials, dials again when it is gone, and drops what it cannot send. On each connection all actors and
 * their newest snapshots are sent first, so that an inspector that comes late knows them. Nothing in here keeps the process alive or throws.
 */
export class InspectorSocket {
  readonly #url: string;
  readonly #tell: (message: string) => void;
  readonly #actors = new Map<string, string>();
  readonly #snapshots = new Map<string, string>();
  #socket: WebSocket | null = null;
  #retry: NodeJS.Timeout | null = null;
  #isStopped = false;
  #wasOpen: boolean | null = null;

  constructor(url: string, tell: (message: string) => void) {
    this.#url = url;
    this.#tell = tell;
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
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#socket?.close();
  }

  #dial(): void {
    this.#retry = null;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
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
      if (this.#wasOpen !== false)
        this.#tell(`no inspector at ${this.#url}; tries again every ${retryMs / 1000} s`);
      this.#wasOpen = false;
      this.#retry = setTimeout(() => this.#dial(), retryMs);
      this.#retry.unref();
    };
    // An error is always followed by a close.
    socket.onerror = () => {};
  }
}
