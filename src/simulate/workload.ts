import type { HistoryEvent } from '../check/history.ts';
import type { EventType } from '../check/operation.ts';
import type { Outcome } from '../node/node.ts';
import { membersOf } from '../raft/configuration.ts';
import type { NodeId } from '../raft/types.ts';
import type { CommandKey } from '../store/sessions/envelope.ts';
import type { Violation } from '../trace/violation.ts';
import { violation } from '../verify/properties/property.ts';
import type { ClientParts } from './client-parts.ts';
import type { Stream } from './dice.ts';
import { Invocation, type Invoking } from './invocation.ts';
import type { ClientPlan, ScriptedOperation } from './plan.ts';
import type { ClientOperation, ServiceClient } from './service.ts';

/** After so many commands a client opens another session, so that there are some that expire. */
const commandsPerSession = 16;
/** One way between client and node. */
const minDelayMs = 0.2;
const maxDelayMs = 2;

export interface WorkloadParts extends ClientParts {
  readonly plan: ClientPlan;
  /** A command was answered from memory: an earlier attempt had been applied. */
  readonly repeated: () => void;
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

/** The session of a client in the replicated state machine; docs/sessions.md. */
interface OpenSession {
  readonly name: string;
  sequence: number;
}

/** One client, with one operation at a time. What it does until one is decided is in `Invocation`. */
export class Session {
  readonly #parts: WorkloadParts;
  readonly #id: number;
  /** Of this operation alone: leaving one out moves no other's. */
  #stream: Stream;
  readonly #client: ServiceClient<unknown>;
  #target: NodeId;
  #count = 0;
  #openSession: OpenSession | null = null;
  #sessionsOpened = 0;
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
    const { clock, record, recordFor, service, repeated, checks } = this.#parts;
    const { call, recorded } = operation;
    const tell = (
      type: EventType,
      values: Pick<HistoryEvent, 'value' | 'from' | 'to' | 'existed'> = {},
    ): void => record(type, call && { process: this.#id, f: call.f!, key: call.key!, type, ...values });
    tell('invoke', valuesOf(call ?? {}));
    if (recorded !== undefined) recordFor(this.#id, 'invoke', recorded);
    const client: Invoking = {
      clock,
      ask: (payload, answer) => this.#ask(call, payload, answer),
      turnTo: (leader) => {
        this.#target = leader ?? 1 + (this.#target % this.#parts.nodes.length);
      },
      nextKey: () => this.#nextKey(),
      loseSession: () => {
        this.#openSession = null;
      },
      repeated,
      misjudged: (by) => checks.report(misjudged(this.#id, by)),
    };
    new Invocation(client, operation, service.results !== undefined, (end) => {
      // A failed cas is one that found another value (docs/histories.md), so of one that was never tried nothing is said.
      const { type, told, ...values } = {
        told: {},
        ...(end ?? { type: call?.f === 'cas' ? 'info' : 'fail' }),
      };
      tell(type, values);
      if (recorded !== undefined) recordFor(this.#id, type, told);
      done(type === 'ok');
    });
  }

  /** Of its next command. */
  #nextKey(): CommandKey {
    if (this.#openSession === null || this.#openSession.sequence === commandsPerSession) {
      this.#openSession = { name: `${this.#id}.${++this.#sessionsOpened}`, sequence: 0 };
    }
    const { name } = this.#openSession;
    const sequence = ++this.#openSession.sequence;
    return { type: 'session', session: name, sequence, received: sequence - 1 };
  }

  /** Sends a command to the node that it believes is the leader, which makes its payload. No answer may ever come. */
  #ask(
    call: ClientOperation<unknown>['call'],
    payload: (stampMs: number) => Uint8Array,
    answer: (outcome: Outcome<unknown>) => void,
  ): void {
    const { clock, nodes, checks, asked } = this.#parts;
    const target = nodes[this.#target - 1]!;
    const replyLater = (outcome: Outcome<unknown>) => clock.schedule(this.#delayUs(), () => answer(outcome));
    clock.schedule(this.#delayUs(), () => {
      const { process, node } = target;
      if (process === null || node === null) {
        replyLater({ type: 'notLeader', leader: null });
        return;
      }
      // One that was removed goes on knowing who led then: that may be long ago.
      const isMember = () => {
        const configuration = checks.nodeOf(target.id).configurations.at(-1);
        return configuration === undefined || membersOf(configuration).includes(target.id);
      };
      const request = call === null ? null : asked(target.id, { type: 'command', call });
      process.run(() => {
        const command = payload(target.wallClockMs);
        node.submit(command, (outcome) => {
          if (!process.act()) return;
          if (request !== null)
            request.isRefused = outcome.type === 'notLeader' || outcome.type === 'overloaded';
          if (outcome.type === 'applied') checks.acknowledge(target.id, command, outcome.index, outcome.term);
          if (outcome.type === 'overwritten') checks.overwritten(target.id, outcome.index, outcome.term);
          replyLater(outcome.type === 'notLeader' && !isMember() ? { ...outcome, leader: null } : outcome);
        });
      });
    });
  }

  #delayUs(): number {
    return (minDelayMs + this.#stream.fraction() * (maxDelayMs - minDelayMs)) * 1000;
  }
}

const misjudged = (client: number, by: string): Violation =>
  violation(
    'Exactly Once',
    `client ${client} numbers its commands, and has no more than one at a time`,
    `one is answered ${by}`,
  );

/** The values of a call that it has, in the order in which a history writes them. */
const valuesOf = ({
  value,
  from,
  to,
}: Pick<HistoryEvent, 'value' | 'from' | 'to'>): Pick<HistoryEvent, 'value' | 'from' | 'to'> =>
  Object.fromEntries(Object.entries({ value, from, to }).filter(([, each]) => each !== undefined));
