import { isClientUrl, isTellable } from '../../ports/address.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NodeId } from '../../raft/types.ts';

export interface MemberUrlsParts {
  readonly self: NodeId;
  /** Where clients reach this node. */
  readonly url: string;
  /** Hands a message to what is the same on another node. It may be lost. */
  readonly send: (to: NodeId, message: Uint8Array) => unknown;
  readonly clock: Clock;
}

const ASK = 1;
const TELL = 2;
/** So long an answer takes at most, if there is to be one. */
const answerMs = 300;

/** Where the etcd API of each node is: they ask each other when a client wants to know. */
export class MemberUrls {
  readonly #parts: MemberUrlsParts;
  /** What was told last. */
  readonly #known = new Map<NodeId, string>();
  readonly #waiting = new Map<NodeId, Set<() => void>>();

  constructor(parts: MemberUrlsParts) {
    this.#parts = parts;
  }

  /** None of a node that is not reached, or does not offer it. What was known is good enough, and asked for again for the next time. */
  async of(id: NodeId): Promise<readonly string[]> {
    const { self, url, send } = this.#parts;
    if (id === self) return [url];
    send(id, Uint8Array.of(ASK));
    if (!this.#known.has(id)) await this.#answer(id);
    const known = this.#known.get(id);
    return known === undefined ? [] : [known];
  }

  /** Takes what another node has sent; ignores what makes no sense. */
  receive(from: NodeId, message: Uint8Array): void {
    const { send, url } = this.#parts;
    if (message[0] === ASK) send(from, Uint8Array.of(TELL, ...new TextEncoder().encode(url)));
    if (message[0] !== TELL) return;
    const told = new TextDecoder().decode(message.subarray(1));
    if (!isTellable(told) || !isClientUrl(told)) return;
    this.#known.set(from, told);
    for (const answered of this.#waiting.get(from) ?? []) answered();
  }

  #answer(id: NodeId): Promise<void> {
    const { clock } = this.#parts;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, waiting);
      const answered = (): void => {
        clock.clearTimeout(timer);
        waiting.delete(answered);
        if (waiting.size === 0) this.#waiting.delete(id);
        resolve();
      };
      const timer = clock.setTimeout(answered, answerMs);
      waiting.add(answered);
    });
  }
}
