import type { NodeId } from '../raft/types.ts';
import type { Dice } from './dice.ts';
import type { MessageFault, NetworkPlan } from './plan.ts';

/** What is to happen to one message. */
export interface Fate {
  readonly isLost: boolean;
  readonly isDuplicated: boolean;
  /** It may be overtaken. */
  readonly isDelayed: boolean;
  readonly delayUs: number;
}

interface Path {
  /** Partitions that it crosses. */
  blocks: number;
  addUs: number;
  /** Frames sent before this moment arrive after it. */
  heldUntilUs: number;
  messages: number;
}

const overtakenTimes = 10;

/** The state of the network between each two nodes, in each direction, and the fate of each message. */
export class NetworkConditions {
  readonly #dice: Dice;
  readonly #paths = new Map<number, Path>();
  readonly #explicit = new Map<string, MessageFault['kind'][]>();
  readonly #applied: MessageFault[] = [];
  readonly #plan: NetworkPlan;
  #isCalm = false;

  constructor(plan: NetworkPlan, messageFaults: readonly MessageFault[], dice: Dice) {
    this.#plan = plan;
    this.#dice = dice;
    for (const { from, to, nth, kind } of messageFaults) {
      const key = `${from} ${to} ${nth}`;
      this.#explicit.set(key, [...(this.#explicit.get(key) ?? []), kind]);
    }
  }

  /** Every fault of a message that has come to pass: those drawn from the rates and those of the plan. */
  get applied(): readonly MessageFault[] {
    return this.#applied;
  }

  /** From now on no message is lost, repeated or overtaken any more. */
  calm(): void {
    this.#isCalm = true;
  }

  path(from: NodeId, to: NodeId): Path {
    const key = from * 1024 + to;
    let path = this.#paths.get(key);
    if (path === undefined) {
      path = { blocks: 0, addUs: 0, heldUntilUs: 0, messages: 0 };
      this.#paths.set(key, path);
    }
    return path;
  }

  /** The delay of whatever is no message: a handshake, a sign of life, the end of a connection. */
  delayUs(from: NodeId, to: NodeId, salt: number): number {
    return this.#delayUs(this.#dice.at(0, from, to, salt)) + this.path(from, to).addUs;
  }

  fateOfNext(from: NodeId, to: NodeId): Fate {
    const path = this.path(from, to);
    const nth = ++path.messages;
    const { dropRate, duplicateRate, reorderRate, maxDelayMs } = this.#plan;
    const rate = this.#isCalm ? 0 : 1;
    const has = (kind: MessageFault['kind'], purpose: number, probability: number): boolean => {
      const isDrawn = probability > 0 && this.#dice.at(purpose, from, to, nth) < probability;
      if (!isDrawn && !this.#isExplicit(from, to, nth, kind)) return false;
      this.#applied.push({ from, to, nth, kind });
      return true;
    };
    const isLost = path.blocks > 0 || has('drop', 1, dropRate * rate);
    const isDuplicated = !isLost && has('duplicate', 2, duplicateRate * rate);
    const isDelayed = !isLost && has('delay', 3, reorderRate * rate);
    const extraUs = isDelayed ? this.#dice.at(4, from, to, nth) * maxDelayMs * overtakenTimes * 1000 : 0;
    return {
      isLost,
      isDuplicated,
      isDelayed,
      delayUs: this.#delayUs(this.#dice.at(5, from, to, nth)) + path.addUs + extraUs,
    };
  }

  #isExplicit(from: NodeId, to: NodeId, nth: number, kind: MessageFault['kind']): boolean {
    return this.#explicit.size > 0 && (this.#explicit.get(`${from} ${to} ${nth}`)?.includes(kind) ?? false);
  }

  #delayUs(fraction: number): number {
    const { minDelayMs, maxDelayMs } = this.#plan;
    return (minDelayMs + fraction * (maxDelayMs - minDelayMs)) * 1000;
  }
}
