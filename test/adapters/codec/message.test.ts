import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { messageIn, messageJson } from '../../../src/adapters/codec/json-message.ts';
import { isMalformed } from '../../../src/adapters/codec/malformed.ts';
import { decodeMessage, encodeMessage } from '../../../src/adapters/codec/message.ts';
import { type TracedMessage, withoutTraces } from '../../../src/adapters/codec/trace-context.ts';
import { encodeConfiguration } from '../../../src/raft/configuration-payload.ts';
import type { AppendEntries, Message } from '../../../src/raft/messages.ts';
import { anyMessage } from './message-arbitraries.ts';

const heartbeat: AppendEntries = {
  type: 'AppendEntries',
  from: 1,
  to: 2,
  term: 3,
  prevLogIndex: 5,
  prevLogTerm: 2,
  entries: [],
  leaderCommit: 4,
  round: 0,
};
const command = (term: number, bytes = 3) => ({
  term,
  kind: 'command' as const,
  payload: new Uint8Array(bytes).fill(9),
});
const configurationBytes = (index: number, members = {}) =>
  encodeConfiguration({ index, voters: [1, 2], outgoing: [], learners: [], members });
/** A configuration in which node 2 is there. */
const addressed = (index: number, peer: string, client: string | null = null) =>
  configurationBytes(index, { 2: { peer, client, logId: null } });
/** An InstallSnapshot of term 3 as it travels: the only chunk of a snapshot of three bytes up to entry 5 of term 2. */
const chunkItems = ({
  index = 5,
  term = 2,
  configuration = configurationBytes(0) as unknown,
  offset = 0,
  done = true,
  data = new Uint8Array(3),
} = {}) => [25, 1, 2, 3, index, term, configuration, 3, 0, offset, 0, done, 7, data];
const traceBytes = new Uint8Array(25).fill(7);
const tracedEntries = [[3, 0, new Uint8Array(3)]];
const packr = new Packr({ useRecords: false });
const frameOf = (items: unknown): Uint8Array => packr.pack(items);
const reasonOf = (items: unknown): string => {
  const decoded = decodeMessage(frameOf(items));
  return 'malformed' in decoded ? decoded.malformed : 'well-formed';
};

