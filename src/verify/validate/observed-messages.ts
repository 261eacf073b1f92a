import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { type ObservedMessage, observedMessageText } from './observed-event.ts';
import { NotAllowed } from './rejection.ts';

interface Sent {
  readonly told: ObservedMessage;
  /** What may have been meant, the latest last: several where what was told alike need not be alike. None: it is one to itself. */
  readonly messages: Message[];
}

/** Of messages that are told alike, how many of the last may be meant. */
const mostAlike = 256;
/** Of those that tell more than what arrived, how many before the last are looked at. */
const mostAgreeing = 64;

/** What was sent from one node to another, of one type and term. */
interface Way {
  readonly all: Sent[];
  readonly byText: Map<string, Sent>;
}

/** What nodes of another implementation have sent, as far as the lines tell, each with the whole of it as the chart knows it. The network may lose, repeat and reorder. */
export class ObservedMessages {
  readonly #ways = new Map<string, Way>();
  readonly #queued = new Map<NodeId, Sent[]>();
  /** Up to where `all` holds nothing like a message that is asked for again and again. */
  readonly #looked = new WeakMap<ObservedMessage, number>();

  queued(told: ObservedMessage, messages: readonly Message[]): void {
    const queued = this.#queued.get(told.from);
    const sent = { told, messages: [...messages] };
    if (queued === undefined) this.#queued.set(told.from, [sent]);
    else queued.push(sent);
  }

  /** What a node has queued leaves. */
  released(node: NodeId): void {
    for (const { told, messages } of this.#queued.get(node) ?? []) this.sent(told, messages);
    this.#queued.delete(node);
  }

  /** What had not left a node that went down is gone. */
  ended(node: NodeId): void {
    this.#queued.delete(node);
  }

  sent(told: ObservedMessage, messages: readonly Message[]): void {
    const key = keyOf(told);
    const way = this.#ways.get(key) ?? { all: [], byText: new Map<string, Sent>() };
    this.#ways.set(key, way);
    const text = JSON.stringify(told);
    const known = way.byText.get(text);
    const sent = known ?? { told, messages: [] };
    for (const message of messages) putLast(sent.messages, message);
    if (known !== undefined) return;
    way.all.push(sent);
    way.byText.set(text, sent);
  }

  wasSent(told: ObservedMessage): boolean {
    return this.#like(told).length > 0;
  }

  /** What may have arrived, the latest first: what was told in the same words, or else what agrees with this. */
  find(told: ObservedMessage): readonly Message[] {
    return this.#like(told).flatMap(({ messages }) => messages.toReversed());
  }

  #like(told: ObservedMessage): readonly Sent[] {
    const way = this.#ways.get(keyOf(told));
    if (way === undefined) return [];
    const same = way.byText.get(JSON.stringify(told));
    if (same !== undefined) return [same];
    const looked = this.#looked.get(told) ?? 0;
    let latest = way.all.length - 1;
    while (latest >= looked && !agrees(way.all[latest]!.told, told)) latest--;
    if (latest < looked) {
      this.#looked.set(told, way.all.length);
      return [];
    }
    const others = way.all.slice(Math.max(0, latest - mostAgreeing), latest);
    return [way.all[latest]!, ...others.toReversed().filter((sent) => agrees(sent.told, told))];
  }

  neverSent(told: ObservedMessage): NotAllowed {
    const { from, to } = told;
    if (this.#queued.get(from)?.some((each) => keyOf(each.told) === keyOf(told) && agrees(each.told, told)))
      return new NotAllowed([`it has not left node${from} yet`]);
    const near = [...this.#ways.values()]
      .flatMap(({ all }) => all)
      .filter((each) => each.told.from === from && each.told.to === to && each.told.type === told.type)
      .slice(-64)
      .map((each) => ({ each, fields: differing(each.told, told) }))
      .sort((a, b) => a.fields.length - b.fields.length)[0];
    const nearest =
      near === undefined ? '' : `; the nearest that it sent is ${observedMessageText(near.each.told)}`;
    return new NotAllowed([`node${from} has not sent it to node${to}${nearest}`]);
  }
}

const putLast = (messages: Message[], message: Message): void => {
  const known = messages.findLastIndex((each) => isDeepStrictEqual(each, message));
  if (known >= 0) messages.splice(known, 1);
  else if (messages.length === mostAlike) messages.shift();
  messages.push(message);
};

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
