import type { Clock } from '../../ports/clock.ts';
import type { Connection, ConnectionHandlers, Transport } from '../../ports/transport.ts';
import type { NodeId } from '../../raft/types.ts';

/** A network within one process. Everything takes `latencyMs` on `clock`, so with an ordered clock it is deterministic. */
export class MemoryNetwork {
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #acceptors = new Map<NodeId, (connection: Connection) => ConnectionHandlers>();
  readonly #ends = new Set<End>();
  #isCut: (a: NodeId, b: NodeId) => boolean = () => false;

  constructor({ clock, latencyMs = 1 }: { readonly clock: Clock; readonly latencyMs?: number }) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  /** The transport of node `id`. After its `close` the same id may get a new one: the node restarted. */
  transport(id: NodeId): Transport {
    let accept: ((connection: Connection) => ConnectionHandlers) | null = null;
    return {
      listen: (acceptor) => {
        accept = acceptor;
        this.#acceptors.set(id, acceptor);
      },
      dial: (peer, handlers) => this.#dial(id, peer, handlers),
      close: (done) => {
        if (accept !== null && this.#acceptors.get(id) === accept) this.#acceptors.delete(id);
        for (const end of this.#ends) if (end.owner === id) end.close();
        this.#later(done);
      },
    };
  }

  /** Breaks connections between different groups and refuses new ones until `heal`. */
  cut(...groups: readonly (readonly NodeId[])[]): void {
    const groupOf = (id: NodeId): number => groups.findIndex((group) => group.includes(id));
    this.#isCut = (a, b) => groupOf(a) !== groupOf(b);
    for (const end of this.#ends) if (this.#isCut(end.owner, end.peer)) end.break('the network is cut');
  }

  heal(): void {
    this.#isCut = () => false;
  }

  #later(fn: () => void): void {
    this.#clock.setTimeout(fn, this.#latencyMs);
  }

  #dial(from: NodeId, to: NodeId, handlers: ConnectionHandlers): Connection {
    const near = this.#end(from, to, handlers);
    this.#later(() => {
      if (near.isClosed) return;
      const accept = this.#acceptors.get(to);
      if (accept === undefined) return near.break('nobody listens');
      if (this.#isCut(from, to)) return near.break('the network is cut');
      const far = this.#end(to, from);
      near.other = far;
      far.other = near;
      near.open();
      far.open();
      far.handlers = accept(far);
    });
    return near;
  }

  #end(owner: NodeId, peer: NodeId, handlers?: ConnectionHandlers): End {
    const end = new End(
      owner,
      peer,
      (fn) => this.#later(fn),
      () => this.#ends.delete(end),
    );
    if (handlers !== undefined) end.handlers = handlers;
    this.#ends.add(end);
    return end;
  }
}

/** One side of a connection. What it sends arrives at the other side after the latency, in order. */
class End implements Connection {
  readonly remote: string;
  readonly owner: NodeId;
  readonly peer: NodeId;
  handlers: ConnectionHandlers | null = null;
  other: End | null = null;
  isClosed = false;
  #isOpen = false;
  #isSilent = false;
  readonly #later: (fn: () => void) => void;
  readonly #forget: () => void;

  constructor(owner: NodeId, peer: NodeId, later: (fn: () => void) => void, forget: () => void) {
    this.owner = owner;
    this.peer = peer;
    this.remote = `memory:node${peer}`;
    this.#later = later;
    this.#forget = forget;
  }

  /** Tells the handlers, in an event of its own. */
  open(): void {
    this.#isOpen = true;
    this.#later(() => this.#tell((handlers) => handlers.opened()));
  }

  send(frame: Uint8Array): boolean {
    const { other } = this;
    if (!this.#isOpen || this.isClosed || other === null) return false;
    this.#later(() => other.#tell((handlers) => handlers.frame(frame)));
    return true;
  }

  close(): void {
    const { other } = this;
    this.break('closed by this side');
    // After all that was sent before.
    this.#later(() => other?.break('closed by the other side'));
  }

  /** Ends this side at once; what is under way to it is lost. */
  break(reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#forget();
    this.#later(() => {
      this.#isSilent = true;
      this.handlers?.closed(reason);
    });
  }

  #tell(call: (handlers: ConnectionHandlers) => void): void {
    if (!this.isClosed && !this.#isSilent && this.handlers !== null) call(this.handlers);
  }
}
