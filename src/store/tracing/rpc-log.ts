import type { AnyActorRef, AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { roleOf } from '../../node/roles.ts';
import type { RaftSnapshot } from '../../node/step.ts';
import type { Log } from '../../ports/log.ts';
import { messageTable } from '../../raft/message-table.ts';
import type { Message } from '../../raft/messages.ts';
import { nodeName } from '../../raft/types.ts';
import { transitionsOfMicrostep } from '../../statechart/read/xstate-internals.ts';

type Fields = Readonly<Record<string, string | number | boolean>>;

interface Taken {
  readonly transition: AnyTransitionDefinition;
  /** Whether it adopted a newer term. */
  readonly isAdoption: boolean;
}

/** Logs each message of a node on one line, for people learning how Raft works. Its members are callbacks for the node's start. docs/tracing.md */
export class RpcLog {
  readonly #log: Log;
  /** The message that the chart is handling, with the transitions that handle it; null: none. */
  #handled: { readonly message: Message; readonly taken: Taken[] } | null = null;
  /** Lines for messages sent meanwhile: they follow the line of the message that caused them. */
  #later: (() => void)[] = [];
  #role = 'follower';
  #term = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  readonly received = (message: Message): void => {
    this.#handled = { message, taken: [] };
  };

  readonly sent = (message: Message): void => this.#tell('sent', message);

  readonly lost = (message: Message): void => this.#tell('lost', message);

  readonly inspect = (event: InspectionEvent): void => {
    if (this.#handled === null || event.type !== '@xstate.microstep') return;
    if ((event.actorRef as AnyActorRef).id !== 'raft') return;
    const { taken } = this.#handled;
    const isAdoption = (event.snapshot as RaftSnapshot).context.currentTerm > this.#term;
    for (const transition of transitionsOfMicrostep(event)) taken.push({ transition, isAdoption });
  };

  readonly observe = ({ value, context }: RaftSnapshot): void => {
    const role = roleOf(value);
    if (this.#handled !== null) {
      const { message, taken } = this.#handled;
      const { rule, cause } = why(message, taken);
      const fields = { rpc: 'received', peer: nodeName(message.from), ...fieldsOf(message) };
      const roles = this.#role === role ? role : `${this.#role} → ${role}`;
      this.#log.info(
        { ...fields, roleBefore: this.#role, roleAfter: role, rule, cause },
        `received ${message.type} from ${nodeName(message.from)}: ${words(message)} | ${roles}: ${cause} [${rule}]`,
      );
      this.#handled = null;
      for (const tell of this.#later.splice(0)) tell();
    }
    this.#role = role;
    this.#term = context.currentTerm;
  };

  #tell(rpc: 'sent' | 'lost', message: Message): void {
    const tell = (): void =>
      this.#log.info(
        { rpc, peer: nodeName(message.to), ...fieldsOf(message) },
        rpc === 'sent'
          ? `sent ${message.type} to ${nodeName(message.to)}: ${words(message)}`
          : `lost ${message.type} to ${nodeName(message.to)}: the link is not open, or its queue is full`,
      );
    if (this.#handled === null) tell();
    else this.#later.push(tell);
  }
}

/** The rules that took the message itself, not what followed from it. A transition that only passed it on to the role is left out. */
const why = (
  { type }: Message,
  taken: readonly Taken[],
): { readonly rule: string; readonly cause: string } => {
  const gate = taken.filter(({ transition }) => transition.eventType === 'Received');
  const own = taken.filter(({ transition }) => transition.eventType === type);
  const told = own.length === 0 ? gate : [...gate.filter(({ isAdoption }) => isAdoption), ...own];
  const rules = told.map(
    ({ transition }) => (transition.meta as { readonly rule?: string } | undefined)?.rule,
  );
  return {
    rule: [...new Set(rules)].filter((rule) => rule !== undefined).join('; '),
    cause: told.flatMap(({ transition }) => transition.description ?? []).join(' '),
  };
};

const fieldsOf = (message: Message): Fields => {
  const { type, term } = message;
  const fields: Record<string, string | number | boolean> = { type, term };
  for (const [name, kind] of Object.entries(messageTable[type].fields)) {
    const value = (message as unknown as Record<string, unknown>)[name];
    if (kind === 'entries') fields[name] = (value as readonly unknown[]).length;
    else if (kind === 'bytes') fields[name] = (value as Uint8Array).length;
    else if (kind === 'configuration') fields[name] = (value as { readonly index: number }).index;
    else fields[name] = value as number | boolean;
  }
  return fields;
};

/** `term 3, prevLogIndex 5, …`; for entries and data, their number. */
const words = (message: Message): string => {
  const { type: _, ...fields } = fieldsOf(message);
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
};
