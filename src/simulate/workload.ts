import type { EventType, HistoryEvent } from '../check/history.ts';
import type { Outcome } from '../node/node.ts';
import type { NodeId } from '../raft/types.ts';
import type { Checks } from '../verify/checks.ts';
import type { Dice, Stream } from './dice.ts';
import type { ClientPlan, ScriptedOperation } from './plan.ts';
import type { ClientOperation, Service, ServiceClient } from './service.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Scheduled, VirtualClock } from './virtual-clock.ts';

/** After this long a session gives up on an operation. */
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
  readonly service: Service<unknown>;
  /** An operation began or ended, in order; `event` is how the history tells it, null if it does not. */
  readonly record: (type: EventType, event: HistoryEvent | null) => void;
  readonly began: (operation: ScriptedOperation) => void;
}

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

/** One client: follows redirects, retries where it is certain that nothing happened, and otherwise says that it does not know. */
export class Session {
  readonly #parts: WorkloadParts;
  readonly #id: number;
  /** Of this operation alone: leaving one out moves no other's. */
  #stream: Stream;
  readonly #client: ServiceClient<unknown>;
  #target: NodeId;
  #count = 0;
  #isStopped = false;

  constructor(parts: WorkloadParts, id: number) {
    this.#parts = parts;
    this.#id = id;
    this.#stream = parts.dice.stream(id);
    this.#client = parts.service.client(id, parts.plan.keys);
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
      this.invoke(this.#client.next(nth, this.#stream), () => this.goOn());
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Does one operation and records how it began and how it ended; `done` is told whether it was acknowledged. */
  invoke(operation: ClientOperation<unknown>, done: (isAcknowledged: boolean) => void): void {
    const { clock, record } = this.#parts;
    const { call } = operation;
    const tell = (type: EventType, values: Pick<HistoryEvent, 'value' | 'from' | 'to'> = {}): void =>
      record(type, call && { process: this.#id, f: call.f!, key: call.key!, type, ...values });
    tell('invoke', valuesOf(call ?? {}));
    const attempt = { isOver: false };
    const finish = (type: Exclude<EventType, 'invoke'>, values?: Pick<HistoryEvent, 'value'>): void => {
      if (attempt.isOver) return;
      attempt.isOver = true;
      clock.cancel(timer);
      tell(type, values);
      done(type === 'ok');
    };
    // A failed cas is one that found another value (docs/histories.md), so of one that was never tried nothing is said.
    const untried = call?.f === 'cas' ? 'info' : 'fail';
    // An attempt that is under way may take effect at any later time.
    let isUnderWay = false;
    const timer: Scheduled = clock.schedule(operationTimeoutMs * 1000, () =>
      finish(isUnderWay ? 'info' : untried),
    );
    const tryOnce = (): void => {
      if (attempt.isOver) return;
      isUnderWay = true;
      this.#ask(operation.command, (outcome) => {
        if (attempt.isOver) return;
        switch (outcome.type) {
          case 'applied': {
            const { type, ...values } = operation.completed(outcome.result);
            return finish(type, values);
          }
          case 'overwritten':
            return finish(untried);
          case 'unknownOutcome':
            return finish('info');
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

  /** Sends a command to the node that it believes is the leader. No answer may ever come. */
  #ask(command: Uint8Array, answer: (outcome: Outcome<unknown>) => void): void {
    const { clock, nodes, checks } = this.#parts;
    const target = nodes[this.#target - 1]!;
    const replyLater = (outcome: Outcome<unknown>) => clock.schedule(this.#delayUs(), () => answer(outcome));
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

  #delayUs(): number {
    return (minDelayMs + this.#stream.fraction() * (maxDelayMs - minDelayMs)) * 1000;
  }
}

/** The values of a call that it has, in the order in which a history writes them. */
const valuesOf = ({
  value,
  from,
  to,
}: Pick<HistoryEvent, 'value' | 'from' | 'to'>): Pick<HistoryEvent, 'value' | 'from' | 'to'> =>
  Object.fromEntries(Object.entries({ value, from, to }).filter(([, each]) => each !== undefined));
