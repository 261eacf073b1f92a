/** Beyond this the inspector is too slow. */
const maxBufferedBytes = 1024 * 1024;

export interface InspectorSocketTimes {
  /** From the loss of a connection, or a failed attempt, to the next attempt. */
  readonly retryMs: number;
  /** An attempt that is not answered by then has failed: something else may be listening there and never speak. */
  readonly answerMs: number;
}

const defaultTimes: InspectorSocketTimes = { retryMs: 2000, answerMs: 5000 };

export interface SocketParts {
  /** `ws://…` or `wss://…` */
  readonly url: string;
  /** Is given one line when the inspector comes and goes. */
  readonly tell: (message: string) => void;
  /** On each connection, before anything else is sent. */
  readonly opened: () => void;
  readonly received: (text: string) => void;
  readonly times?: InspectorSocketTimes;
}

/** The connection to an inspector, in a browser or in Node.js: dials, and redials when it is gone. Nothing in here throws. */
export class InspectorSocket {
  readonly #parts: SocketParts;
  readonly #times: InspectorSocketTimes;
  #socket: WebSocket | null = null;
  /** Until the next attempt, or the end of this one. */
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isStopped = false;
  #wasOpen: boolean | null = null;

  constructor(parts: SocketParts) {
    this.#parts = parts;
    this.#times = parts.times ?? defaultTimes;
    this.#dial();
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** False: there is no inspector, or it reads too slowly. */
  get hasRoom(): boolean {
    return this.isOpen && this.#socket!.bufferedAmount <= maxBufferedBytes;
  }

  /** False: not sent, for want of room. */
  send(text: string): boolean {
    if (!this.hasRoom) return false;
    this.#socket!.send(text);
    return true;
  }

  stop(): void {
    this.#isStopped = true;
    this.#clearTimer();
    this.#socket?.close();
  }

  #dial(): void {
    const { url, tell, opened, received } = this.#parts;
    let socket: WebSocket;
    try {
      socket = new WebSocket(url);
    } catch (error) {
      // A browser refuses some addresses at once, such as those without encryption to a page with it.
      this.#isStopped = true;
      tell(`no inspector at ${url}: ${(error as Error).message}`);
      return;
    }
    this.#socket = socket;
    this.#after(this.#times.answerMs, () => socket.close());
    socket.onopen = () => {
      this.#clearTimer();
      if (this.#isStopped) {
        socket.close();
        return;
      }
      this.#wasOpen = true;
      tell(`inspected at ${url}`);
      opened();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') received(data);
    };
    socket.onclose = () => {
      if (this.#isStopped) return;
      const { retryMs } = this.#times;
      if (this.#wasOpen !== false) tell(`no inspector at ${url}; tries again every ${retryMs / 1000} s`);
      this.#wasOpen = false;
      this.#after(retryMs, () => this.#dial());
    };
    // An error is always followed by a close.
    socket.onerror = () => {};
  }

  #after(delayMs: number, then: () => void): void {
    this.#clearTimer();
    this.#timer = patientTimer(then, delayMs);
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** A timer for which no program stays alive; a browser's has no say in that. */
export const patientTimer = (then: () => void, delayMs: number): ReturnType<typeof setTimeout> => {
  const timer = setTimeout(then, delayMs);
  (timer as { unref?: () => void }).unref?.();
  return timer;
};
