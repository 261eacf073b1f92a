import type { Message } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';
import type { Dice } from './dice.ts';
import { belongsToHeartbeat } from './heartbeat.ts';
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
  /** How many were sent so far, heartbeats apart: those come and go with time alone. */
  messages: number;
  heartbeats: number;
}

type Address = Omit<MessageFault, 'kind'>;

/** What is to befall a message that has not been sent yet: the `nth`, from 1, that fits from now on. */
export interface AwaitedFault {
  readonly kind: MessageFault['kind'];
  readonly fits: (message: Message) => boolean;
  readonly nth: number;
}

const overtakenTimes = 10;
const none: readonly never[] = [];

const keyOf = ({ from, to, nth, heartbeat, kind }: MessageFault): string =>
  `${from} ${to} ${nth} ${heartbeat} ${kind}`;

/** The state of the network between each two nodes, in each direction, and the fate of each message. */
export class NetworkConditions {
  readonly #dice: Dice;
  readonly #paths = new Map<number, Path>();
  readonly #explicit: ReadonlySet<string>;
  readonly #applied: MessageFault[] = [];
  readonly #struck: (kind: MessageFault['kind'], message: Message) => void;
  /** Of what is sent from now on. */
  rates: NetworkPlan;
  #isCalm = false;
  #awaited: readonly AwaitedFault[] = [];

  /** `struck` is called with each message that a fault befalls, before it is on its way. */
  constructor(
    rates: NetworkPlan,
    messageFaults: readonly MessageFault[],
    dice: Dice,
    struck: (kind: MessageFault['kind'], message: Message) => void = () => {},
  ) {
    this.rates = rates;
    this.#dice = dice;
    this.#struck = struck;
    this.#explicit = new Set(messageFaults.map(keyOf));
  }

  /** Every message fault that has happened: those drawn from the rates and those in the plan. */
  get applied(): readonly MessageFault[] {
    return this.#applied;
  }

  /** A fault of a message that has not been sent yet, whatever the rates say. */
  await(fault: AwaitedFault): void {
    this.#awaited = [...this.#awaited, fault];
  }

  /** From now on no message is lost, repeated or overtaken. */
  calm(): void {
    this.#isCalm = true;
  }

  path(from: NodeId, to: NodeId): Path {
    const key = from * 1024 + to;
    let path = this.#paths.get(key);
    if (path === undefined) {
      path = { blocks: 0, addUs: 0, heldUntilUs: 0, messages: 0, heartbeats: 0 };
      this.#paths.set(key, path);
    }
    return path;
  }

  /** The delay of everything that is not a message: a handshake, a sign of life, the end of a connection. */
  delayUs(from: NodeId, to: NodeId, salt: number): number {
    return this.#delayUs(this.#dice.at(0, from, to, salt)) + this.path(from, to).addUs;
  }

  /** What becomes of `message`, which is being sent. */
  fateOf(message: Message): Fate {
    const { from, to } = message;
    const path = this.path(from, to);
    const due = this.#awaited.length === 0 ? none : this.#takeAwaited(message);
    const heartbeat = belongsToHeartbeat(message);
    const nth = heartbeat ? ++path.heartbeats : ++path.messages;
    const delayUs = this.#delayUs(this.#draw(5, from, to, nth, heartbeat)) + path.addUs;
    if (path.blocks > 0) return { isLost: true, isDuplicated: false, isDelayed: false, delayUs };
    const { dropRate, duplicateRate, reorderRate, maxDelayMs } = this.rates;
    const address = { from, to, nth, heartbeat };
    const strikes = (kind: MessageFault['kind'], purpose: number, rate: number): boolean => {
      if (!due.includes(kind) && !this.#isToStrike(kind, purpose, rate, address)) return false;
      this.#applied.push({ ...address, kind });
      this.#struck(kind, message);
      return true;
    };
    if (strikes('drop', 1, dropRate)) {
      return { isLost: true, isDuplicated: false, isDelayed: false, delayUs };
    }
    const isDuplicated = strikes('duplicate', 2, duplicateRate);
    const isDelayed = strikes('delay', 3, reorderRate);
    if (!isDelayed) return { isLost: false, isDuplicated, isDelayed, delayUs };
    const extraUs = this.#draw(4, from, to, nth, heartbeat) * maxDelayMs * overtakenTimes * 1000;
    return { isLost: false, isDuplicated, isDelayed, delayUs: delayUs + extraUs };
  }

  /** The faults that were waiting for this message. */
  #takeAwaited(message: Message): readonly MessageFault['kind'][] {
    const due: MessageFault['kind'][] = [];
    this.#awaited = this.#awaited.flatMap((each) => {
      if (!each.fits(message)) return [each];
      if (each.nth > 1) return [{ ...each, nth: each.nth - 1 }];
      due.push(each.kind);
      return [];
    });
    return due;
  }

  /** Whether a fault befalls a message: because it was drawn, or because the plan names it. */
  #isToStrike(kind: MessageFault['kind'], purpose: number, rate: number, address: Address): boolean {
    const { from, to, nth, heartbeat } = address;
    if (rate > 0 && !this.#isCalm && this.#draw(purpose, from, to, nth, heartbeat) < rate) return true;
    return this.#explicit.size > 0 && this.#explicit.has(keyOf({ ...address, kind }));
  }

  #draw(purpose: number, from: NodeId, to: NodeId, nth: number, heartbeat: boolean): number {
    return this.#dice.at(heartbeat ? -purpose : purpose, from, to, nth);
  }

  #delayUs(fraction: number): number {
    const { minDelayMs, maxDelayMs } = this.rates;
    return (minDelayMs + fraction * (maxDelayMs - minDelayMs)) * 1000;
  }
}
