import fc from 'fast-check';
import type { AppendEntries, Message } from '../../../src/raft/messages.ts';
import type { Entry } from '../../../src/raft/types.ts';

const max = Number.MAX_SAFE_INTEGER;

/** Small, near the edges of each msgpack integer width, and anything. */
const natural = fc.oneof(
  fc.nat(200),
  fc.constantFrom(0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1),
  fc.maxSafeNat(),
);
const positive = natural.map((n) => Math.max(1, n));

const envelope = fc
  // What a node takes ends at 2^52.
  .record({ from: positive, to: positive, term: positive.map((term) => Math.min(term, 2 ** 52)) })
  .map((e) => (e.from === e.to ? { ...e, to: e.from === 1 ? 2 : e.from - 1 } : e));

const logEnd = (belowTerm: number) =>
  fc
    .oneof(
      fc.constant({ lastLogIndex: 0, lastLogTerm: 0 }),
      fc.record({
        lastLogIndex: positive,
        lastLogTerm: belowTerm > 1 ? fc.integer({ min: 1, max: belowTerm - 1 }) : fc.constant(0),
      }),
    )
    .map((end) => (end.lastLogTerm === 0 ? { lastLogIndex: 0, lastLogTerm: 0 } : end));

const payload = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 250, maxLength: 300 }));

const appendEntries = envelope.chain((e) => {
  const terms = fc
    .array(fc.integer({ min: 1, max: e.term }), { minLength: 1, maxLength: 20 })
    .map((ts) => ts.sort((a, b) => a - b));
  return fc
    .record({
      terms,
      prevLogIndex: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: max - 20 })),
      payloads: fc.array(fc.option(payload), { minLength: 20, maxLength: 20 }),
      leaderCommit: natural,
      round: natural,
    })
    .map(
      ({ terms: [first, ...rest], prevLogIndex, payloads, leaderCommit, round }): AppendEntries => ({
        type: 'AppendEntries',
        ...e,
        prevLogIndex,
        prevLogTerm: prevLogIndex === 0 ? 0 : (first as number),
        entries: rest.map((term, i): Entry => {
          const bytes = payloads[i] ?? null;
          return bytes === null
            ? { term, kind: 'noop', payload: new Uint8Array(0) }
            : { term, kind: 'command', payload: bytes };
        }),
        leaderCommit,
        round,
      }),
    );
});

/** Any message that a correct node may send. */
export const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  envelope.chain((e) =>
    fc
      .tuple(logEnd(e.term), fc.boolean())
      .map(
        ([end, leadershipTransfer]): Message => ({ type: 'RequestVote', ...e, ...end, leadershipTransfer }),
      ),
  ),
  envelope.chain((e) => logEnd(e.term).map((end): Message => ({ type: 'PreVote', ...e, ...end }))),
  fc.tuple(envelope, fc.boolean()).map(
    ([e, voteGranted]): Message => ({
      type: 'RequestVoteResponse',
      ...e,
      voteGranted,
    }),
  ),
  fc.tuple(envelope, fc.boolean(), fc.boolean()).map(
    ([e, voteGranted, isNew]): Message => ({
      type: 'PreVoteResponse',
      ...e,
      term: isNew && !voteGranted ? 0 : e.term,
      voteGranted,
    }),
  ),
  appendEntries,
  envelope.chain((e) =>
    fc
      .record({
        success: fc.boolean(),
        prevLogIndex: natural,
        matchIndex: natural,
        conflictTerm: fc.integer({ min: 0, max: e.term }),
        conflictIndex: natural,
        round: natural,
      })
      .map(
        (r): Message => ({
          type: 'AppendEntriesResponse',
          ...e,
          ...r,
          matchIndex: r.success ? r.matchIndex : 0,
        }),
      ),
  ),
  envelope.map((e): Message => ({ type: 'TimeoutNow', ...e })),
  fc.tuple(envelope, natural).map(([e, readId]): Message => ({ type: 'ReadIndex', ...e, readId })),
  fc.tuple(envelope, natural, natural, fc.boolean()).map(
    ([e, readId, readIndex, success]): Message => ({
      type: 'ReadIndexResponse',
      ...e,
      readId,
      success,
      readIndex: success ? readIndex : 0,
    }),
  ),
);
