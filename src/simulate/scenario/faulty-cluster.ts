import type { NodeId } from '../../raft/types.ts';
import { nodeName } from '../../raft/types.ts';
import type { Fault } from '../../trace/fault.ts';
import type { Told } from '../../trace/told.ts';
import type { Transcript } from '../../trace/transcript.ts';
import type { NetworkPlan } from '../plan.ts';
import type { Simulation } from '../simulation.ts';
import { ClusterSight } from './cluster-sight.ts';

/** What a script can do to the network, the disks and the processes of a cluster. Every change is narrated. */
export class FaultyCluster extends ClusterSight {
  protected readonly transcript: Transcript;
  /** Takes the storyteller's part, for traces. */
  protected readonly told: (told: Told) => void;
  /** Links that are cut, each as often as something has cut it. */
  #cuts: (readonly [from: NodeId, to: NodeId])[] = [];
  /** Faults that last until something ends them, by what they befall. */
  readonly #ongoing = new Map<string, Fault>();

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

  /** What `from` sends to `to` arrives again, whatever has cut that. */
  mend(from: NodeId, to: NodeId): void {
    this.note('network', `is whole again from ${nodeName(from)} to ${nodeName(to)}`);
    const isMended = ([sender, receiver]: readonly [NodeId, NodeId]) => sender === from && receiver === to;
    this.simulation.network.conditions.path(from, to).blocks -= this.#cuts.filter(isMended).length;
    this.#cuts = this.#cuts.filter((cut) => !isMended(cut));
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
    this.#befall(
      `link ${link}`,
      addMs > 0 ? { ...this.#untilEnded(), kind: 'slowLink', from, to, addMs } : null,
    );
  }

