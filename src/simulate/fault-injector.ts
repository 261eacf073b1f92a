import type { NodeId } from '../raft/types.ts';
import type { Fault } from '../trace/fault.ts';
import type { Network } from './network.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Begins the faults of a plan, and ends them. */
export class FaultInjector {
  readonly #clock: VirtualClock;
  readonly #network: Network;
  readonly #nodes: readonly SimulatedNode[];
  readonly #canSpare: (ids: readonly NodeId[], of?: readonly NodeId[]) => boolean;
  readonly #observe: (type: 'faultBegins' | 'faultEnds', fault: Fault) => void;
  /** Ongoing faults, each with a function that ends it. */
  readonly #ends = new Map<Fault, () => void>();

  /** `canSpare`: whether every configuration in force, or `of` these voters, has a quorum without these nodes. */
  constructor(
    clock: VirtualClock,
    network: Network,
    nodes: readonly SimulatedNode[],
    canSpare: (ids: readonly NodeId[], of?: readonly NodeId[]) => boolean,
    observe: (type: 'faultBegins' | 'faultEnds', fault: Fault) => void,
  ) {
    this.#clock = clock;
    this.#network = network;
    this.#nodes = nodes;
    this.#canSpare = canSpare;
    this.#observe = observe;
  }

  schedule(fault: Fault): void {
    this.#clock.schedule(fault.fromMs * 1000 - this.#clock.nowUs, () => this.begin(fault));
    if (!isLasting(fault)) this.#clock.schedule(fault.toMs * 1000 - this.#clock.nowUs, () => this.end(fault));
  }

  /** Begins `fault` now, whatever its window says. */
  begin(fault: Fault): void {
    if (this.#ends.has(fault)) return;
    this.#observe('faultBegins', fault);
    this.#ends.set(fault, this.#start(fault));
  }

  end(fault: Fault): void {
    const stop = this.#ends.get(fault);
    if (stop === undefined) return;
    this.#ends.delete(fault);
    stop();
    this.#observe('faultEnds', fault);
  }

  /** Ends every fault but those that last. */
  endAll(): void {
    for (const fault of [...this.#ends.keys()]) if (!isLasting(fault)) this.end(fault);
  }

  /** Returns a function that ends it. */
  #start(fault: Fault): () => void {
    switch (fault.kind) {
      case 'partition':
        return this.#partition(fault.groups, fault.oneWay);
      case 'hold': {
        const path = this.#network.conditions.path(fault.from, fault.to);
        path.heldUntilUs = Math.max(path.heldUntilUs, fault.toMs * 1000);
        return () => {
          path.heldUntilUs = 0;
        };
      }
      case 'slowLink': {
        const path = this.#network.conditions.path(fault.from, fault.to);
        path.addUs += fault.addMs * 1000;
        return () => {
          path.addUs -= fault.addMs * 1000;
        };
      }
      case 'disconnect':
        this.#network.disconnect(...fault.nodes);
        return () => {};
      case 'crash': {
        const nodes = fault.nodes.map((id) => this.#node(id));
        for (const node of nodes) node.crash(fault.effects);
        return () => {
          for (const node of nodes) node.release();
        };
      }
      case 'pause': {
        const { process } = this.#node(fault.node);
        process?.pause();
        return () => process?.resume();
      }
      case 'skew': {
        const node = this.#node(fault.node);
        node.setRate(fault.rate);
        return () => node.setRate(1);
      }
      case 'slowDisk': {
        const { disk } = this.#node(fault.node);
        disk.addUs += fault.addMs * 1000;
        return () => {
          disk.addUs -= fault.addMs * 1000;
        };
      }
      case 'failedSync': {
        const { disk } = this.#node(fault.node);
        disk.isNextSyncFailing = true;
        return () => {
          disk.isNextSyncFailing = false;
        };
      }
      case 'fullDisk': {
        const { disk } = this.#node(fault.node);
        disk.isFull = true;
        return () => {
          disk.isFull = false;
        };
      }
      case 'lostDisk':
      case 'olderDisk': {
        const node = this.#node(fault.node);
        const other = fault.kind === 'lostDisk' ? 'empty' : 'copy';
        if (!this.#canLoseDisk(node, other)) return () => {};
        node.exchangeDisk(other);
        return () => node.restoreDisk();
      }
      case 'bitFlip': {
        const node = this.#node(fault.node);
        node.crash();
        node.disk.flip(fault.at, fault.bit);
        // The node must refuse the damaged disk, so it is started to look at it.
        node.release();
        return () => node.disk.repair();
      }
    }
  }

  /** Whether every other node that belongs to the cluster would notice, and enough of them are left. */
  #canLoseDisk(node: SimulatedNode, disk: 'empty' | 'copy'): boolean {
    const others = this.#nodes.filter((other) => other !== node);
    const lost = others.filter(({ isOnOtherDisk }) => isOnOtherDisk).map(({ id }) => id);
    const isRunning = node.node !== null && !node.isOnOtherDisk;
    // Founders on empty disks who are a majority would begin the cluster a second time.
    const blank = others.filter((other) => other.knowsNobody).map(({ id }) => id);
    if (!this.#canSpare([...lost, ...blank, node.id], node.firstVoters)) return false;
    const notices = (other: SimulatedNode) =>
      other.isNoVoter || other.knowsRunOf(node) || (disk === 'empty' && other.namesDiskOf(node));
    return isRunning && this.#canSpare([...lost, node.id]) && others.every(notices);
  }

  #partition(groups: readonly (readonly NodeId[])[], oneWay: boolean): () => void {
    const [first] = groups;
    const paths = this.#nodes.flatMap(({ id: from }) =>
      this.#nodes
        .filter(({ id: to }) => {
          if (to === from) return false;
          if (oneWay) return first?.includes(from) === true && !first.includes(to);
          return !groups.some((group) => group.includes(from) && group.includes(to));
        })
        .map(({ id: to }) => this.#network.conditions.path(from, to)),
    );
    for (const path of paths) path.blocks++;
    return () => {
      for (const path of paths) path.blocks--;
    };
  }

  #node(id: NodeId): SimulatedNode {
    return this.#nodes[id - 1]!;
  }
}

/** Whether it stays when all other faults end. */
export const isLasting = (fault: Fault): boolean => fault.kind === 'partition' && fault.lasts === true;
