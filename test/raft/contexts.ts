import { initialContext, type RaftContext, type RaftInput } from '../../src/raft/context.ts';
import type { Effect } from '../../src/raft/effects.ts';
import { append, emptyLog, type LogShape } from '../../src/raft/log-shape.ts';
import type { AppendEntries, AppendEntriesResponse, Message, RequestVote } from '../../src/raft/messages.ts';
import { type Entry, emptyPayload, type Term } from '../../src/raft/types.ts';

export const command = (term: Term, payload: Uint8Array = Uint8Array.of(term)): Entry => ({
  term,
  kind: 'command',
  payload,
});

export const noop = (term: Term): Entry => ({ term, kind: 'noop', payload: emptyPayload });

/** One command for each term, as the paper draws logs. */
export const entriesOf = (...terms: readonly Term[]): readonly Entry[] => terms.map((term) => command(term));

/** A log from index 1 on, drawn as the terms of its entries. */
export const logOf = (...terms: readonly Term[]): LogShape => append(emptyLog, entriesOf(...terms), 1 << 20);

export const votersOf = (size: number): readonly number[] => Array.from({ length: size }, (_, at) => at + 1);

/** Node 1 of three as it starts, changed by `patch`. */
export const contextOf = (patch: Partial<RaftContext> = {}, input: Partial<RaftInput> = {}): RaftContext => ({
  ...initialContext({ id: 1, voters: [1, 2, 3], ...input }),
  ...patch,
});

/** From node 2 to node 1, of term 5, behind an empty log. */
export const appendEntries = (patch: Partial<AppendEntries> = {}): AppendEntries => ({
  type: 'AppendEntries',
  from: 2,
  to: 1,
  term: 5,
  prevLogIndex: 0,
  prevLogTerm: 0,
  entries: [],
  leaderCommit: 0,
  round: 0,
  ...patch,
});

/** A success from node 2 to node 1, of term 5. */
export const appendResponse = (patch: Partial<AppendEntriesResponse> = {}): AppendEntriesResponse => ({
  type: 'AppendEntriesResponse',
  from: 2,
  to: 1,
  term: 5,
  success: true,
  prevLogIndex: 0,
  matchIndex: 0,
  conflictTerm: 0,
  conflictIndex: 0,
  round: 0,
  ...patch,
});

/** From node 2 to node 1, of term 5, by a candidate with an empty log. */
export const requestVote = (patch: Partial<RequestVote> = {}): RequestVote => ({
  type: 'RequestVote',
  from: 2,
  to: 1,
  term: 5,
  lastLogIndex: 0,
  lastLogTerm: 0,
  leadershipTransfer: false,
  ...patch,
});

/** The messages among `effects` that wait for the disk. */
export const sendsOf = (effects: readonly Effect[]): readonly Message[] =>
  effects.flatMap((effect) => (effect.type === 'send' ? [effect.params.message] : []));

type ParamsOf<Name extends Effect['type']> = Extract<Effect, { type: Name }>['params'];

/** The parameters of all effects called `name`, in order. */
export const paramsOf = <Name extends Effect['type']>(
  effects: readonly Effect[],
  name: Name,
): readonly ParamsOf<Name>[] =>
  effects.flatMap((effect) => (effect.type === name ? [effect.params as ParamsOf<Name>] : []));
