import { type Actor, createActor } from 'xstate';
import { encodeControl } from '../../src/adapters/codec/control.ts';
import { wireVersion } from '../../src/adapters/codec/wire-versions.ts';
import { createMemoryDisk, type MemoryDisk, openMemoryClaim } from '../../src/adapters/storage/memory.ts';
import { MemoryNetwork } from '../../src/adapters/transport/memory.ts';
import type { Membership } from '../../src/node/membership.ts';
import { PeerLinks } from '../../src/node/peer-links.ts';
import type { PeerLinksParts } from '../../src/node/peer-links-parts.ts';
import { supervisorMachine } from '../../src/node/supervisor.ts';
import type { Disk } from '../../src/ports/disk.ts';
import type { Log } from '../../src/ports/log.ts';
import type { Transport } from '../../src/ports/transport.ts';
import type { Message } from '../../src/raft/messages.ts';
import type { NodeId } from '../../src/raft/types.ts';
import { VirtualClock } from '../adapters/transport/virtual-clock.ts';

/** One node as far as its links go. */
export interface LinkedNode {
  readonly links: PeerLinks;
  readonly disk: { -readonly [Key in keyof Disk]: Disk[Key] };
  readonly received: Message[];
  /** Warnings, without their fields. */
  readonly warnings: string[];
  readonly transport: Transport;
  /** As when its process dies: connections close, nothing is dialled any more. */
  stop(): void;
}

export const vote = (from: NodeId, to: NodeId): Message => ({
  type: 'RequestVoteResponse',
  from,
  to,
  term: 1,
  voteGranted: true,
});

/** What node 2 says of itself when it starts for the first time, in a cluster of two. */
export const introduction = {
  incarnation: 'run-2',
  clientEndpoint: null,
  peerEndpoint: null,
  configurationIndex: 0,
  logId: '2'.repeat(32),
  start: 1,
  runs: [{ start: 1, tag: '22222222' }],
  firstMembers: [1, 2],
};

/** The membership of a node that knows configuration `index`, and these other members; of nodes 1 to 9, all vote. */
export const membership = (
  peers: readonly NodeId[],
  index = 0,
  voters: readonly NodeId[] = [1, 2, 3, 4, 5, 6, 7, 8, 9],
): Membership => ({
  index,
  committedIndex: index,
  address: null,
  peers: new Map(peers.map((peer) => [peer, null])),
  voters: new Set(voters),
  disks: new Map(),
});

/** The first frame of node 2 to node 1. */
export const hello = (fields = {}): Uint8Array =>
  encodeControl({
    type: 'Hello',
    version: wireVersion,
    clusterId: 'test',
    from: 2,
    to: 1,
    ...introduction,
    ...fields,
  });

/** Nodes that have nothing but links, over a network in memory and on a virtual clock. */
export class LinkCluster {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork({ clock: this.clock });

  readonly #disks = new Map<NodeId, MemoryDisk>();

  /** The disk on which node `self` starts unless another is given. */
  diskOf(self: NodeId): MemoryDisk {
    const disk = this.#disks.get(self) ?? createMemoryDisk(`${self}`.repeat(32));
    this.#disks.set(self, disk);
    return disk;
  }

  start(
    self: NodeId,
    peers: readonly NodeId[],
    parts: Partial<PeerLinksParts> & { at?: NodeId; memory?: MemoryDisk } = {},
  ): LinkedNode {
    const received: Message[] = [];
    const warnings: string[] = [];
    const log: Log = {
      debug: () => {},
      info: () => {},
      warn: (_, message) => warnings.push(message),
      error: (_, message) => warnings.push(message),
    };
    const transport = this.network.transport(parts.at ?? self);
    const { memory = this.diskOf(self), ...rest } = parts;
    const disk = openMemoryClaim(memory.claim, (fn) => this.clock.defer(fn));
    const links = new PeerLinks({
      self,
      clusterId: 'test',
      incarnation: `run-${self}`,
      membership: membership(peers),
      disk,
      firstMembers: [self, ...peers].toSorted((a, b) => a - b),
      transport,
      clock: this.clock,
      seed: self,
      clientEndpoint: `http://node${self}`,
      peerEndpoint: `node${self}:7000`,
      log,
      deliver: (message) => received.push(message),
      ...rest,
    });
    const failed = (error: Error): void => {
      throw error;
    };
    const root: Actor<ReturnType<typeof supervisorMachine>> = createActor(
      supervisorMachine(links.actors, failed),
      { clock: this.clock },
    );
    links.bind((event) => root.send(event));
    root.start();
    links.listen();
    return {
      links,
      disk,
      received,
      warnings,
      transport,
      stop: () => {
        root.stop();
        transport.close(() => {});
      },
    };
  }
}
