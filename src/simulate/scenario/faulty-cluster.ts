import type { NodeId } from '../../raft/types.ts';
import { nodeName } from '../../raft/types.ts';
import type { Fault } from '../../trace/fault.ts';
import type { Told } from '../../trace/told.ts';
import type { Transcript } from '../../trace/transcript.ts';
import type { Simulation } from '../simulation.ts';
import { ClusterSight } from './cluster-sight.ts';

/** What a script can do to the network, the disks and the processes of a cluster. Every change is narrated. */
export class FaultyCluster extends ClusterSight {
  protected readonly transcript: Transcript;
  /** Takes the storyteller's part, for traces. */
  protected readonly told: (told: Told) => void;
  /** End what is cut. */
  #unblocks: (() => void)[] = [];
  readonly #crashes = new Map<NodeId, Fault>();
  readonly #slow = new Map<string, Fault>();

  constructor(simulation: Simulation, transcript: Transcript, told: (told: Told) => void) {
    super(simulation);
    this.transcript = transcript;
    this.told = told;
  }

  /** What the script does to the cluster. */
  protected note(who: string, text: string): void {
    this.transcript.tell(who, text);
    this.told({ kind: 'note', who, text });
  }

  /** Nothing passes between nodes of different groups. This and whatever else is cut stays so until `heal`. */
  partition(...groups: readonly (readonly NodeId[])[]): void {
    const groupOf = (id: NodeId) => groups.findIndex((group) => group.includes(id));
    this.note('network', `is cut: ${groups.map(named).join(' | ')}`);
    this.#block((from, to) => groupOf(from) !== groupOf(to));
  }

  /** Only `center` reaches others, and those alone are `leaves`: of more than three nodes nobody else can win an election. */
  star(center: NodeId, leaves: readonly NodeId[]): void {
    this.note('network', `is cut: ${nodeName(center)} reaches ${reach(leaves)}`);
    const isLink = (a: NodeId, b: NodeId) => a === center && leaves.includes(b);
    this.#block((from, to) => !isLink(from, to) && !isLink(to, from));
  }

  /** A star, whatever was cut before. */
  onlyStar(center: NodeId, leaves: readonly NodeId[]): void {
    this.#unblock();
    this.star(center, leaves);
  }

  /** What `from` sends to anybody is lost; it still hears the others. */
  mute(from: NodeId): void {
    this.note('network', `loses all that ${nodeName(from)} sends`);
    this.#block((sender) => sender === from);
  }

  /** What `from` sends to `to` is lost; it still hears it. */
  cut(from: NodeId, to: NodeId): void {
    this.note('network', `loses all that ${nodeName(from)} sends to ${nodeName(to)}`);
    this.#block((sender, receiver) => sender === from && receiver === to);
  }

  /** Every node reaches every other. */
  heal(): void {
    this.note('network', 'is whole again');
    this.#unblock();
  }

  /** Messages from one node to another take longer by `addMs`; 0: no longer. */
  slowLink(from: NodeId, to: NodeId, addMs: number): void {
    const link = `${nodeName(from)} to ${nodeName(to)}`;
    this.note(
      'network',
      addMs > 0 ? `takes ${addMs} ms more from ${link}` : `is as fast as ever from ${link}`,
    );
    this.#slowDown(link, { ...this.#untilEnded(), kind: 'slowLink', from, to, addMs });
  }

  /** A sync takes longer by `addMs`; 0: no longer. */
  slowDisk(node: NodeId, addMs: number): void {
    this.note(
      nodeName(node),
      addMs > 0 ? `has a disk that takes ${addMs} ms more` : 'has its fast disk again',
    );
    this.#slowDown(nodeName(node), { ...this.#untilEnded(), kind: 'slowDisk', node, addMs });
  }

  /** Nodes lose power at once; what was not synced may be lost. */
  crash(...nodes: readonly NodeId[]): void {
    for (const node of nodes) {
      const fault: Fault = { ...this.#untilEnded(), kind: 'crash', nodes: [node], effects: 0 };
      this.#crashes.set(node, fault);
      this.#begin(fault);
    }
  }

  /** Those of these nodes that have crashed start again. */
  restart(...nodes: readonly NodeId[]): void {
    for (const node of nodes) {
      const fault = this.#crashes.get(node);
      this.#crashes.delete(node);
      if (fault !== undefined) this.simulation.faults.end(fault);
    }
  }

  hasCrashed(node: NodeId): boolean {
    return this.#crashes.has(node);
  }

  #untilEnded() {
    return { fromMs: this.nowMs, toMs: Number.POSITIVE_INFINITY };
  }

  #begin(fault: Fault): void {
    this.simulation.faults.begin(fault);
  }

  #unblock(): void {
    for (const unblock of this.#unblocks) unblock();
    this.#unblocks = [];
  }

  #block(isBlocked: (from: NodeId, to: NodeId) => boolean): void {
    const { conditions } = this.simulation.network;
    const paths = this.all().flatMap(({ id: from }) =>
      this.others(from).flatMap((to) => (isBlocked(from, to) ? [conditions.path(from, to)] : [])),
    );
    for (const path of paths) path.blocks++;
    this.#unblocks.push(() => {
      for (const path of paths) path.blocks--;
    });
  }

  #slowDown(what: string, fault: Extract<Fault, { addMs: number }>): void {
    const before = this.#slow.get(what);
    if (before !== undefined) this.simulation.faults.end(before);
    this.#slow.set(what, fault);
    this.#begin(fault);
  }
}

const named = (group: readonly NodeId[]): string => group.map(nodeName).join(' ');

const reach = (leaves: readonly NodeId[]): string => {
  if (leaves.length === 0) return 'nobody';
  return leaves.length === 1 ? `only ${named(leaves)}` : `only ${named(leaves)}, and they reach only it`;
};
