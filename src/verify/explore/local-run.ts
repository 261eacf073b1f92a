import { isDeepStrictEqual } from 'node:util';
import { readReplicate } from '../../node/replication-reader.ts';
import type { RaftSnapshot, Step, Stepper, TimerEvent } from '../../node/step.ts';
import { assert } from '../../raft/assert.ts';
import type { Effect, Persist } from '../../raft/effects.ts';
import type { RaftEvent } from '../../raft/inputs.ts';
import type { Message } from '../../raft/messages.ts';
import { type Entry, emptyPayload, type LogIndex, type NodeId } from '../../raft/types.ts';
import type { Step as CheckedStep } from '../properties/view.ts';
import {
  type Checked,
  type Disk,
  type LocalEvent,
  type LocalNode,
  type Queued,
  viewOf,
  written,
} from './local-node.ts';

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

interface LocalRunOptions {
  /** Deaths on the way are told of. */
  readonly dies: boolean;
  /**
   * A message that waits for a slow disk twice leaves twice. False: once, as in the explorer's bag, or what waits would grow without
   * end. The effects before a death count the same either way: a message that leaves again in one event counts once.
   */
  readonly keepsRepeated: boolean;
}

/** Messages that leave right after each other. */
interface Departure {
  /** What had left and was checked before them. */
  readonly sent: readonly Message[];
  readonly checked: readonly Checked[];
  readonly left: { readonly message: Message; readonly check: Checked }[];
}

/** One event while it happens. */
export class LocalRun {
  readonly sent: Message[] = [];
  readonly checked: Checked[] = [];
  readonly deaths: Death[] = [];
  readonly #stepper: Stepper;
  readonly #dies: boolean;
  readonly #keepsRepeated: boolean;
  #snapshot: RaftSnapshot;
  #armed: readonly string[];
  #entries: readonly Entry[];
  #disk: Disk;
  #queue: Queued[];
  #committed = 0;
  #effects = 0;
  #departure: Departure | null = null;

  constructor(
    stepper: Stepper,
    snapshot: RaftSnapshot,
    { entries, disk, armed, queue }: Pick<LocalNode, 'entries' | 'disk' | 'armed' | 'queue'>,
    { dies, keepsRepeated }: LocalRunOptions,
  ) {
    this.#stepper = stepper;
    this.#snapshot = snapshot;
    this.#entries = entries;
    this.#disk = disk;
    this.#armed = armed;
    this.#queue = [...queue];
    this.#dies = dies;
    this.#keepsRepeated = keepsRepeated;
  }

  get hasWrites(): boolean {
    return this.#queue.length > 0;
  }

  started(step: Step): void {
    this.#setTimers(step);
    assert(step.effects.length === 0, 'a node starts without effects', step.effects.length, 0);
  }

  take(event: LocalEvent): void {
    switch (event.type) {
      case 'deliver':
        // The message is gone, even if nothing else comes of it.
        this.#mayDie();
        this.#input({ type: 'Received', message: event.message });
        return;
      case 'timeout':
        this.#input({ type: event.timer });
        return;
      case 'propose':
        this.#input({ type: 'Proposed', proposals: [{ id: 1, payload: emptyPayload }] });
        return;
      case 'durable':
        this.sync();
        return;
    }
  }

  /** The oldest write becomes durable, what waited for it alone leaves, and the chart is told. */
  sync(): void {
    this.#departure = null;
    const next = this.#queue.shift();
    assert(next?.type === 'write', 'a write waits for the disk', next?.type);
    this.#disk = written(this.#disk, next.write);
    this.#check({ type: 'synced', node: this.#id });
    while (this.#queue[0]?.type === 'send') {
      this.#leave((this.#queue.shift() as Extract<Queued, { type: 'send' }>).message);
    }
    this.#input({ type: 'Persisted', term: next.write.currentTerm, lastIndex: next.write.lastIndex });
  }

  node(): LocalNode {
    const { value, context } = this.#snapshot;
    return {
      value,
      context,
      armed: this.#armed,
      entries: this.#entries,
      disk: this.#disk,
      queue: this.#queue,
    };
  }

