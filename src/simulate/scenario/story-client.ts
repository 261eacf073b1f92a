import type { HistoryEvent } from '../../check/history.ts';
import type { Outcome } from '../../node/node.ts';
import type { NodeId } from '../../raft/types.ts';
import { nodeName } from '../../raft/types.ts';
import { encodeCas, encodeDelete, encodeGet, encodePut } from '../../store/kv/commands.ts';
import type { KvResult } from '../../store/kv/kv-state-machine.ts';
import type { SessionResult } from '../../store/sessions/session-state-machine.ts';
import type { Told } from '../../trace/told.ts';
import type { Transcript } from '../../trace/transcript.ts';
import type { Simulation } from '../simulation.ts';

/** One operation of a client on the key-value store. */
export interface Operation {
  readonly text: string;
  readonly command: Uint8Array;
  readonly fields: Pick<HistoryEvent, 'f' | 'key' | 'value' | 'from' | 'to'>;
}

/** What became of an operation; null while nobody has said. */
export interface Request {
  outcome: Outcome<KvResult> | null;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export const put = (key: string, value: string): Operation => ({
  text: `put ${key}=${value}`,
  command: encodePut(key, encode(value)),
  fields: { f: 'write', key, value },
});

export const get = (key: string): Operation => ({
  text: `get ${key}`,
  command: encodeGet(key),
  fields: { f: 'read', key },
});

export const remove = (key: string): Operation => ({
  text: `delete ${key}`,
  command: encodeDelete(key),
  fields: { f: 'delete', key },
});

export const cas = (key: string, from: string, to: string): Operation => ({
  text: `cas ${key} from ${from} to ${to}`,
  command: encodeCas(key, encode(from), encode(to)),
  fields: { f: 'cas', key, from, to },
});

/** Sends operations to the node it is told to, and notes for the linearizability checker what came of them. */
export class StoryClient {
  readonly #simulation: Simulation;
  readonly #transcript: Transcript;
  readonly #told: (told: Told) => void;
  /** Each operation is a process of its own: one may stay open forever. */
  #processes = 0;

  constructor(simulation: Simulation, transcript: Transcript, told: (told: Told) => void) {
    this.#simulation = simulation;
    this.#transcript = transcript;
    this.#told = told;
  }

  /** The answer, if one ever comes, is in `outcome`. */
  send({ text, command, fields }: Operation, to: NodeId): Request {
    const { nodes, checks, history } = this.#simulation;
    const target = nodes[to - 1]!;
    const request: Request = { outcome: null };
    const process = ++this.#processes;
    const event = { process, f: fields.f, key: fields.key } as const;
    history.push({ ...event, ...fields, type: 'invoke' } as HistoryEvent);
    this.#transcript.tell('client', `asks ${nodeName(to)}: ${text}`);
    this.#told({ kind: 'asked', node: to, request: process, text });
    const answer = (outcome: Outcome<KvResult>): void => {
      request.outcome = outcome;
      history.push({ ...event, ...completionOf(outcome, fields) } as HistoryEvent);
      this.#transcript.tell('client', `has the answer of ${nodeName(to)} to ${text}: ${describe(outcome)}`);
      this.#told({ kind: 'answered', node: to, request: process, text: describe(outcome) });
    };
    const { process: running, node } = target;
    if (running === null || node === null) {
      answer({ type: 'notLeader', leader: null });
      return request;
    }
    running.run(() =>
      node.submit(command, (outcome) => {
        if (!running.act()) return;
        if (outcome.type === 'applied') checks.acknowledge(to, command, outcome.index, outcome.term);
        if (outcome.type === 'overwritten') checks.overwritten(to, outcome.index, outcome.term);
        answer(plainOutcome(outcome));
      }),
    );
    return request;
  }
}

/** Stories run on the key-value store, and send commands without a key, which are applied as they come. */
const plainOutcome = (outcome: Outcome<unknown>): Outcome<KvResult> => {
  if (outcome.type !== 'applied') return outcome;
  const { result } = outcome.result as SessionResult<KvResult> & { readonly type: 'applied' };
  return { ...outcome, result };
};

/** The value that a read found; null: none. */
export const valueIn = ({ outcome }: Request): string | null => {
  if (outcome?.type !== 'applied' || outcome.result.type !== 'found') return null;
  return decode(outcome.result.value);
};

const completionOf = (
  outcome: Outcome<KvResult>,
  { f }: Operation['fields'],
): Pick<HistoryEvent, 'type' | 'value' | 'existed'> => {
  switch (outcome.type) {
    case 'applied': {
      const { result } = outcome;
      if (result.type === 'mismatch') return { type: 'fail' };
      if (result.type === 'found') return { type: 'ok', value: decode(result.value) };
      if (result.type === 'deleted') return { type: 'ok', existed: result.existed };
      return result.type === 'absent' ? { type: 'ok', value: null } : { type: 'ok' };
    }
    case 'unknownOutcome':
      return { type: 'info' };
    default:
      // A failed cas is one that found another value (docs/histories.md).
      return { type: f === 'cas' ? 'info' : 'fail' };
  }
};

const describe = (outcome: Outcome<KvResult>): string => {
  switch (outcome.type) {
    case 'applied':
      return `${describeResult(outcome.result)} (entry ${outcome.index}, term ${outcome.term})`;
    case 'notLeader':
      return outcome.leader === null
        ? 'not the leader, and it knows none'
        : `not the leader, ${nodeName(outcome.leader)} is`;
    case 'overloaded':
      return 'too much is in flight';
    case 'overwritten':
      return `entry ${outcome.index} of term ${outcome.term} was overwritten, it will never be applied`;
    case 'unknownOutcome':
      return 'nobody knows what will become of it';
  }
};

const describeResult = (result: KvResult): string => {
  switch (result.type) {
    case 'found':
      return `it is ${decode(result.value)}`;
    case 'absent':
      return 'there is none';
    case 'deleted':
      return result.existed ? 'deleted' : 'there was none';
    case 'mismatch':
      return `no, it is ${result.actual === null ? 'absent' : decode(result.actual)}`;
    default:
      return result.type;
  }
};