describe('message codec', () => {
  it('gives back every message that a correct node may send, and the same bytes again', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const frame = encodeMessage(message);
        const decoded = decodeMessage(frame);
        expect(decoded).toEqual(message);
        expect(Buffer.from(encodeMessage(decoded as Message)).equals(frame)).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  it('carries the traces of some entries beside them', () => {
    const entries = [command(3), command(3), command(3)];
    const traces = [
      { offset: 0, context: traceBytes },
      { offset: 2, context: traceBytes },
    ];
    const traced: TracedMessage = { ...heartbeat, entries, traces };
    expect(decodeMessage(new Uint8Array(encodeMessage(traced)))).toEqual(traced);
    const said = messageIn('AppendEntries', 1, 2, JSON.parse(JSON.stringify(messageJson(traced))));
    expect(said).toMatchObject({ traces });
    expect(withoutTraces(traced)).toEqual({ ...heartbeat, entries });
    expect(() => encodeMessage({ ...heartbeat, traces })).toThrow(
      'must not be sent: traces are not in the order',
    );
  });

  it('hands out plain byte arrays as payloads', () => {
    const decoded = decodeMessage(encodeMessage({ ...heartbeat, entries: [command(3)] })) as AppendEntries;
    expect(decoded.entries[0]?.payload.constructor).toBe(Uint8Array);
  });

  it('does not write again to a frame that it handed out', () => {
    const frames = Array.from({ length: 2000 }, (_, i) => encodeMessage({ ...heartbeat, leaderCommit: i }));
    frames.push(encodeMessage({ ...heartbeat, entries: [command(3, 3_000_000)] }));
    frames.push(
      ...Array.from({ length: 100 }, (_, i) => encodeMessage({ ...heartbeat, leaderCommit: 2000 + i })),
    );
    frames
      .filter((frame) => frame.length < 100)
      .forEach((frame, i) => {
        expect(decodeMessage(frame)).toMatchObject({ leaderCommit: i });
      });
  });

  it('pins at most twice the bytes of the payloads that it decoded', () => {
    const small = encodeMessage({ ...heartbeat, entries: [command(3), command(3)] });
    const large = new Uint8Array(encodeMessage({ ...heartbeat, entries: [command(3, 5000)] }));
    const chunk = new Uint8Array(65_536);
    chunk.set(small, 100);
    const copied = decodeMessage(chunk.subarray(100, 100 + small.length)) as AppendEntries;
    expect(copied).toEqual({ ...heartbeat, entries: [command(3), command(3)] });
    expect(copied.entries.map((entry) => entry.payload.buffer.byteLength)).toEqual([6, 6]);
    expect((decodeMessage(large) as AppendEntries).entries[0]?.payload.buffer).toBe(large.buffer);
  });

  it('writes integers of more than 32 bits as int 64, not as floats', () => {
    const frame = Buffer.from(encodeMessage({ ...heartbeat, leaderCommit: 2 ** 40 }));
    expect(frame.includes(Buffer.from('d30000010000000000', 'hex'))).toBe(true);
  });

  it.each<[string, Message, RegExp]>([
    ['a term of 0', { ...heartbeat, term: 0 }, /term is 0/],
    ['an unsafe index', { ...heartbeat, leaderCommit: 2 ** 53 }, /leaderCommit/],
    ['a fraction', { ...heartbeat, leaderCommit: 1.5 }, /leaderCommit/],
    ['entries of a future term', { ...heartbeat, entries: [command(4)] }, /above term/],
    ['an entry older than the one before it', { ...heartbeat, entries: [command(1)] }, /decrease/],
    ['a noop with a payload', { ...heartbeat, entries: [{ ...command(3), kind: 'noop' }] }, /noop/],
    ['itself as addressee', { ...heartbeat, to: 1 }, /same node/],
  ])('refuses to send %s: that is our own bug', (_, message, reason) => {
    expect(() => encodeMessage(message)).toThrow(reason);
  });

  it.each<[string, unknown, RegExp]>([
    ['an unknown type', [99, 1, 2, 3], /unknown message type/],
    ['a control frame', [3], /unknown message type/],
    ['a type given as text', ['AppendEntries', 1, 2, 3, 5, 2, 4, []], /unknown message type/],
    ['a missing item', [20, 1, 2, 3, 5, 2, 4, 0], /with 8 items/],
    ['an extra item', [18, 1, 2, 3, 5, 2, 1], /with 7 items/],
    ['a text where a number belongs', [20, '1', 2, 3, 5, 2, 4, 0, []], /from/],
    ['node 0', [20, 0, 2, 3, 5, 2, 4, 0, []], /from/],
    ['term 0', [20, 1, 2, 0, 0, 0, 0, 0, []], /term is 0/],
    ['a term that leaves no room above it', [17, 1, 2, BigInt(2 ** 52 + 1), false], /out of reach/],
    ['a term for index 0', [20, 1, 2, 3, 0, 2, 4, 0, []], /one of prevLogIndex/],
    ['an index without a term', [20, 1, 2, 3, 5, 0, 4, 0, []], /one of prevLogIndex/],
    [
      'a last index past the safe integers',
      [20, 1, 2, 3, BigInt(2 ** 53 - 1), 2, 4, 0, [[3, 0, new Uint8Array(1)]]],
      /too large/,
    ],
    ['entries that are bytes', [20, 1, 2, 3, 5, 2, 4, 0, new Uint8Array(3)], /not an array/],
    ['an entry that is no triple', [20, 1, 2, 3, 5, 2, 4, 0, [[3, 0]]], /triple/],
    ['an unknown kind', [20, 1, 2, 3, 5, 2, 4, 0, [[3, 7, new Uint8Array(1)]]], /kind/],
    ['a kind given as text', [20, 1, 2, 3, 5, 2, 4, 0, [[3, '0', new Uint8Array(1)]]], /kind/],
    ['a payload given as text', [20, 1, 2, 3, 5, 2, 4, 0, [[3, 0, 'abc']]], /payload/],
    ['a payload given as an array', [20, 1, 2, 3, 5, 2, 4, 0, [[3, 0, []]]], /nested/],
    [
      'an entry that is no configuration',
      [20, 1, 2, 3, 5, 2, 4, 0, [[3, 2, new Uint8Array(1)]]],
      /no config/,
    ],
    [
      'the configuration of another entry',
      [20, 1, 2, 3, 5, 2, 4, 0, [[3, 2, configurationBytes(7)]]],
      /that of another index/,
    ],
    ['an entry of term 0', [20, 1, 2, 3, 0, 0, 4, 0, [[0, 0, new Uint8Array(1)]]], /from 1 on/],
    [
      'decreasing terms',
      [
        20,
        1,
        2,
        3,
        5,
        2,
        4,
        0,
        [
          [3, 0, new Uint8Array(1)],
          [2, 0, new Uint8Array(1)],
        ],
      ],
      /decrease/,
    ],
    ['entries of a future term', [20, 1, 2, 3, 5, 2, 4, 0, [[4, 0, new Uint8Array(1)]]], /above term/],
    ['a vote that is a number', [17, 1, 2, 3, 1], /voteGranted/],
    ['traces without entries', [20, 1, 2, 3, 5, 2, 4, 0, [], [[0, traceBytes]]], /order of the entries/],
    ['no traces at all', [20, 1, 2, 3, 5, 2, 4, 0, tracedEntries, []], /traces of no entries/],
    [
      'a trace that is short',
      [20, 1, 2, 3, 5, 2, 4, 0, tracedEntries, [[0, traceBytes.subarray(1)]]],
      /25 bytes/,
    ],
    ['a trace that is text', [20, 1, 2, 3, 5, 2, 4, 0, tracedEntries, [[0, 'x'.repeat(25)]]], /25 bytes/],
    ['a trace that is no pair', [20, 1, 2, 3, 5, 2, 4, 0, tracedEntries, [[0]]], /pairs/],
    [
      'two traces of one entry',
      [
        20,
        1,
        2,
        3,
        5,
        2,
        4,
        0,
        tracedEntries,
        [
          [0, traceBytes],
          [0, traceBytes],
        ],
      ],
      /order of the entries/,
    ],
    ['traces of an answer', [17, 1, 2, 3, true, [[0, traceBytes]]], /with 6 items/],
    [
      'an item after the traces',
      [20, 1, 2, 3, 5, 2, 4, 0, tracedEntries, [[0, traceBytes]], 0],
      /with 11 items/,
    ],
    ['a vote granted in term 0', [19, 1, 2, 0, true], /term is 0/],
    ['a candidate whose log is of its new term', [16, 1, 2, 3, 5, 3, false], /lastLogTerm/],
    ['a rejection with a matchIndex', [21, 1, 2, 3, false, 5, 4, 0, 0, 0], /matchIndex/],
    ['a round given as text', [20, 1, 2, 3, 5, 2, 4, '1', []], /round is not a count/],
    ['a refused read with an index', [24, 2, 1, 3, 7, false, 4], /readIndex in a refusal/],
    ['a read without a name', [23, 2, 1, 3], /with 4 items/],
    ['a request to take over with an item too many', [22, 1, 2, 3, 0], /with 5 items/],
    ['a snapshot of nothing', chunkItems({ index: 0 }), /lastIncludedIndex is 0/],
    ['a snapshot of term 0', chunkItems({ term: 0 }), /lastIncludedTerm is not from 1 to term/],
    ['a snapshot of a future term', chunkItems({ term: 4 }), /lastIncludedTerm is not from 1 to term/],
    [
      'a configuration later than its snapshot',
      chunkItems({ configuration: configurationBytes(6) }),
      /configuration is later than lastIncludedIndex/,
    ],
    ['an address that is empty', [20, 1, 2, 3, 5, 2, 4, 0, [[3, 2, addressed(6, '')]]], /an address/],
    [
      'an address that is too long',
      chunkItems({ configuration: addressed(5, 'x'.repeat(257)) }),
      /an address/,
    ],
    ['an address of two lines', chunkItems({ configuration: addressed(5, 'x:1', 'y\n') }), /an address/],
    ['a configuration that is none', chunkItems({ configuration: new Uint8Array(3) }), /configuration/],
    ['a chunk that ends past the end', chunkItems({ offset: 1, done: false }), /done/],
    ['a last chunk that does not say so', chunkItems({ done: false }), /done/],
    ['a chunk that says it is the last and is not', chunkItems({ data: new Uint8Array(2) }), /done/],
    [
      'a chunk without data before the end',
      chunkItems({ data: new Uint8Array(0), done: false }),
      /without data/,
    ],
    ['a snapshot received up to some offset', [26, 2, 1, 3, 5, true, 5, 2, 7], /offset in a success/],
    ['a match without success', [26, 2, 1, 3, 5, false, 5, 2, 7], /matchIndex without success/],
    ['a float', [20, 1, 2, 3.5, 5, 2, 4, 0, []], /0xcb/],
    ['a negative integer', [20, 1, 2, 3, 5, 2, -4, 0, []], /0xfc/],
    ['a map', { type: 20 }, /0xde/],
    ['a bare number', 20, /not an array/],
  ])('answers %s as malformed', (_, items, reason) => {
    expect(reasonOf(items)).toMatch(reason);
  });

  it('takes the configuration of an entry', () => {
    const entries = [
      [3, 0, new Uint8Array(1)],
      [3, 2, configurationBytes(7)],
    ];
    expect(reasonOf([20, 1, 2, 3, 5, 2, 4, 0, entries])).toBe('well-formed');
  });

  it('takes the longest address', () => {
    const longest = 'x'.repeat(256);
    expect(reasonOf(chunkItems({ configuration: addressed(5, longest, longest) }))).toBe('well-formed');
  });

  it('takes a configuration as late as its snapshot', () => {
    expect(reasonOf(chunkItems({ configuration: configurationBytes(5) }))).toBe('well-formed');
  });

  it('says so in one line without quoting the bytes', () => {
    const decoded = decodeMessage(frameOf(['secret\nvalue', 1]));
    expect(isMalformed(decoded) && decoded.malformed).toBe('unknown message type');
  });
});
