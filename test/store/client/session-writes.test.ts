import { afterEach, expect, it, vi } from 'vitest';
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

/** Writes whose answers come when the test says so, in the order in which they were sent. */
const answeredLater = () => {
  const writes = new SessionWrites(new AbortController().signal);
  const sent: (() => void)[] = [];
  const send = (): Promise<Reply> =>
    new Promise((resolve) => sent.push(() => resolve(reply(200, { revision: 1 }))));
  const turn = () => new Promise(setImmediate);
  return { write: (timeoutMs: number) => writes.write(send, timeoutMs, undefined), sent, turn };
};

afterEach(() => {
  vi.useRealTimers();
});

it('writes that wait for the first one to open the session are all sent once it is answered', async () => {
  const { write, sent, turn } = answeredLater();
  const all = Array.from({ length: 20 }, () => write(60_000));
  await turn();
  expect(sent).toHaveLength(1);
  sent[0]!();
  await turn();
  expect(sent).toHaveLength(20);
  for (const answer of sent) answer();
  await Promise.all(all);
});

it('a write that is out of time when there is a place leaves it to the next', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { write, sent, turn } = answeredLater();
  const [first, second, third] = [write(60_000), write(30_000), write(60_000)];
  await turn();
  vi.advanceTimersByTime(30_000);
  sent[0]!();
  await expect(second).rejects.toMatchObject({ code: 'timed_out' });
  await turn();
  expect(sent).toHaveLength(2);
  sent[1]!();
  await Promise.all([first, third]);
});
