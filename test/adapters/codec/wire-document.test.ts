import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { decodeMessage, encodeMessage, messageCodes } from '../../../src/adapters/codec/message.ts';
import type { AppendEntries } from '../../../src/raft/messages.ts';

const page = readFileSync(new URL('../../../docs/wire.md', import.meta.url), 'utf8');

const heartbeat: AppendEntries = {
  type: 'AppendEntries',
  from: 1,
  to: 2,
  term: 3,
  prevLogIndex: 5,
  prevLogTerm: 2,
  entries: [],
  leaderCommit: 4,
  round: 7,
};
const abc = { term: 3, kind: 'command' as const, payload: new TextEncoder().encode('abc') };

it('docs/wire.md shows frames as they are', () => {
  const shown = [...page.matchAll(/^([0-9a-f]{8}) {2}((?:[0-9a-f]{2} ?)+)$/gm)].map(([, length, bytes]) => ({
    length: Number.parseInt(length!, 16),
    frame: new Uint8Array(Buffer.from(bytes!.replaceAll(' ', ''), 'hex')),
  }));
  const messages = [heartbeat, { ...heartbeat, entries: [abc] }];
  expect(shown.map(({ frame }) => decodeMessage(frame))).toEqual(messages);
  expect(shown.map(({ frame }) => Buffer.from(frame).toString('hex'))).toEqual(
    messages.map((message) => Buffer.from(encodeMessage(message)).toString('hex')),
  );
  expect(shown.map(({ length }) => length)).toEqual(shown.map(({ frame }) => frame.length));
});

it('docs/wire.md has the code of each message', () => {
  const codes = Object.fromEntries(
    [...page.matchAll(/^\| (\d\d) \| (\w+) \|/gm)].map(([, code, type]) => [type, Number(code)]),
  );
  expect(codes).toEqual(messageCodes);
});
