import { isMalformed } from '../adapters/codec/malformed.ts';
import { decodeMessage, encodeMessage } from '../adapters/codec/message.ts';
import type { Connection, ConnectionHandlers, Transport } from '../ports/transport.ts';
import type { Message } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';
import type { NetworkConditions } from './network-conditions.ts';
import type { SimulatedProcess } from './process.ts';
import { UnderWay } from './under-way.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Notified of Raft messages, but not of handshakes and signs of life. */
export interface NetworkObserver {
  sent(message: Message): void;
  /** Just before the node gets it. */
  delivered(message: Message): void;
  lost(message: Message): void;
}

type Accept = (connection: Connection) => ConnectionHandlers;

interface Listener {
  readonly process: SimulatedProcess;
  readonly accept: Accept;
}

/**
 * The wire between simulated nodes: it carries the real frames. A connection keeps their order, as TCP does, unless the
 * plan says otherwise; messages may be lost on a connection that stays open, which TCP would not do.
 */
export class Network {
  readonly clock: VirtualClock;
  readonly conditions: NetworkConditions;
  readonly observer: NetworkObserver;
  /** Messages that have been sent and have not arrived. */
  readonly underWay: UnderWay;
  readonly #listeners = new Map<NodeId, Listener>();
  readonly #ends = new Set<End>();
  #dials = 0;

  constructor(clock: VirtualClock, conditions: NetworkConditions, observer: NetworkObserver) {
    this.clock = clock;
    this.conditions = conditions;
    this.observer = observer;
    this.underWay = new UnderWay(clock, (message) => observer.lost(message));
  }

  /** The transport of one run of node `id`. */
  transport(id: NodeId, process: SimulatedProcess): Transport {
    return {
      listen: (accept) => {
        if (!process.act()) return;
        this.#listeners.set(id, { process, accept });
        this.#resetOlder(id, process);
      },
      dial: (peer, handlers) => this.#dial(id, process, peer, handlers),
      close: (done) => {
        if (!process.act()) return;
        this.#hangUp(process);
        process.defer(done);
      },
    };
  }

  /** Resets connections to an older process of node `id`, as a kernel does that no longer knows them. */
  #resetOlder(id: NodeId, process: SimulatedProcess): void {
    for (const end of this.#ends) {
      if (end.peer !== id || end.other === null || end.other.process === process) continue;
      if (this.conditions.path(id, end.owner).blocks === 0) end.break('connection reset by peer');
    }
  }

  /** The process is gone: its connections end, wherever the news can reach. */
  died(process: SimulatedProcess): void {
    this.#hangUp(process);
  }

  /** Breaks the connections between two nodes at once; what was on its way is lost. */
  disconnect(a: NodeId, b: NodeId): void {
    for (const end of this.#ends) {
      if ((end.owner === a && end.peer === b) || (end.owner === b && end.peer === a))
        end.break('connection reset');
    }
  }

  /** The connection has ended on this side: nothing arrives here any more. */
  forget(end: End): void {
    this.#ends.delete(end);
    this.underWay.loseTo(end);
  }

  #hangUp(process: SimulatedProcess): void {
    for (const [id, listener] of this.#listeners)
      if (listener.process === process) this.#listeners.delete(id);
    for (const end of this.#ends) if (end.process === process) end.hangUp();
  }

  #dial(from: NodeId, process: SimulatedProcess, to: NodeId, handlers: ConnectionHandlers): Connection {
    const near = new End(this, from, to, process);
    near.handlers = handlers;
    if (!process.act()) return near;
    this.#ends.add(near);
    const { conditions } = this;
    const salt = ++this.#dials;
    // An answer needs a path that is open in both directions.
    const isReachable = () =>
      conditions.path(from, to).blocks === 0 && conditions.path(to, from).blocks === 0;
    if (!isReachable()) return near;
    this.clock.schedule(conditions.delayUs(from, to, salt), () => {
      if (near.isClosed || !isReachable()) return;
      const listener = this.#listeners.get(to);
      if (listener === undefined || !listener.process.isAlive) return near.break('connection refused');
      const far = new End(this, to, from, listener.process);
      this.#ends.add(far);
      near.other = far;
      far.other = near;
      // As a kernel does, whether or not the process is awake to see it.
      listener.process.run(() => {
        far.handlers = listener.accept(far);
        far.handlers.opened();
      });
      this.clock.schedule(conditions.delayUs(to, from, salt), () => near.open());
    });
    return near;
  }
}

