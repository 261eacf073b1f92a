import type { Application, SendApplication } from '../../node/application.ts';
import type { NodeId } from '../../raft/types.ts';

/** Whose messages are whose: the first byte of each. Both ends must agree, so numbers are only ever added. */
export const channelNumbers = { submitter: 1, etcdUrls: 2 } as const;

type Receive = (from: NodeId, message: Uint8Array) => void;

/** Several things that talk to their likes on other nodes, over the same links. */
export class Channels implements Application {
  readonly #receivers = new Map<number, Receive>();
  #send: SendApplication = () => false;

  bind(send: SendApplication): void {
    this.#send = send;
  }

  /** Messages of a channel that is not open here are dropped. */
  receive(from: NodeId, message: Uint8Array): void {
    const [channel] = message;
    if (channel !== undefined) this.#receivers.get(channel)?.(from, message.subarray(1));
  }

  /** Returns what sends on this channel. */
  open(channel: keyof typeof channelNumbers, receive: Receive): SendApplication {
    const number = channelNumbers[channel];
    this.#receivers.set(number, receive);
    return (to, message) => {
      const numbered = new Uint8Array(1 + message.length);
      numbered[0] = number;
      numbered.set(message, 1);
      return this.#send(to, numbered);
    };
  }
}
