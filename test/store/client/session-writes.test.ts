import { expect, it } from 'vitest';
import type { Reply } from '../../../src/store/client/asking.ts';
import { SessionWrites } from '../../../src/store/client/session-writes.ts';

const reply = (status: number, body: object): Reply => ({
  status,
  headers: new Headers(),
  body: new TextEncoder().encode(JSON.stringify(body)),
  endpoint: 'http://a',
});

it('a write is sent again, as the first of another session, where the nodes have forgotten its own', async () => {
  const writes = new SessionWrites(new AbortController().signal);
  const places: { readonly session: string; readonly sequence: number; readonly received: number }[] = [];
  const answers = [reply(200, {}), reply(410, { error: 'session_expired' }), reply(200, { revision: 3 })];
  const send = async (place: (typeof places)[number]): Promise<Reply> => {
    places.push(place);
    return answers.shift() ?? reply(500, {});
  };
  await writes.write(send, 1000, undefined);
  expect(await writes.write(send, 1000, undefined)).toMatchObject({ status: 200 });
  const [first, expired, again] = places;
  expect(expired).toEqual({ session: first!.session, sequence: 2, received: 1 });
  expect(again).toEqual({ session: expect.any(String), sequence: 1, received: 0 });
  expect(again!.session).not.toBe(first!.session);
});
