import { decodeControl, encodeControl, isPing } from '../../adapters/codec/control.ts';
import { isMalformed } from '../../adapters/codec/malformed.ts';
import { decodeMessage, encodeMessage } from '../../adapters/codec/message.ts';
import { wireVersion } from '../../adapters/codec/wire-versions.ts';
import type { Connection, ConnectionHandlers, Transport } from '../../ports/transport.ts';
import { assert } from '../../raft/assert.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { drivenLogId } from './driven-storage.ts';

/** The name of every driven cluster. */
export const drivenClusterId = 'driven';

interface PlayedPeersParts {
  readonly self: NodeId;
  /** Ascending. */
  readonly firstMembers: readonly NodeId[];
  readonly later: (run: () => void) => void;
  /** A message of the node left, as it was read back from its frame. */
  readonly sent: (message: Message) => void;
}

/** A peer's connection to the node. */
interface Incoming {
  readonly handlers: ConnectionHandlers;
  isClosed: boolean;
}

/**
 * The transport of a driven node, and everything at its other end: peers that answer the node's dialling and its pings
 * as `docs/wire.md` says, dial in themselves, and otherwise do as they are told. Everything travels as frames.
 */
export class PlayedPeers implements Transport {
  readonly #parts: PlayedPeersParts;
  readonly #incoming = new Map<NodeId, Incoming>();
  #accept: ((connection: Connection) => ConnectionHandlers) | null = null;

  constructor(parts: PlayedPeersParts) {
    this.#parts = parts;
  }

  listen(accept: (connection: Connection) => ConnectionHandlers): void {
    this.#accept = accept;
  }

  dial(peer: NodeId, handlers: ConnectionHandlers): Connection {
    const { later, sent } = this.#parts;
    let isClosed = false;
    let isGreeted = false;
    const answer = (control: Parameters<typeof encodeControl>[0]) => {
      const frame = encodeControl(control);
      later(() => {
        if (!isClosed) handlers.frame(frame);
      });
    };
    later(() => {
      if (!isClosed) handlers.opened();
    });
    return {
      remote: `played:node${peer}`,
      send: (frame) => {
        if (isClosed) return false;
        if (!isGreeted) {
          const hello = decodeControl(frame);
          assert(
            !isMalformed(hello) && hello.type === 'Hello' && hello.to === peer,
            'it says hello',
            hello,
            peer,
          );
          isGreeted = true;
          answer({ type: 'Welcome', from: peer, ...introductionOf(peer, this.#parts.firstMembers) });
        } else if (isPing(frame)) {
          answer({ type: 'Pong' });
        } else {
          const message = decodeMessage(frame);
          assert(!isMalformed(message) && message.to === peer, 'it sends what can be read', message, peer);
          sent(message);
        }
        return true;
      },
      close: () => {
        if (isClosed) return;
        isClosed = true;
        later(() => handlers.closed('closed by this side'));
      },
    };
  }

  close(done: () => void): void {
    this.#parts.later(done);
  }

  /** `peer` dials in and says hello. The node may refuse it. */
  connect(peer: NodeId): void {
    const { self, later } = this.#parts;
    assert(this.#accept !== null, 'the node listens', self, null);
    const hello = encodeControl({
      type: 'Hello',
      version: wireVersion,
      clusterId: drivenClusterId,
      from: peer,
      to: self,
      ...introductionOf(peer, this.#parts.firstMembers),
    });
    const connection: Connection = {
      remote: `played:node${peer}`,
      send: () => !incoming.isClosed,
      close: () => {
        if (incoming.isClosed) return;
        incoming.isClosed = true;
        later(() => incoming.handlers.closed('closed by this side'));
      },
    };
    const incoming: Incoming = { handlers: this.#accept(connection), isClosed: false };
    this.#incoming.set(peer, incoming);
    later(() => incoming.handlers.opened());
    this.#hand(incoming, hello);
  }

  /** Has `message.from` send it, dialling in first if need be. Throws on what no frame can carry. */
  deliver(message: Message): void {
    const frame = encodeMessage(message);
    if (this.#incoming.get(message.from)?.isClosed !== false) this.connect(message.from);
    this.#hand(this.#incoming.get(message.from)!, frame);
  }

  #hand(incoming: Incoming, frame: Uint8Array): void {
    this.#parts.later(() => {
      if (!incoming.isClosed) incoming.handlers.frame(frame);
    });
  }
}

const introductionOf = (peer: NodeId, firstMembers: readonly NodeId[]) => ({
  incarnation: `played${peer}`,
  clientEndpoint: null,
  peerEndpoint: null,
  configurationIndex: 0,
  logId: drivenLogId,
  start: 1,
  runs: [{ start: 1, tag: '00000000' }],
  firstMembers,
});
