/**
 * µs per message, encoding and decoding with validation: `node bench/codec.ts`.
 * Also what the parts cost: the shape check, the hand-written rules, and the same rules as a valibot schema.
 */
import * as v from 'valibot';
import { decodeMessage, encodeMessage } from '../src/adapters/codec/message.ts';
import { messageFault } from '../src/adapters/codec/message-rules.ts';
import { shapeFault } from '../src/adapters/codec/msgpack-shape.ts';
import type { AppendEntries, Message } from '../src/raft/messages.ts';

const payloadBytes = 256;

const appendEntries = (count: number): AppendEntries => ({
  type: 'AppendEntries',
  from: 1,
  to: 2,
  term: 7,
  prevLogIndex: 1_000_000,
  prevLogTerm: 6,
  entries: Array.from({ length: count }, (_, i) => ({
    term: 7,
    kind: 'command' as const,
    payload: new Uint8Array(payloadBytes).fill(i),
  })),
  leaderCommit: 999_990,
  round: 7,
});

const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const schema = v.strictObject({
  type: v.literal('AppendEntries'),
  from: positive,
  to: positive,
  term: positive,
  prevLogIndex: natural,
  prevLogTerm: natural,
  entries: v.array(
    v.strictObject({
      term: positive,
      kind: v.picklist(['command', 'noop']),
      payload: v.instance(Uint8Array),
    }),
  ),
  leaderCommit: natural,
  round: natural,
});

/** Best of several rounds: this is about the code, not about the machine's other work. */
const microseconds = (run: () => unknown): number => {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 12; round++) {
    let calls = 0;
    const start = performance.now();
    let elapsed = 0;
    while (elapsed < 60) {
      for (let i = 0; i < 20; i++) run();
      calls += 20;
      elapsed = performance.now() - start;
    }
    best = Math.min(best, (elapsed * 1000) / calls);
  }
  return best;
};

const cases: readonly (readonly [string, Message])[] = [
  ['heartbeat', appendEntries(0)],
  [
    'AppendEntriesResponse',
    {
      type: 'AppendEntriesResponse',
      from: 2,
      to: 1,
      term: 7,
      success: true,
      prevLogIndex: 1_000_000,
      matchIndex: 1_000_064,
      conflictTerm: 0,
      conflictIndex: 0,
      round: 0,
    },
  ],
  ...[1, 64, 256].map(
    (count) => [`AppendEntries ${count} x ${payloadBytes} B`, appendEntries(count)] as const,
  ),
];

const column = (value: number): string => value.toFixed(2).padStart(9);

console.log(`${'µs per message'.padEnd(28)}   encode   decode    shape    rules  valibot    bytes`);
for (const [name, message] of cases) {
  const frame = new Uint8Array(encodeMessage(message));
  const figures = [
    microseconds(() => encodeMessage(message)),
    microseconds(() => decodeMessage(frame)),
    microseconds(() => shapeFault(frame)),
    microseconds(() => messageFault(message)),
  ].map(column);
  const valibot =
    message.type === 'AppendEntries' ? column(microseconds(() => v.safeParse(schema, message))) : '        -';
  console.log(`${name.padEnd(28)}${figures.join('')}${valibot}${String(frame.length).padStart(9)}`);
}
