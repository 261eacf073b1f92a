import type { HistoryEvent, Value } from '../check/history.ts';
import type { Outcome } from '../node/node.ts';
import type { NodeId } from '../raft/types.ts';
import { encodeCas, encodeDelete, encodeGet, encodePut } from '../store/kv/commands.ts';
import type { KvResult } from '../store/kv/kv-state-machine.ts';
import type { Checks } from '../verify/checks.ts';
import type { Dice, Stream } from './dice.ts';
import type { ClientPlan, ScriptedOperation } from './plan.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Scheduled, VirtualClock } from './virtual-clock.ts';

/** After this long a session gives an operation up. */
const operationTimeoutMs = 1500;
/** Between two attempts. */
const retryMs = 40;
/** One way between client and node. */
const minDelayMs = 0.2;
const maxDelayMs = 2;

export interface WorkloadParts {
  readonly plan: ClientPlan;
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly nodes: readonly SimulatedNode[];
  readonly checks: Checks;
  /** Each event of the history, in order. */
  readonly record: (event: HistoryEvent) => void;
  readonly began: (operation: ScriptedOperation) => void;
}

type Operation = Pick<HistoryEvent, 'f' | 'key' | 'value' | 'from' | 'to'> & { readonly command: Uint8Array };

/** Concurrent sessions, each with one operation at a time on few keys. */
export class Workload {
  readonly #sessions: readonly Session[];
  /** Every operation that was begun. */
  readonly script: ScriptedOperation[] = [];

  constructor(parts: Omit<WorkloadParts, 'began'>) {
    const began = (operation: ScriptedOperation) => this.script.push(operation);
    const { sessions } = parts.plan;
    this.#sessions = Array.from({ length: sessions }, (_, at) => new Session({ ...parts, began }, at + 1));
  }

