import { earlyHeartbeatFor, isHeartbeat } from '../../raft/early-heartbeat.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { plainMessage } from '../../trace/trace-line.ts';
import { NotAllowed } from './rejection.ts';

/** How many of the last messages from one node to another are looked at for the one that is most like another. */
const remembered = 64;

/** What the nodes have sent, and what has arrived and was not handled yet. The network may lose, repeat and reorder. */
export class MessagesSeen {
  readonly #sent = new Set<string>();
  readonly #last = new Map<string, Message[]>();
  readonly #arrived = new Map<NodeId, Map<string, number>>();
  #tellsArrivals = false;

  sent(message: Message): void {
    this.#sent.add(keyOf(message));
    // On a slow network its early copy leaves as well; traces do not show that.
    if (isHeartbeat(message)) this.#sent.add(keyOf(earlyHeartbeatFor(message)));
    const way = `${message.from} ${message.to}`;
    const last = this.#last.get(way) ?? [];
    last.push(message);
    if (last.length > remembered) last.shift();
    this.#last.set(way, last);
  }

  wasSent(message: Message): boolean {
    return this.#sent.has(keyOf(message));
  }

  /** Throws `NotAllowed` for a message that nobody has sent, unless the trace need not say so. */
  arrived(message: Message, mayBeUnseen: () => boolean): void {
    if (!this.wasSent(message)) {
      if (!mayBeUnseen()) throw new NotAllowed([this.#neverSent(message)]);
      this.sent(message);
    }
    this.#tellsArrivals = true;
    const { to } = message;
    const waiting = this.#arrived.get(to) ?? new Map<string, number>();
    const key = keyOf(message);
    waiting.set(key, (waiting.get(key) ?? 0) + 1);
    this.#arrived.set(to, waiting);
  }

  /** The chart handles a message. Throws `NotAllowed` if none such has arrived or, where a trace does not tell of arrivals, was sent. */
  handled(message: Message, mayBeUnseen: () => boolean): void {
    const key = keyOf(message);
    if (!this.#sent.has(key)) {
      if (mayBeUnseen()) return;
      throw new NotAllowed([this.#neverSent(message)]);
    }
    if (!this.#tellsArrivals) return;
    const waiting = this.#arrived.get(message.to);
    const count = waiting?.get(key) ?? 0;
    if (count === 0) throw new NotAllowed([`it was sent, but has not arrived at node${message.to}`]);
    if (count === 1) waiting!.delete(key);
    else waiting!.set(key, count - 1);
  }

  /** What had arrived at a process that ended is gone. */
  ended(node: NodeId): void {
    this.#arrived.delete(node);
  }

  #neverSent(message: Message): string {
    const { from, to } = message;
    const candidates = (this.#last.get(`${from} ${to}`) ?? []).filter(({ type }) => type === message.type);
    const ranked = candidates
      .map((candidate) => differingFields(candidate, message))
      .sort((a, b) => a.length - b.length);
    const [nearest] = ranked;
    const near = nearest === undefined ? '' : `; the nearest that it sent has ${nearest.join(', ')}`;
    return `node${from} has not sent it to node${to}${near}`;
  }
}

/** Payloads and bytes are left out: (index, term) names an entry, and what a snapshot holds is no concern of the chart. */
const keyOf = (message: Message): string => {
  switch (message.type) {
    case 'AppendEntries':
      return canonical({ ...message, entries: message.entries.map(({ term }) => term) });
    case 'InstallSnapshot': {
      const { sizeBytes: _, checksum: __, data: ___, dataChecksum: ____, done: _____, ...named } = message;
      return canonical(named);
    }
    default:
      return canonical(message);
  }
};

/** As JSON. A message that has gone through a codec has its fields in another order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

/** `term 3, not 4`: the fields in which `sent` is not what arrived. */
const differingFields = (sent: Message, arrived: Message): readonly string[] => {
  const [a, b] = [plainMessage(sent), plainMessage(arrived)] as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  return Object.keys(a).flatMap((field) => {
    const [has, wants] = [canonical(a[field]), canonical(b[field])];
    return has === wants ? [] : [`${field} ${has}, not ${wants}`];
  });
};
