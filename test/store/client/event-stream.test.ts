import { expect, it } from 'vitest';
import { eventsIn, type ServerSentEvent } from '../../../src/store/client/event-stream.ts';

const eventsOf = async (...pieces: Uint8Array[]): Promise<readonly ServerSentEvent[]> => {
  const arriving = async function* () {
    yield* pieces;
  };
  const events: ServerSentEvent[] = [];
  for await (const event of eventsIn(arriving())) events.push(event);
  return events;
};

const stream = new TextEncoder().encode(
  'event: put\ndata: {"key":"日本"}\n\n: alive\n\ndata: 2\nid: 7\n\ndata: cut off',
);

const events: readonly ServerSentEvent[] = [
  { type: 'put', data: '{"key":"日本"}', id: null },
  { type: 'message', data: '2', id: '7' },
];

it('a stream has its whole events, without comments', async () => {
  expect(await eventsOf(stream)).toEqual(events);
});

it('a stream has the same events, wherever it is cut into pieces, within a character as well', async () => {
  for (let at = 0; at <= stream.length; at++)
    expect(await eventsOf(stream.subarray(0, at), stream.subarray(at))).toEqual(events);
});
