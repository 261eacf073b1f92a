import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { type ObservedMessage, observedMessageText } from './observed-event.ts';
import { NotAllowed } from './rejection.ts';

interface Sent {
  readonly told: ObservedMessage;
  /** Null: it is one to itself. */
  readonly message: Message | null;
}

/** What nodes of another implementation have sent, as far as the lines tell, each with the whole of it as the chart knows it. The network may lose, repeat and reorder. */
export class ObservedMessages {
  readonly #sent = new Map<string, Sent[]>();
  readonly #queued = new Map<NodeId, Sent[]>();

  queued(told: ObservedMessage, message: Message | null): void {
    this.#queued.set(told.from, [...(this.#queued.get(told.from) ?? []), { told, message }]);
  }

  /** What a node has queued leaves. */
  released(node: NodeId): void {
    for (const { told, message } of this.#queued.get(node) ?? []) this.sent(told, message);
    this.#queued.delete(node);
  }

  /** What had not left a node that went down is gone. */
  ended(node: NodeId): void {
    this.#queued.delete(node);
  }

  sent(told: ObservedMessage, message: Message | null): void {
    const key = keyOf(told);
    const known = this.#sent.get(key) ?? [];
    if (!known.some((each) => agrees(each.told, told))) known.push({ told, message });
    this.#sent.set(key, known);
  }

  wasSent(told: ObservedMessage): boolean {
    return this.#sent.get(keyOf(told))?.some((each) => agrees(each.told, told)) ?? false;
  }

  /** The latest that was sent and is like this; null: none. */
  find(told: ObservedMessage): Message | null {
    return this.#sent.get(keyOf(told))?.findLast((each) => agrees(each.told, told))?.message ?? null;
  }

  neverSent(told: ObservedMessage): NotAllowed {
    const { from, to } = told;
    if (this.#queued.get(from)?.some((each) => keyOf(each.told) === keyOf(told) && agrees(each.told, told)))
      return new NotAllowed([`it has not left node${from} yet`]);
    const near = [...this.#sent.values()]
      .flat()
      .filter((each) => each.told.from === from && each.told.to === to && each.told.type === told.type)
      .slice(-64)
      .map((each) => ({ each, fields: differing(each.told, told) }))
      .sort((a, b) => a.fields.length - b.fields.length)[0];
    const nearest =
      near === undefined ? '' : `; the nearest that it sent is ${observedMessageText(near.each.told)}`;
    return new NotAllowed([`node${from} has not sent it to node${to}${nearest}`]);
  }
}

const keyOf = ({ from, to, type, term }: ObservedMessage): string => `${from} ${to} ${type} ${term}`;

const agrees = (sent: ObservedMessage, arrived: ObservedMessage): boolean =>
  differing(sent, arrived).length === 0;

/** The fields that both tell, and tell otherwise. */
const differing = (sent: ObservedMessage, arrived: ObservedMessage): readonly string[] => {
  const [a, b] = [comparable(sent, arrived), comparable(arrived, sent)];
  const fields = Object.keys(a).filter(
    (name) => b[name] !== undefined && !isDeepStrictEqual(a[name], b[name]),
  );
  return (sent.isHeartbeat ?? false) === (arrived.isHeartbeat ?? false) ? fields : [...fields, 'isHeartbeat'];
};

/** Where only one tells the terms of the entries, their number is compared. */
const comparable = (message: ObservedMessage, other: ObservedMessage): Record<string, unknown> => {
  const { entries, isHeartbeat: _, ...rest } = message;
  if (entries === undefined) return rest;
  const both = typeof entries !== 'number' && typeof other.entries !== 'number';
  return { ...rest, entries: both || typeof entries === 'number' ? entries : entries.length };
};
