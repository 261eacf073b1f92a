import type { HistoryEvent } from '../../check/history.ts';
import type { ChangeOutcome, Outcome, RaftNode, ReadOutcome, TransferOutcome } from '../../node/node.ts';
import type { StateMachine } from '../../ports/state-machine.ts';
import type { MemberChange } from '../../raft/members.ts';
import type { NodeId } from '../../raft/types.ts';
import { nodeName } from '../../raft/types.ts';
import { encodeCas, encodeDelete, encodeGet, encodePut } from '../../store/kv/commands.ts';
import type { KvResult } from '../../store/kv/kv-state-machine.ts';
import type { SessionResult } from '../../store/sessions/session-state-machine.ts';
import type { Told } from '../../trace/told.ts';
import type { Transcript } from '../../trace/transcript.ts';
import { changesText } from '../../verify/changes-text.ts';
import { kvService } from '../kv-service.ts';
import type { SimulatedProcess } from '../process.ts';
import type { Simulation } from '../simulation.ts';

/** One operation of a client on the key-value store. */
export interface Operation {
  readonly text: string;
  readonly command: Uint8Array;
  readonly fields: Pick<HistoryEvent, 'f' | 'key' | 'value' | 'from' | 'to'>;
}

/** Something that a client has asked for. */
export interface Asked {
  /** What it was told, in the words of docs/stories.md; null while nobody has said. */
  told: string | null;
}

/** What became of an operation; null while nobody has said. */
export interface Request extends Asked {
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

/** Asks the node it is told to, and notes for the linearizability checker what came of operations and reads. */
export class StoryClient {
  readonly #simulation: Simulation;
  readonly #transcript: Transcript;
  readonly #told: (told: Told) => void;
  /** Each operation is a process of its own: one may stay open forever. */
  #processes = 0;
  /** In the order in which they were asked. */
  readonly asked: Asked[] = [];

  constructor(simulation: Simulation, transcript: Transcript, told: (told: Told) => void) {
    this.#simulation = simulation;
    this.#transcript = transcript;
    this.#told = told;
  }

  /** The answer, if one ever comes, is in `outcome`. */
  send({ text, command, fields }: Operation, to: NodeId): Request {
    const { nodes, checks, history } = this.#simulation;
    const target = nodes[to - 1]!;
    const request: Request = { outcome: null, told: null };
    this.asked.push(request);
    const process = ++this.#processes;
    const event = { process, f: fields.f, key: fields.key } as const;
    history.push({ ...event, ...fields, type: 'invoke' } as HistoryEvent);
    this.#transcript.tell('client', `asks ${nodeName(to)}: ${text}`);
    this.#told({ kind: 'asked', node: to, request: process, text });
    const answer = (outcome: Outcome<KvResult>): void => {
      request.outcome = outcome;
      request.told = wordsOf(outcome);
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

  /** Reads at `to`, leader or not, without an entry in the log. Thesis §6.4. */
  read(key: string, to: NodeId): Asked {
    const { checks, history } = this.#simulation;
    return this.#ask(to, `read ${key}`, (node, running, tell, process) => {
      const event = { process, f: 'read', key } as const;
      history.push({ ...event, type: 'invoke' });
      checks.askRead(to, process);
      node.read((outcome) => {
        if (!running.act()) return;
        if (outcome.type !== 'ready') {
          history.push({ ...event, type: 'fail' });
          tell(readWords[outcome.type](outcome as never));
          return;
        }
        checks.answerRead(to, process, outcome.index);
        const value = this.valueAt(to, key);
        history.push({ ...event, type: 'ok', value });
        tell(valueWords(value));
      });
    });
  }

  transfer(to: NodeId, target: NodeId | null): Asked {
    const text = target === null ? 'hand over' : `hand over to ${nodeName(target)}`;
    return this.#ask(to, text, (node, _, tell) => {
      void this.#simulation
        .awaiting(node.transferLeadership(target))
        .then((outcome) => tell(transferWords(outcome)));
    });
  }

  change(to: NodeId, changes: readonly MemberChange[]): Asked {
    return this.#ask(to, changesText(changes, nodeName), (node, _, tell) => {
      void this.#simulation
        .awaiting(node.changeMembers(changes))
        .then((outcome) => tell(changeWords(outcome)));
    });
  }

  /** `to` takes a snapshot of all that it has applied. */
  snapshot(to: NodeId): Asked {
    return this.#ask(to, 'take a snapshot', (node, _, tell) => {
      this.#simulation.awaiting(node.takeSnapshot()).then(
        () => tell('done'),
        (error: Error) => tell(`failed: ${error.message}`),
      );
    });
  }

  /** What the state machine of a node has under `key`; null: nothing, or the node does not run. */
  valueAt(id: NodeId, key: string): string | null {
    const { stateMachine } = this.#simulation.nodes[id - 1]!;
    return stateMachine === null
      ? null
      : (kvService.read!(stateMachine as StateMachine<KvResult>, key) as string | null);
  }

  #ask(
    to: NodeId,
    text: string,
    ask: (
      node: RaftNode<unknown>,
      running: SimulatedProcess,
      tell: (words: string) => void,
      process: number,
    ) => void,
  ): Asked {
    const { process: running, node } = this.#simulation.nodes[to - 1]!;
    const process = ++this.#processes;
    const asked: Asked = { told: null };
    this.asked.push(asked);
    this.#transcript.tell('client', `asks ${nodeName(to)}: ${text}`);
    this.#told({ kind: 'asked', node: to, request: process, text });
    const tell = (words: string): void => {
      if (!running?.isAlive) return;
      asked.told = words;
      this.#transcript.tell('client', `has the answer of ${nodeName(to)} to ${text}: ${words}`);
      this.#told({ kind: 'answered', node: to, request: process, text: words });
    };
    if (running !== null && node !== null) running.run(() => ask(node, running, tell, process));
    return asked;
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

const leaderWords = (leader: NodeId | null): string => (leader === null ? '' : ` ${leader}`);
const valueWords = (value: string | null): string => (value === null ? 'no value' : `value ${value}`);

/** What a client is told, in a few fixed words. */
const wordsOf = (outcome: Outcome<KvResult>): string => {
  switch (outcome.type) {
    case 'applied': {
      const { result } = outcome;
      if (result.type === 'found') return valueWords(decode(result.value));
      if (result.type === 'absent') return valueWords(null);
      return result.type === 'mismatch' ? 'mismatch' : 'applied';
    }
    case 'notLeader':
      return `not-leader${leaderWords(outcome.leader)}`;
    case 'overloaded':
    case 'overwritten':
      return outcome.type;
    case 'unknownOutcome':
      return 'unknown';
  }
};

const readWords: {
  readonly [Type in Exclude<ReadOutcome['type'], 'ready'>]: (
    outcome: Extract<ReadOutcome, { readonly type: Type }>,
  ) => string;
} = {
  notLeader: ({ leader }) => `not-leader${leaderWords(leader)}`,
  overloaded: () => 'overloaded',
  timedOut: () => 'timed-out',
};

const transferWords = (outcome: TransferOutcome): string => {
  if (outcome.type === 'moved') return `moved ${outcome.leader}`;
  return outcome.type === 'refused' ? `refused ${outcome.reason}` : 'timed-out';
};

const changeWords = (outcome: ChangeOutcome): string => {
  if (outcome.type === 'changed') return 'changed';
  return outcome.type === 'refused' ? `refused ${outcome.reason}` : 'unknown';
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
