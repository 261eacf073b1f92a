import { type Actor, createActor } from 'xstate';
import { MemoryNetwork } from '../../src/adapters/transport/memory.ts';
import { PeerLinks } from '../../src/node/peer-links.ts';
import type { PeerLinksParts } from '../../src/node/peer-links-parts.ts';
import { supervisorMachine } from '../../src/node/supervisor.ts';
import type { Log } from '../../src/ports/log.ts';
import type { Transport } from '../../src/ports/transport.ts';
import type { Message } from '../../src/raft/messages.ts';
import type { NodeId } from '../../src/raft/types.ts';
import { VirtualClock } from '../adapters/transport/virtual-clock.ts';

/** One node as far as its links go. */
export interface LinkedNode {
  readonly links: PeerLinks;
  readonly received: Message[];
  /** Warnings, without their fields. */
  readonly warnings: string[];
  readonly transport: Transport;
  /** As when its process dies: connections close, nothing is dialled any more. */
  stop(): void;
}

/** Nodes that have nothing but links, over a network in memory and on a virtual clock. */
export class LinkCluster {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork({ clock: this.clock });

  start(
    self: NodeId,
    peers: readonly NodeId[],
    parts: Partial<PeerLinksParts> & { at?: NodeId } = {},
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
    const links = new PeerLinks({
      self,
      clusterId: 'test',
      incarnation: `run-${self}`,
      peers,
      transport,
      clock: this.clock,
      seed: self,
      clientEndpoint: `http://node${self}`,
      log,
      deliver: (message) => received.push(message),
      ...parts,
    });
    const failed = (error: Error): void => {
      throw error;
    };
    const root: Actor<ReturnType<typeof supervisorMachine>> = createActor(
      supervisorMachine(links.actors, failed),
      { clock: this.clock },
    );
    links.bind(root.system);
    root.start();
    links.listen();
    return {
      links,
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
