import Raft, { type Packet } from 'liferaft';
import Log from 'liferaft/log.js';
import memdown from 'memdown';
import type { AdapterMessage, AdapterResponse } from '../../src/conformance/protocol.ts';
import type { TimerName } from '../../src/node/step.ts';
import type { PathMessage } from '../../src/verify/paths/path.ts';
import { fromPacket, toPackets } from './packets.ts';

/** So long that no timer ever expires by itself. */
const never = '10 days';

let logs = 0;

/** One liferaft node, with peers that are only written down. */
export class LiferaftNode {
  readonly #id: number;
  readonly #voters: readonly number[];
  readonly #location: string;
  readonly #raft: Raft;
  #sent: AdapterMessage[] = [];
  /** Calls of the log that have not come back yet. */
  #pending = 0;

  constructor(id: number, voters: readonly number[], location = `log-${++logs}`) {
    this.#id = id;
    this.#voters = voters;
    this.#location = location;
    this.#raft = new Raft(String(id), {
      'election min': never,
      'election max': never,
      heartbeat: never,
      Log,
      adapter: memdown,
      path: location,
    });
    this.#raft.log = this.#counted(this.#raft.log);
    for (const peer of voters) {
      if (peer !== id) this.#raft.join(String(peer), (packet, done) => this.#write(packet, peer, done));
    }
  }

  deliver(message: PathMessage): void {
    for (const packet of toPackets(message, this.#raft.term)) {
      this.#raft.emit('data', packet, (reply) => this.#write(reply as Packet, message.from, () => {}));
    }
  }

  /** False: liferaft has no such timer, or it does not run. */
  expire(timer: TimerName): boolean {
    const { timers } = this.#raft;
    const name = timer === 'heartbeatInterval' || !timers.active('election') ? 'heartbeat' : 'election';
    if (!timers.active(name)) return false;
    timers.tock(name, true)();
    return true;
  }

  async propose(command: string): Promise<void> {
    // A follower's `command` throws a ReferenceError where it means to say who leads; either way nothing is appended.
    await this.#raft.command({ kind: 'command', payload: command }).catch(() => {});
  }

  /** A new instance on the same log database. Its term and its vote liferaft keeps nowhere. */
  restart(): LiferaftNode {
    this.stop();
    return new LiferaftNode(this.#id, this.#voters, this.#location);
  }

  stop(): void {
    this.#raft.end();
  }

  /** What has left, and the state, once all that was begun has come to its end. */
  async answer(): Promise<Extract<AdapterResponse, { ok: true }>> {
    // Between calls of its log liferaft waits for nothing but promises, so a turn of the event loop without a call is the end.
    do await new Promise(setImmediate);
    while (this.#pending > 0);
    const { state, term, votes, log } = this.#raft;
    const role = state === Raft.LEADER ? 'leader' : state === Raft.CANDIDATE ? 'candidate' : 'follower';
    const entries = await log.getEntriesAfter(0);
    const sent = this.#sent;
    this.#sent = [];
    return {
      ok: true,
      state: {
        role,
        term,
        votedFor: votes.for === null ? null : Number(votes.for),
        commitIndex: log.committedIndex,
        log: entries.map((entry) => entry.term),
      },
      sent,
    };
  }

  #write(packet: Packet | undefined, to: number, done: () => void): void {
    // It answers a stale request with a promise of a packet, which no transport can write.
    const message = packet === undefined || packet instanceof Promise ? null : fromPacket(packet, to);
    if (message !== null) this.#sent.push(message);
    done();
  }

  #counted(log: Log): Log {
    return new Proxy(log, {
      get: (target, name, self) => {
        const value = Reflect.get(target, name, self);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          const result = value.apply(self, args);
          if (!(result instanceof Promise)) return result;
          this.#pending++;
          const settle = () => {
            this.#pending--;
          };
          result.then(settle, settle);
          return result;
        };
      },
    });
  }
}
