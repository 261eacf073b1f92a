import { isDeepStrictEqual } from 'node:util';
import type { MachineNode, Output } from '../../node/machine-node.ts';
import type { Disk } from '../../node/stored-log.ts';
import { type Write, writesOf } from '../../node/write-order.ts';
import type { Message } from '../../raft/messages.ts';
import type { Step as CheckedStep } from '../properties/view.ts';
import { type Checked, type LocalNode, viewOf } from './local-node.ts';

/** What remains when a node loses power. */
export interface LocalCrash {
  readonly effects: number;
  /** Messages among those effects that were lost. */
  readonly lost: readonly Message[];
  readonly disk: Disk;
  readonly writes: readonly Write[];
  readonly sent: readonly Message[];
  readonly checked: readonly Checked[];
}

/** Messages that leave one right after another. */
interface Departure {
  /** What had left and was checked before them. */
  readonly sent: readonly Message[];
  readonly checked: readonly Checked[];
  readonly left: { readonly message: Message; readonly check: Checked }[];
}

/** Works out, from what happened in one event, what left the node, what must be checked, and what a crash at each point along the way leaves behind. */
export class LocalCourse {
  readonly sent: Message[] = [];
  readonly checked: Checked[] = [];
  readonly crashes: LocalCrash[] = [];
  /** The chart threw this, which ends the course. */
  error: Error | null = null;
  readonly #withCrashes: boolean;
  /** Writes, messages that left, and what the state machine and the clients were told; a message that is sent again counts once. */
  #effects = 0;
  #departure: Departure | null = null;

  /** `withCrashes`: whether to collect crashes. */
  constructor(withCrashes: boolean) {
    this.#withCrashes = withCrashes;
  }

  /** The node may crash now, before anything else happens. */
  mayCrash({ disk, queue }: Pick<MachineNode, 'disk' | 'queue'>): void {
    this.#addCrash({ disk, queue }, this.sent, this.checked, []);
  }

  /** A client asks `node` for the read `id`; what comes of it follows. */
  ask(id: number, node: LocalNode): void {
    this.checked.push({ step: { type: 'readAsked', node: node.context.id, id }, view: viewOf(node) });
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
      case 'readConfirmed':
        this.#check({ type: 'readConfirmed', node: node.snapshot.context.id, ...output.answer }, node);
        this.#done(node);
        return;
      case 'reported':
        this.#check({ type: 'reported', node: node.snapshot.context.id, ...output.report }, node);
        this.#done(node);
        return;
      case 'wrote':
      case 'committed':
      case 'accepted':
      case 'rejected':
      case 'compacted':
      case 'chunkStored':
      case 'snapshotKept':
      case 'restored':
      case 'requestAccepted':
      case 'requestRefused':
      case 'readRejected':
        this.#done(node);
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

  /** Answers to clients count as effects, though clients are not modelled. */
  #done(node: MachineNode): void {
    this.#departure = null;
    this.#effects++;
    this.mayCrash(node);
  }

  #leave(message: Message, node: MachineNode): void {
    const isRepeated = this.sent.some((each) => isDeepStrictEqual(each, message));
    this.#departure ??= { sent: [...this.sent], checked: [...this.checked], left: [] };
    this.sent.push(message);
    this.#check({ type: 'sent', node: node.snapshot.context.id, message }, node);
    if (isRepeated) return;
    this.#effects++;
    this.mayCrash(node);
    this.#mayCrashInOtherOrder(node);
    this.#departure.left.push({ message, check: this.checked.at(-1)! });
  }

  /**
   * Messages leave in the order of their addressees. Under other names the order would differ, so a crash between two of them leaves
   * any subset of them under way: otherwise nodes that differ only in name would behave differently. It is as if the others were lost.
   */
  #mayCrashInOtherOrder(node: MachineNode): void {
    if (!this.#withCrashes) return;
    const { sent, checked, left } = this.#departure!;
    const message = this.sent.at(-1)!;
    const check = this.checked.at(-1)!;
    for (let bits = 0; bits < (1 << left.length) - 1; bits++) {
      const kept = left.filter((_, at) => (bits & (1 << at)) !== 0);
      this.#addCrash(
        node,
        [...sent, ...kept.map((each) => each.message), message],
        [...checked, ...kept.map((each) => each.check), check],
        left.filter((each) => !kept.includes(each)).map((each) => each.message),
      );
    }
  }

  #addCrash(
    { disk, queue }: Pick<MachineNode, 'disk' | 'queue'>,
    sent: readonly Message[],
    checked: readonly Checked[],
    lost: readonly Message[],
  ): void {
    if (!this.#withCrashes) return;
    this.crashes.push({
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