  start(): void {
    for (const session of this.#sessions) session.goOn();
  }

  /** No operation begins any more; those that are open end or time out. */
  stop(): void {
    for (const session of this.#sessions) session.stop();
  }
}

/** One client: follows redirects, tries again where it is certain that nothing happened, and else says that it does not know. */
export class Session {
  readonly #parts: WorkloadParts;
  readonly #id: number;
  /** Of this operation alone: leaving one out moves no other's. */
  #stream: Stream;
  readonly #seen = new Map<string, string | null>();
  #target: NodeId;
  #count = 0;
  #isStopped = false;

  constructor(parts: WorkloadParts, id: number) {
    this.#parts = parts;
    this.#id = id;
    this.#stream = parts.dice.stream(id);
    this.#target = 1 + (id % parts.nodes.length);
  }

  /** Thinks for a while and does the next operation, again and again; or what the script has for it. */
  goOn(): void {
    const { plan, dice, clock, began } = this.#parts;
    const { sessions, operationsPerSecond, script } = plan;
    if (operationsPerSecond === 0) return;
    const planned = script?.filter(({ session }) => session === this.#id)[this.#count];
    if (script !== undefined && planned === undefined) return;
    this.#count++;
    const nth = planned?.nth ?? this.#count;
    this.#stream = dice.stream(this.#id, nth);
    const thinkUs = this.#stream.exponential((sessions / operationsPerSecond) * 1_000_000);
    clock.schedule(planned === undefined ? thinkUs : planned.atMs * 1000 - clock.nowUs, () => {
      if (this.#isStopped) return;
      began({ session: this.#id, nth, atMs: clock.nowUs / 1000 });
      this.invoke(this.#draw(nth), () => this.goOn());
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Writes `value`; `done` is told whether that was acknowledged. */
  put(key: string, value: string, done: (isAcknowledged: boolean) => void): void {
    this.invoke({ f: 'write', key, value, command: encodePut(key, encode(value)) }, done);
  }

  /** Does one operation and records how it began and how it ended. */
  invoke(operation: Operation, done: (isAcknowledged: boolean) => void): void {
    const { clock, record } = this.#parts;
    const { f, key, value, from, to } = operation;
    const fields = { process: this.#id, f: f!, key: key! };
    record({ ...fields, type: 'invoke', ...defined({ value, from, to }) });
    const attempt = { isOver: false };
    const finish = (event: HistoryEvent): void => {
      if (attempt.isOver) return;
      attempt.isOver = true;
      clock.cancel(timer);
      record(event);
      done(event.type === 'ok');
    };
    // A failed cas is one that found another value (docs/histories.md), so of one that was never tried nothing is said.
    const untried: HistoryEvent = { ...fields, type: f === 'cas' ? 'info' : 'fail' };
    // An attempt that is under way may take effect at any later time.
    let isUnderWay = false;
    const timer: Scheduled = clock.schedule(operationTimeoutMs * 1000, () =>
      finish(isUnderWay ? { ...fields, type: 'info' } : untried),
    );
    const tryOnce = (): void => {
      if (attempt.isOver) return;
      isUnderWay = true;
      this.#ask(operation.command, (outcome) => {
        if (attempt.isOver) return;
        switch (outcome.type) {
          case 'applied':
            return finish(this.#completed(fields, operation, outcome.result));
          case 'overwritten':
            return finish(untried);
          case 'unknownOutcome':
            return finish({ ...fields, type: 'info' });
          default: {
            isUnderWay = false;
            const leader = outcome.type === 'notLeader' ? outcome.leader : null;
            this.#target = leader ?? 1 + (this.#target % this.#parts.nodes.length);
            clock.schedule(leader === null ? retryMs * 1000 : 0, tryOnce);
          }
        }
      });
    };
    tryOnce();
  }

  /** Sends a command to the node that it believes to lead. No answer may ever come. */
  #ask(command: Uint8Array, answer: (outcome: Outcome<KvResult>) => void): void {
    const { clock, nodes, checks } = this.#parts;
    const target = nodes[this.#target - 1]!;
    const replyLater = (outcome: Outcome<KvResult>) => clock.schedule(this.#delayUs(), () => answer(outcome));
    clock.schedule(this.#delayUs(), () => {
      const { process, node } = target;
      if (process === null || node === null) {
        replyLater({ type: 'notLeader', leader: null });
        return;
      }
      process.run(() =>
        node.submit(command, (outcome) => {
          if (!process.act()) return;
          if (outcome.type === 'applied') checks.acknowledge(target.id, command, outcome.index, outcome.term);
          if (outcome.type === 'overwritten') checks.overwritten(target.id, outcome.index, outcome.term);
          replyLater(outcome);
        }),
      );
    });
  }

  #completed(
    fields: Pick<HistoryEvent, 'process' | 'f' | 'key'>,
    operation: Operation,
    result: KvResult,
  ): HistoryEvent {
    const key = String(operation.key);
    const base = fields as { readonly process: number };
    switch (result.type) {
      case 'found':
      case 'absent': {
        const value = result.type === 'found' ? decode(result.value) : null;
        this.#seen.set(key, value);
        return { ...base, type: 'ok', value };
      }
      case 'mismatch':
        this.#seen.set(key, result.actual === null ? null : decode(result.actual));
        return { ...base, type: 'fail' };
      default:
        return { ...base, type: 'ok' };
    }
  }

  #draw(nth: number): Operation {
    const stream = this.#stream;
    const key = `k${stream.between(1, this.#parts.plan.keys)}`;
    const value = `${this.#id}.${nth}`;
    const kind = stream.fraction();
    if (kind < 0.4) return { f: 'write', key, value, command: encodePut(key, encode(value)) };
    if (kind < 0.75) return { f: 'read', key, command: encodeGet(key) };
    if (kind < 0.9) {
      const from = this.#seen.get(key) ?? null;
      const command = encodeCas(key, from === null ? null : encode(from), encode(value));
      return { f: 'cas', key, from, to: value, command };
    }
    return { f: 'delete', key, command: encodeDelete(key) };
  }

  #delayUs(): number {
    return (minDelayMs + this.#stream.fraction() * (maxDelayMs - minDelayMs)) * 1000;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const encode = (text: string): Uint8Array => encoder.encode(text);
const decode = (bytes: Uint8Array): string => decoder.decode(bytes);

const defined = (fields: {
  readonly value: Value | undefined;
  readonly from: Value | undefined;
  readonly to: Value | undefined;
}): Pick<HistoryEvent, 'value' | 'from' | 'to'> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