/** The message in a frame; null for a control frame, which the code that is its first item tells. docs/wire.md */
const messageIn = (frame: Uint8Array): Message | null => {
  if (frame[1]! < 16) return null;
  const message = decodeMessage(frame);
  if (isMalformed(message)) throw new Error(`a node sent a malformed frame: ${message.malformed}`);
  return message;
};

/** One side of a connection. */
class End implements Connection {
  readonly remote: string;
  readonly owner: NodeId;
  readonly peer: NodeId;
  readonly process: SimulatedProcess;
  handlers: ConnectionHandlers | null = null;
  other: End | null = null;
  isClosed = false;
  readonly #network: Network;
  /** No frame to the other side arrives before one that was sent earlier. */
  #lastArrivalUs = 0;

  constructor(network: Network, owner: NodeId, peer: NodeId, process: SimulatedProcess) {
    this.#network = network;
    this.owner = owner;
    this.peer = peer;
    this.process = process;
    this.remote = `node${peer}`;
  }

  open(): void {
    this.process.run(() => {
      if (!this.isClosed) this.handlers?.opened();
    });
  }

  send(frame: Uint8Array): boolean {
    if (!this.process.act()) return true;
    if (this.isClosed || this.other === null) return false;
    const { conditions, observer } = this.#network;
    const { owner, peer } = this;
    const message = messageIn(frame);
    if (message === null) {
      if (conditions.path(owner, peer).blocks === 0) {
        this.#carry(frame, null, conditions.delayUs(owner, peer, this.#lastArrivalUs), true);
      }
      return true;
    }
    observer.sent(message);
    const fate = conditions.fateOf(message);
    if (fate.isLost) {
      observer.lost(message);
      return true;
    }
    this.#carry(frame, message, fate.delayUs, !fate.isDelayed);
    if (fate.isDuplicated) this.#carry(frame.slice(), message, fate.delayUs * 2, false);
    return true;
  }

  close(): void {
    if (this.isClosed || !this.process.act()) return;
    this.hangUp();
    this.process.defer(() => this.handlers?.closed('closed by this side'));
  }

  /** Ends this side, and the other one once it has what was sent before and the news comes through. */
  hangUp(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#network.forget(this);
    this.#tellOther('closed by the other side');
  }

  /** Ends this side at once; what is under way to it is lost. */
  break(reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#network.forget(this);
    this.#network.clock.schedule(0, () => this.process.run(() => this.handlers?.closed(reason)));
  }

  #tellOther(reason: string): void {
    const { other } = this;
    const { clock, conditions } = this.#network;
    if (other === null || conditions.path(this.owner, this.peer).blocks > 0) return;
    const delayUs = conditions.delayUs(this.owner, this.peer, this.#lastArrivalUs);
    // The end of a connection comes after what was sent on it.
    this.#network.underWay.onceArrived(other, () => {
      clock.schedule(Math.max(this.#lastArrivalUs - clock.nowUs, delayUs), () => other.break(reason));
    });
  }

  #carry(frame: Uint8Array, message: Message | null, delayUs: number, isOrdered: boolean): void {
    const { clock, conditions, underWay } = this.#network;
    const other = this.other!;
    const arrive = (arrived: Message): void =>
      this.#arrive(arrived === message ? frame.slice() : encodeMessage(arrived), arrived);
    if (message !== null && underWay.holds(message)) {
      underWay.add(message, other, null, arrive);
      return;
    }
    const { heldUntilUs } = conditions.path(this.owner, this.peer);
    let arrivalUs = Math.max(clock.nowUs, heldUntilUs) + delayUs;
    if (isOrdered) {
      arrivalUs = Math.max(arrivalUs, this.#lastArrivalUs);
      this.#lastArrivalUs = arrivalUs;
    }
    const takesUs = arrivalUs - clock.nowUs;
    if (message === null) clock.schedule(takesUs, () => this.#arrive(frame, null));
    else underWay.add(message, other, takesUs, arrive);
  }

  #arrive(frame: Uint8Array, message: Message | null): void {
    const other = this.other!;
    const { observer, conditions } = this.#network;
    if (other.isClosed || !other.process.isAlive) {
      if (message !== null) observer.lost(message);
      // Nobody is there any more, and says so.
      if (conditions.path(this.peer, this.owner).blocks === 0) this.break('connection reset by peer');
      return;
    }
    other.process.run(() => {
      if (other.isClosed) return;
      if (message !== null) observer.delivered(message);
      other.handlers!.frame(frame);
    });
  }
}
