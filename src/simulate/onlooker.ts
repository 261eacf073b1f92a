import type { HistoryEvent } from '../check/history.ts';
import type { MemberChange } from '../raft/members.ts';
import type { Message } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';
import type { MessageFault } from './plan.ts';

/** What a client asks of a node. */
export type ClientRequest =
  | { readonly type: 'command'; readonly call: Pick<HistoryEvent, 'f' | 'key' | 'value' | 'from' | 'to'> }
  | { readonly type: 'read'; readonly key: string }
  | { readonly type: 'transfer'; readonly target: NodeId | null }
  | { readonly type: 'change'; readonly changes: readonly MemberChange[] };

/** A request that has reached a running node. */
export interface Asked {
  readonly atUs: number;
  readonly node: NodeId;
  readonly request: ClientRequest;
  /** Nothing came of it but a refusal: it might as well not have been asked. */
  isRefused: boolean;
}

/** A message that was lost, repeated or overtaken. */
export interface Struck {
  readonly atUs: number;
  readonly kind: MessageFault['kind'];
  readonly from: NodeId;
  readonly to: NodeId;
  readonly type: Message['type'];
  /** Which one it is, from 1 on, of those of its type that its sender has sent on this link at this very time. */
  readonly nth: number;
}

/** Sees what a plan leaves to its seed: what clients ask of nodes, and what befalls single messages. */
export interface Onlooker {
  asked(asked: Asked): void;
  struck(struck: Struck): void;
}

/** Counts messages that are sent at the same time. */
export class SentAtOnce {
  /** Of the message that was added last: which one it is, from 1 on, of its type and link at its time. */
  count = 0;
  #atUs = -1;
  readonly #counts = new Map<string, number>();

  add({ from, to, type }: Message, atUs: number): void {
    if (atUs !== this.#atUs) this.#counts.clear();
    this.#atUs = atUs;
    const alike = `${from} ${to} ${type}`;
    this.count = (this.#counts.get(alike) ?? 0) + 1;
    this.#counts.set(alike, this.count);
  }
}
