import type { Connection, ConnectionHandlers } from '../../../ports/transport.ts';
import type { NodeId } from '../../../raft/types.ts';
import { decodeControl, encodeControl, type Hello } from '../../codec/control.ts';
import { isMalformed } from '../../codec/malformed.ts';
import { decodeMessage } from '../../codec/message.ts';
import type { IncomingConnection } from './incoming-connection.ts';

/** How long a request that somebody writes by hand waits until this node has a way to answer it. */
const answerableMs = 2000;

/**
 * Requests that somebody writes by hand, with everything in them that a node says of itself. A node answers over a connection that it dials, and there is nobody to
 * dial: the one that it dials to such a peer meanwhile ends here, is welcomed with what the request says, and carries nothing but the answer.
 */
export class RequestsByHand {
  readonly #waiting = new Map<
    NodeId,
    { readonly asking: IncomingConnection; readonly answerable: () => void }
  >();

  /** Calls `run` once the answer to what `asking` brings can be given, or after a while. `isAnswerable`: whether this node is connected to that peer already. */
  whenAnswerable(asking: IncomingConnection, hello: Hello, isAnswerable: boolean, run: () => void): void {
    if (isAnswerable) {
      run();
      return;
    }
    let isRun = false;
    const answerable = () => {
      if (isRun) return;
      isRun = true;
      clearTimeout(timer);
      run();
    };
    const timer = setTimeout(answerable, answerableMs).unref();
    this.#waiting.set(hello.from, { asking, answerable });
  }

  /** It has been answered, or will not be. */
  forget(asking: IncomingConnection): void {
    for (const [peer, each] of this.#waiting) if (each.asking === asking) this.#waiting.delete(peer);
  }

  /** A connection to `peer`, if a request of it waits here; null: it is to be dialled. */
  dial(peer: NodeId, handlers: ConnectionHandlers): Connection | null {
    const waiting = this.#waiting.get(peer);
    if (waiting === undefined) return null;
    const { asking, answerable } = waiting;
    let isClosed = false;
    const say = (frame: Uint8Array): void => {
      setImmediate(() => {
        if (!isClosed) handlers.frame(frame);
      });
    };
    const close = (): void => {
      if (isClosed) return;
      isClosed = true;
      setImmediate(() => handlers.closed('it was for one request by hand'));
    };
    setImmediate(() => {
      if (!isClosed) handlers.opened();
    });
    asking.onEnd(close);
    return {
      remote: asking.remote,
      close,
      send: (frame) => {
        if (isClosed) return false;
        const control = decodeControl(frame);
        if (!isMalformed(control) && control.type === 'Hello') {
          const { type: _, version: _v, clusterId: _c, to: _t, ...said } = asking.hello!;
          say(encodeControl({ ...said, type: 'Welcome' }));
          setImmediate(() => setImmediate(answerable));
          return true;
        }
        if (!isMalformed(control) && control.type === 'Ping') {
          say(encodeControl({ type: 'Pong' }));
          return true;
        }
        const message = decodeMessage(frame);
        return !isMalformed(message) && asking.answerWith(message, asking.id);
      },
    };
  }
}
