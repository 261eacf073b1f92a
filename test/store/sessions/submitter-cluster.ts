import { expect } from 'vitest';
import { createMemoryDisk, openMemory } from '../../../src/adapters/storage/memory.ts';
import { MemoryNetwork } from '../../../src/adapters/transport/memory.ts';
import { createNode } from '../../../src/entry/create-node.ts';
import { createSubmitter } from '../../../src/entry/create-submitter.ts';
import type { RaftNode } from '../../../src/node/node.ts';
import type { NodeLimits } from '../../../src/node/start-node.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { NodeId } from '../../../src/raft/types.ts';
import { Stream } from '../../../src/simulate/dice.ts';
import { defaultSessionLimits, type SessionLimits } from '../../../src/store/sessions/limits.ts';
import {
  type SessionResult,
  SessionStateMachine,
} from '../../../src/store/sessions/session-state-machine.ts';
import type { SubmitOutcome, Submitter } from '../../../src/store/sessions/submitter.ts';
import type { NodeTracing } from '../../../src/store/tracing/node-tracing.ts';
import { VirtualClock } from '../../adapters/transport/virtual-clock.ts';
import { ListMachine, textCodec } from './list-machine.ts';

export interface Member {
  readonly node: RaftNode<SessionResult<string>>;
  readonly list: ListMachine;
  readonly submitter: Submitter<string>;
}

interface Options {
  readonly seed?: number;
  readonly sessions?: Partial<SessionLimits>;
  readonly limits?: Partial<NodeLimits>;
  /** Of each node's commands. */
  readonly tracing?: (id: NodeId, clock: Clock) => NodeTracing;
}

/** Three nodes with a submitter each on a virtual clock. The submitters' messages may get lost, late, and arrive twice. */
export class SubmitterCluster {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork({ clock: this.clock });
  readonly members = new Map<NodeId, Member>();
  /** Of the submitters' messages, from 0 to 1. */
  loss = 0;
  /** Whether whoever sends one to this node knows that it is lost. */
  isUnreachable: (to: NodeId) => boolean = () => false;
  /** At most, of each. */
  delayMs = 1;
  /** Handed over, lost or not. */
  readonly messages: { readonly from: NodeId; readonly to: NodeId; readonly bytes: Uint8Array }[] = [];
  /** What each node's wall clock shows beyond the time that has passed. */
  readonly wallMs = new Map<NodeId, number>();

  constructor({ seed = 1, sessions, limits, tracing: tracingOf }: Options = {}) {
    const { clock } = this;
    const random = new Stream(seed);
    const ids = [1, 2, 3];
    let names = 0;
    for (const id of ids) {
      const list = new ListMachine();
      const tracing = tracingOf?.(id, clock);
      const node = createNode({
        id,
        peers: ids.filter((peer) => peer !== id),
        storage: openMemory(createMemoryDisk()),
        transport: this.network.transport(id),
        stateMachine: new SessionStateMachine(list, textCodec, { ...defaultSessionLimits, ...sessions }),
        clock,
        random,
        ...(limits === undefined ? {} : { limits }),
      });
      const submitter = createSubmitter({
        node: tracing?.serve(node) ?? node,
        ...(tracing && { tracing }),
        results: textCodec,
        clock,
        random,
        wallClock: () => (this.wallMs.get(id) ?? 1_000_000) + clock.now(),
        newName: () => `name-${++names}`,
        send: (to, bytes) => {
          this.messages.push({ from: id, to, bytes });
          if (this.isUnreachable(to)) return false;
          for (let copy = 0; copy < 2; copy++) {
            if (random.chance(this.loss) || (copy === 1 && random.chance(0.5))) continue;
            clock.setTimeout(
              () => this.members.get(to)?.submitter.receive(id, bytes),
              random.between(1, this.delayMs),
            );
          }
          return true;
        },
      });
      this.members.set(id, { node, list, submitter });
    }
  }

  submit(id: NodeId, text: string, timeoutMs?: number): Promise<SubmitOutcome<string>> {
    const options = timeoutMs === undefined ? {} : { timeoutMs };
    return this.members.get(id)!.submitter.submit(textCodec.encode(text), options);
  }

  get leader(): Member | undefined {
    return [...this.members.values()]
      .filter(({ node }) => node.status().role === 'leader')
      .sort((a, b) => b.node.status().term - a.node.status().term)[0];
  }

  get followers(): readonly Member[] {
    return [...this.members.values()].filter((each) => each !== this.leader);
  }

  async elected(): Promise<Member> {
    await this.until(() => this.leader !== undefined);
    await this.pass(500);
    return this.leader!;
  }

  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at++) {
      this.clock.advance(1);
      await Promise.resolve();
    }
  }

  async until(isDone: () => boolean): Promise<void> {
    for (let ms = 0; ms < 30_000 && !isDone(); ms++) await this.pass(1);
    expect(isDone()).toBe(true);
  }

  /** Lets time pass until it has settled. */
  async settled<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const end = () => {
      isSettled = true;
    };
    promise.then(end, end);
    await this.until(() => isSettled);
    return promise;
  }
}
