import { isDeepStrictEqual } from 'node:util';
import type { Disk, MachineNode, Output } from '../../node/machine-node.ts';
import { writesOf } from '../../node/write-order.ts';
import type { Persist } from '../../raft/effects.ts';
import type { Message } from '../../raft/messages.ts';
import type { Step as CheckedStep } from '../properties/view.ts';
import { type Checked, viewOf } from './local-node.ts';

/** What is there when the power goes. */
export interface Death {
  readonly effects: number;
  /** Messages among those effects that were lost. */
  readonly lost: readonly Message[];
  readonly disk: Disk;
  readonly writes: readonly Persist[];
  readonly sent: readonly Message[];
  readonly checked: readonly Checked[];
}

/** Messages that leave right after each other. */
interface Departure {
  /** What had left and was checked before them. */
  readonly sent: readonly Message[];
  readonly checked: readonly Checked[];
  readonly left: { readonly message: Message; readonly check: Checked }[];
}

/** Reads from what happened in one event what left the node, what must be checked, and what each death on the way leaves behind. */
export class LocalCourse {
  readonly sent: Message[] = [];
  readonly checked: Checked[] = [];
  readonly deaths: Death[] = [];
  /** The chart threw this: it is the end. */
  error: Error | null = null;
  readonly #dies: boolean;
  /** Writes, messages that left, and what was told the state machine and the clients; a message that leaves again counts once. */
  #effects = 0;
  #departure: Departure | null = null;

  /** `dies`: whether deaths are of interest. */
  constructor(dies: boolean) {
    this.#dies = dies;
  }

  /** It may die now, with nothing done since. */
  mayDie({ disk, queue }: Pick<MachineNode, 'disk' | 'queue'>): void {
    this.#dieWith({ disk, queue }, this.sent, this.checked, []);
  }

  take(output: Output): void {
    const { node } = output;
    switch (output.type) {
      case 'stepped':
      case 'synced':
        this.#departure = null;
        this.#check({ type: output.type, node: node.snapshot.context.id }, node);
        return;
      case 'applied':
        this.#check(
          { type: 'applied', node: node.snapshot.context.id, index: output.index, term: output.term },
          node,
        );
        return;
      case 'left':
        this.#leave(output.message, node);
        return;
      case 'wrote':
      case 'committed':
      case 'accepted':
      case 'rejected':
        // Answers to clients count as effects, though clients are not modelled.
        this.#departure = null;
        this.#effects++;
        this.mayDie(node);
        return;
      case 'held':
      case 'dropped':
        return;
      case 'failed':
        this.error = output.error;
        return;
      default:
        output satisfies never;
    }
  }

  #leave(message: Message, node: MachineNode): void {
    const isRepeated = this.sent.some((each) => isDeepStrictEqual(each, message));
    this.#departure ??= { sent: [...this.sent], checked: [...this.checked], left: [] };
    this.sent.push(message);
    this.#check({ type: 'sent', node: node.snapshot.context.id, message }, node);
    if (isRepeated) return;
    this.#effects++;
    this.mayDie(node);
    this.#mayDieOtherwise(node);
    this.#departure.left.push({ message, check: this.checked.at(-1)! });
  }

  /**
   * Messages leave in the order of their addressees. Under other names that is another order, so that a death between two of them leaves
   * any choice of them under way: else nodes that differ in name only would not do the same. It is as if the others were lost.
   */
  #mayDieOtherwise(node: MachineNode): void {
    if (!this.#dies) return;
    const { sent, checked, left } = this.#departure!;
    const message = this.sent.at(-1)!;
    const check = this.checked.at(-1)!;
    for (let bits = 0; bits < (1 << left.length) - 1; bits++) {
      const kept = left.filter((_, at) => (bits & (1 << at)) !== 0);
      this.#dieWith(
        node,
        [...sent, ...kept.map((each) => each.message), message],
        [...checked, ...kept.map((each) => each.check), check],
        left.filter((each) => !kept.includes(each)).map((each) => each.message),
      );
    }
  }

  #dieWith(
    { disk, queue }: Pick<MachineNode, 'disk' | 'queue'>,
    sent: readonly Message[],
    checked: readonly Checked[],
    lost: readonly Message[],
  ): void {
    if (!this.#dies) return;
    this.deaths.push({
      effects: this.#effects,
      lost,
      disk,
      writes: writesOf(queue),
      sent: [...sent],
      checked: [...checked],
    });
  }

  #check(step: CheckedStep, { snapshot, disk }: MachineNode): void {
    const { context, value } = snapshot;
    this.checked.push({ step, view: viewOf({ context, value, disk }) });
  }
}
