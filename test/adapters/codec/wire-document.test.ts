import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { messageIn, messageJson } from '../../../src/adapters/codec/json-message.ts';
import { isMalformed } from '../../../src/adapters/codec/malformed.ts';
import { decodeMessage, encodeMessage, messageCodes } from '../../../src/adapters/codec/message.ts';
import { messagePaths } from '../../../src/adapters/transport/http/routes.ts';
import { messageTable } from '../../../src/raft/message-table.ts';
import type { AppendEntries, MessageType } from '../../../src/raft/messages.ts';

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

it('docs/wire.md has the path and the fields of each message as JSON', () => {
  const jsonName = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const fieldsOf = (type: MessageType) => ['term', ...Object.keys(messageTable[type].fields).map(jsonName)];
  const rows = [...page.matchAll(/^\| `(\/[\w-]+)` \| (\w+).*? \| (.*?) \| (.*?) \|$/gm)].map(
    ([, path, type, asked, answered]) => {
      const names = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
      return { path, type: type as MessageType, asked: names(asked!), answered: names(answered!) };
    },
  );
  expect(rows.map(({ path, type }) => [path, messagePaths[type]])).toEqual(
    rows.map(({ path }) => [path, path]),
  );
  const requests = Object.entries(messageTable).filter(([, { is }]) => is !== 'response');
  expect(rows.map(({ type }) => type).sort()).toEqual(requests.map(([type]) => type).sort());
  for (const { type, asked, answered } of rows) {
    const own = asked.filter((name) => !/^(candidate|leader|follower)_id$/.test(name));
    expect([type, own.sort()]).toEqual([type, fieldsOf(type).sort()]);
    const answer = `${type}Response` as MessageType;
    if (answer in messageTable) expect([type, answered.sort()]).toEqual([type, fieldsOf(answer).sort()]);
    else expect([type, answered]).toEqual([type, []]);
  }
});

it('docs/wire.md shows a request by hand as it is', () => {
  const [, body] = /\/vote -d '(.*)'/.exec(page)!;
  const vote = messageIn('RequestVote', 3, 1, JSON.parse(body!));
  expect(isMalformed(vote) ? vote : messageJson(vote)).toEqual({
    ...JSON.parse(body!),
    leadership_transfer: false,
  });
});
