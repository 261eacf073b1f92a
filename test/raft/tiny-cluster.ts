import type { Effect } from '../../src/raft/effects.ts';
import type { Message } from '../../src/raft/messages.ts';
import { type ChartNode, delayMsOf } from '../machines/raft/chart-node.ts';

/**
 * A few charts, stepped purely against each other, without chance: messages arrive in order and at once, disks and state
 * machines answer at once, and timers expire in order of their time when `advance` is called.
 */
export class TinyCluster {
  readonly nodes: readonly ChartNode[];
  nowMs = 0;
  delivered: Message[] = [];
  #wire: Message[] = [];
  readonly #due = new Map<ChartNode, Map<string, { readonly armed: number; readonly atMs: number }>>();
  #isUp: (from: number, to: number) => boolean = () => true;

  constructor(nodes: readonly ChartNode[]) {
    this.nodes = nodes;
  }

  /** From now on a message gets through only where `isUp`. */
  connect(isUp: (from: number, to: number) => boolean): void {
    this.#isUp = isUp;
  }

  node(id: number): ChartNode {
    return this.nodes.find((node) => node.id === id)!;
  }

  get leaders(): readonly ChartNode[] {
    return this.nodes.filter((node) => node.role === 'leader');
  }

  /** Does what a node's step asked for. */
  run(node: ChartNode, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'send') this.#wire.push(effect.params.message);
      if (effect.type === 'replicate') this.#wire.push(node.appendEntriesOf(effect.params));
      if (effect.type === 'apply')
        this.run(node, node.step({ type: 'Applied', index: effect.params.lastIndex }));
    }
    if (node.unanswered.length > 0) this.run(node, node.answerWrites());
  }

  /** Delivers all that is on the wire now, but not the answers to it; false when there was nothing. */
  deliverOnce(): boolean {
    const wire = this.#wire;
    this.#wire = [];
    for (const message of wire) {
      if (!this.#isUp(message.from, message.to)) continue;
      const node = this.node(message.to);
      this.delivered.push(message);
      this.run(node, node.receive(message));
    }
    return wire.length > 0;
  }

  /** Delivers until the wire is quiet; the number of one-way trips that took. */
  settle(limit = 200): number {
    for (let trips = 0; trips < limit; trips++) if (!this.deliverOnce()) return trips;
    throw new Error(`still talking after ${limit} trips`);
  }

  /** Lets time pass; every timer that expires fires at its time, with the wire quiet in between. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      this.settle();
      const next = this.#nextTimer();
      if (next === undefined || next.atMs > endMs) break;
      this.nowMs = next.atMs;
      next.node.armed.delete(next.id);
      this.run(next.node, next.node.step({ type: next.id as `xstate.after.${string}` }));
    }
    this.nowMs = endMs;
  }

  #nextTimer() {
    let first: { node: ChartNode; id: string; atMs: number } | undefined;
    for (const node of this.nodes) {
      const due = this.#due.get(node) ?? new Map();
      this.#due.set(node, due);
      for (const [id, armed] of node.armed) {
        if (due.get(id)?.armed !== armed) {
          due.set(id, { armed, atMs: this.nowMs + delayMsOf(id, node.context) });
        }
        const { atMs } = due.get(id)!;
        if (first === undefined || atMs < first.atMs) first = { node, id, atMs };
      }
    }
    return first;
  }
}