  get #id(): NodeId {
    return this.#snapshot.context.id;
  }

  /** One event from outside, as `src/node/start-node.ts` hands it to the chart; what it commits is applied at once. */
  #input(event: RaftEvent | TimerEvent): void {
    this.#step(event);
    const { lastApplied } = this.#snapshot.context;
    if (this.#committed <= lastApplied) return;
    for (let index = lastApplied + 1; index <= this.#committed; index++) {
      this.#check({ type: 'applied', node: this.#id, index, term: this.#entries[index - 1]?.term ?? 0 });
    }
    this.#step({ type: 'Applied', index: this.#committed });
  }

  #step(event: RaftEvent | TimerEvent): void {
    this.#departure = null;
    const step = this.#stepper.step(this.#snapshot, event);
    this.#snapshot = step.snapshot;
    assert(step.snapshot.status === 'active', 'the chart runs', step.snapshot.status);
    this.#setTimers(step);
    this.#check({ type: 'stepped', node: this.#id });
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform({ type, params }: Effect): void {
    switch (type) {
      case 'persist': {
        const { firstIndex, entries } = params;
        if (firstIndex > 0) this.#entries = [...this.#entries.slice(0, firstIndex - 1), ...entries];
        this.#queue.push({ type: 'write', write: params });
        this.#done();
        return;
      }
      case 'send':
        if (this.#queue.length === 0) this.#leave(params.message);
        else if (this.#keepsRepeated || !this.#isHeld(params.message)) {
          this.#queue.push({ type: 'send', message: params.message });
        }
        return;
      case 'replicate': {
        const read = (first: LogIndex, last: LogIndex) => this.#entries.slice(first - 1, last);
        const message = readReplicate({ read }, this.#id, params);
        if (message !== null) this.#leave(message);
        return;
      }
      case 'apply':
        this.#committed = params.lastIndex;
        this.#done();
        return;
      case 'accept':
      case 'reject':
        // The client's answer: clients are not modelled.
        this.#done();
        return;
    }
  }

  #isHeld(message: Message): boolean {
    return this.#queue.some((each) => each.type === 'send' && isDeepStrictEqual(each.message, message));
  }

  #leave(message: Message): void {
    const isRepeated = this.sent.some((each) => isDeepStrictEqual(each, message));
    this.#departure ??= { sent: [...this.sent], checked: [...this.checked], left: [] };
    this.sent.push(message);
    this.#check({ type: 'sent', node: this.#id, message });
    if (isRepeated) return;
    this.#effects++;
    this.#mayDie();
    this.#mayDieOtherwise();
    this.#departure.left.push({ message, check: this.checked.at(-1)! });
  }

  #done(): void {
    this.#departure = null;
    this.#effects++;
    this.#mayDie();
  }

  #mayDie(): void {
    this.#dieWith(this.sent, this.checked, []);
  }

  /**
   * Messages leave in the order of their addressees. Under other names that is another order, so that a death between two of them leaves
   * any choice of them under way: else nodes that differ in name only would not do the same. It is as if the others were lost.
   */
  #mayDieOtherwise(): void {
    const { sent, checked, left } = this.#departure!;
    const message = this.sent.at(-1)!;
    const check = this.checked.at(-1)!;
    for (let bits = 0; bits < (1 << left.length) - 1; bits++) {
      const kept = left.filter((_, at) => (bits & (1 << at)) !== 0);
      this.#dieWith(
        [...sent, ...kept.map((each) => each.message), message],
        [...checked, ...kept.map((each) => each.check), check],
        left.filter((each) => !kept.includes(each)).map((each) => each.message),
      );
    }
  }

  #dieWith(sent: readonly Message[], checked: readonly Checked[], lost: readonly Message[]): void {
    if (!this.#dies) return;
    this.deaths.push({
      effects: this.#effects,
      lost,
      disk: this.#disk,
      writes: writesOf(this.#queue),
      sent: [...sent],
      checked: [...checked],
    });
  }

  #check(step: CheckedStep): void {
    const { context, value } = this.#snapshot;
    this.checked.push({ step, view: viewOf({ context, value, disk: this.#disk }) });
  }

  #setTimers({ timers }: Step): void {
    for (const { change, id } of timers) {
      this.#armed = this.#armed.filter((armed) => armed !== id);
      if (change === 'start') this.#armed = [...this.#armed, id].sort();
    }
  }
}

/** The writes that a power loss may keep a prefix of. */
export const writesOf = (queue: readonly Queued[]): readonly Persist[] =>
  queue.flatMap((each) => (each.type === 'write' ? [each.write] : []));