  /** What `from` sends to `to` during the next `ms` arrives after that. */
  stall(from: NodeId, to: NodeId, ms: number): void {
    const link = `link ${nodeName(from)} to ${nodeName(to)}`;
    this.note('network', `keeps what ${nodeName(from)} sends to ${nodeName(to)} for ${ms} ms`);
    this.#befall(`stalled ${link}`, {
      kind: 'hold',
      fromMs: this.nowMs,
      toMs: this.nowMs + ms,
      from,
      to,
    });
  }

  /** Their connections break, with what is on its way. */
  disconnect(a: NodeId, b: NodeId): void {
    this.note('network', `breaks the connections between ${nodeName(a)} and ${nodeName(b)}`);
    this.simulation.faults.begin({ kind: 'disconnect', fromMs: this.nowMs, toMs: this.nowMs, nodes: [a, b] });
  }

  /** A sync takes longer by `addMs`; 0: no longer. */
  slowDisk(node: NodeId, addMs: number): void {
    this.note(
      nodeName(node),
      addMs > 0 ? `has a disk that takes ${addMs} ms more` : 'has its fast disk again',
    );
    this.#befall(
      `slow disk ${node}`,
      addMs > 0 ? { ...this.#untilEnded(), kind: 'slowDisk', node, addMs } : null,
    );
  }

  /** Its next sync fails, having written some of it: it must stop. */
  failSync(node: NodeId, isFailing = true): void {
    this.note(
      nodeName(node),
      isFailing ? 'has a disk whose next sync fails' : 'has a disk whose syncs succeed again',
    );
    this.#befall(`sync ${node}`, isFailing ? { ...this.#untilEnded(), kind: 'failedSync', node } : null);
  }

  /** No file can be made or grown, or it can again. */
  fillDisk(node: NodeId, isFull: boolean): void {
    this.note(nodeName(node), isFull ? 'has a full disk' : 'has room on its disk again');
    this.#befall(`full disk ${node}`, isFull ? { ...this.#untilEnded(), kind: 'fullDisk', node } : null);
  }

  /** It loses power, and starts on an empty disk. False: nothing is done, since nobody could tell that it has lost anything. */
  loseDisk(node: NodeId): boolean {
    const simulated = this.simulation.nodes[node - 1]!;
    this.#befall(`lost disk ${node}`, { ...this.#untilEnded(), kind: 'lostDisk', node });
    if (!simulated.isOnOtherDisk) {
      this.#befall(`lost disk ${node}`, null);
      return false;
    }
    this.note(nodeName(node), 'loses power, and starts on an empty disk');
    return true;
  }

  /** It loses power, and starts on the disk that it had before. False: none is left of those. */
  restoreDisk(node: NodeId): boolean {
    if (!this.simulation.nodes[node - 1]!.isOnOtherDisk) return false;
    this.note(nodeName(node), 'loses power, and starts on the disk that it had before');
    this.#befall(`lost disk ${node}`, null);
    return true;
  }

  /** It stands still, and what arrives waits; or it goes on. */
  pause(node: NodeId, isPaused: boolean): void {
    this.note(nodeName(node), isPaused ? 'is paused' : 'goes on');
    this.#befall(`pause ${node}`, isPaused ? { ...this.#untilEnded(), kind: 'pause', node } : null);
  }

  isPaused(node: NodeId): boolean {
    return this.#ongoing.has(`pause ${node}`);
  }

  /** Its clock runs `rate` times as fast as time. */
  setClockRate(node: NodeId, rate: number): void {
    this.note(
      nodeName(node),
      rate === 1 ? 'has a right clock' : `has a clock that runs ${rate} times as fast as time`,
    );
    this.#befall(`clock ${node}`, rate === 1 ? null : { ...this.#untilEnded(), kind: 'skew', node, rate });
  }

  /** What becomes of the messages that are sent from now on. */
  setRates(rates: Partial<NetworkPlan>): void {
    const { conditions } = this.simulation.network;
    conditions.rates = { ...conditions.rates, ...rates };
    const { dropRate, duplicateRate, reorderRate, minDelayMs, maxDelayMs } = conditions.rates;
    const percent = (rate: number) => `${+(rate * 100).toFixed(2)} %`;
    this.note(
      'network',
      `loses ${percent(dropRate)}, repeats ${percent(duplicateRate)} and reorders ${percent(reorderRate)} of the messages, which take ${minDelayMs} to ${maxDelayMs} ms`,
    );
  }

  /** Nodes lose power at once; what was not synced may be lost. */
  crash(...nodes: readonly NodeId[]): void {
    this.crashAfter(0, ...nodes);
  }

  /** The same, once each has done so many more effects: a message that leaves, a write, an entry that is applied. */
  crashAfter(effects: number, ...nodes: readonly NodeId[]): void {
    for (const node of nodes)
      this.#befall(`crash ${node}`, { ...this.#untilEnded(), kind: 'crash', nodes: [node], effects });
  }

  /** Those of these nodes that have crashed start again. */
  restart(...nodes: readonly NodeId[]): void {
    for (const node of nodes) this.#befall(`crash ${node}`, null);
  }

  hasCrashed(node: NodeId): boolean {
    return this.#ongoing.has(`crash ${node}`);
  }

  #untilEnded() {
    return { fromMs: this.nowMs, toMs: Number.POSITIVE_INFINITY };
  }

  /** Takes the place of what befell the same before; null: that just ends. */
  #befall(what: string, fault: Fault | null): void {
    const before = this.#ongoing.get(what);
    this.#ongoing.delete(what);
    if (before !== undefined) this.simulation.faults.end(before);
    if (fault === null) return;
    this.#ongoing.set(what, fault);
    this.simulation.faults.begin(fault);
  }

  #unblock(): void {
    for (const [from, to] of this.#cuts) this.simulation.network.conditions.path(from, to).blocks--;
    this.#cuts = [];
  }

  #block(isBlocked: (from: NodeId, to: NodeId) => boolean): void {
    const cut = this.all().flatMap(({ id: from }) =>
      this.others(from).flatMap((to) => (isBlocked(from, to) ? [[from, to] as const] : [])),
    );
    for (const [from, to] of cut) this.simulation.network.conditions.path(from, to).blocks++;
    this.#cuts.push(...cut);
  }
}

const named = (group: readonly NodeId[]): string => group.map(nodeName).join(' ');

const reach = (leaves: readonly NodeId[]): string => {
  if (leaves.length === 0) return 'nobody';
  return leaves.length === 1 ? `only ${named(leaves)}` : `only ${named(leaves)}, and they reach only it`;
};
