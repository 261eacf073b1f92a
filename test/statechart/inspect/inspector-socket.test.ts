import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { InspectorSocket } from '../../../src/statechart/inspect/inspector-socket.ts';
import { InspectorServer } from './inspector-server.ts';

describe('the way to an inspector', () => {
  let silent: Server | null = null;
  let inspector: InspectorServer | null = null;
  let socket: InspectorSocket | null = null;

  afterEach(async () => {
    socket?.stop();
    silent?.close();
    await inspector?.close();
    [silent, inspector, socket] = [null, null, null];
  });

  it('gives up on whoever accepts the connection and never answers, and finds the inspector that comes there', async () => {
    const accepted: Socket[] = [];
    silent = createServer((each) => accepted.push(each.on('error', () => {}).resume()));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const { port } = silent.address() as AddressInfo;
    const told: string[] = [];
    const url = `ws://127.0.0.1:${port}`;
    const made: InspectorSocket = new InspectorSocket({
      url,
      tell: (message) => told.push(message),
      opened: () => made.send('{"name":"node1 raft"}'),
      received: () => {},
      times: { retryMs: 20, answerMs: 50 },
    });
    socket = made;
    expect(made.send('nobody is there')).toBe(false);
    // Of several attempts that fail, only the first is told of.
    await expect.poll(() => accepted.length, { timeout: 20_000 }).toBeGreaterThan(2);
    // It no longer listens; what it has accepted stays open, and silent.
    silent.close();

    inspector = await InspectorServer.open(port);
    await inspector.until((messages) => messages.some(({ name }) => name === 'node1 raft'));
    expect(told).toEqual([`no inspector at ${url}; tries again every 0.02 s`, `inspected at ${url}`]);
    for (const each of accepted) each.destroy();
  });
});
