import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import type { Inspector } from '../../../src/statechart/inspect/attach-inspector.ts';
import { attachInspector } from '../../../src/statechart/inspect/attach-inspector.ts';
import { createInspector } from '../../../src/statechart/inspect/create-inspector.ts';
import { freePorts } from '../../processes/free-ports.ts';
import { InspectorServer } from './inspector-server.ts';

const lamp = createMachine({
  id: 'lamp',
  context: {},
  initial: 'off',
  states: { off: { on: { PRESS: 'on' } }, on: { on: { PRESS: 'off', BURN: 'out' } }, out: { type: 'final' } },
});

describe('inspector of a program', () => {
  let server: InspectorServer;
  let inspector: Inspector | null = null;

  beforeEach(async () => {
    server = await InspectorServer.open();
  });
  afterEach(async () => {
    inspector?.close();
    inspector = null;
    await server.close();
  });

  const inspected = async (options: Parameters<typeof createInspector>[0] = {}) => {
    inspector = createInspector({ url: server.url, name: 'shop', ...options });
    const actor = createActor(lamp, { inspect: inspector.inspect }).start();
    await server.until((all) => all.some(({ type }) => type === '@xstate.actor'));
    return actor;
  };
  const send = (actor: string, event: unknown): void => {
    for (const socket of server.connections)
      socket.send(JSON.stringify({ type: '@raftchart.send', actor, event }));
  };
  const types = () =>
    server.messages.map(({ type, event }) => (event === undefined ? type : `${type} ${event.type}`));

  it('says who it is, then tells of all actors as they are, then of all that they do', async () => {
    const actor = await inspected();
    actor.send({ type: 'PRESS' });
    await server.until((all) => all.some(({ snapshot }) => snapshot?.value === 'on'));
    expect(server.messages[0]).toMatchObject({ type: '@raftchart.hello', name: 'shop', takesEvents: true });
    expect(server.messages[1]).toMatchObject({
      type: '@xstate.actor',
      name: 'lamp',
      snapshot: { value: 'off' },
    });
    expect(types().slice(2)).toEqual(['@xstate.event PRESS', '@xstate.snapshot PRESS']);
  });

  it('sends every event by default', async () => {
    const actor = await inspected();
    for (let count = 0; count < 500; count += 1) actor.send({ type: 'PRESS' });
    await server.until((all) => all.filter(({ type }) => type === '@xstate.snapshot').length === 500);
  });

  it('sends its actors the events that it is sent, as long as they are active', async () => {
    const actor = await inspected();
    send(actor.sessionId, { type: 'PRESS' });
    await server.until((all) => all.some(({ snapshot }) => snapshot?.value === 'on'));
    send('x:nobody', { type: 'PRESS' });
    send(actor.sessionId, 'PRESS');
    send(actor.sessionId, { type: 'BURN' });
    await server.until((all) => all.some(({ snapshot }) => snapshot?.status === 'done'));
    const before = server.messages.length;
    send(actor.sessionId, { type: 'PRESS' });
    // Answered only after all that came before it was read.
    const [socket] = server.connections;
    socket!.ping();
    await once(socket!, 'pong');
    expect(server.messages).toHaveLength(before);
  });

  it('takes no events if it is told so', async () => {
    const actor = await inspected({ takesEvents: false });
    expect(server.messages[0]).toMatchObject({ takesEvents: false });
    send(actor.sessionId, { type: 'PRESS' });
    const [socket] = server.connections;
    socket!.ping();
    await once(socket!, 'pong');
    expect(actor.getSnapshot().value).toBe('off');
  });

  it('tells an inspector that comes late of the actors as they are then, without those that stopped', async () => {
    const [port] = await freePorts(1);
    inspector = attachInspector({
      url: `ws://127.0.0.1:${port}`,
      name: 'shop',
      maxEventsPerSecond: null,
      takesEvents: true,
      times: { retryMs: 20, answerMs: 1000 },
    });
    const [first, second, third] = [0, 1, 2].map(() =>
      createActor(lamp, { inspect: inspector!.inspect }).start(),
    );
    first!.send({ type: 'PRESS' });
    second!.send({ type: 'PRESS' });
    second!.send({ type: 'BURN' });
    third!.stop();
    const late = await InspectorServer.open(port);
    try {
      await late.until((all) => all.length >= 2);
      first!.send({ type: 'PRESS' });
      await late.until((all) => all.some(({ type }) => type === '@xstate.snapshot'));
      const actors = late.messages.filter(({ type }) => type === '@xstate.actor');
      expect(actors.map(({ sessionId, snapshot }) => [sessionId, snapshot!.value])).toEqual([
        [first!.sessionId, 'on'],
      ]);
    } finally {
      await late.close();
    }
  });

  it('sends the newest state of actors that did more than the inspector reads', async () => {
    const actor = await inspected();
    const [socket] = server.connections;
    socket!.pause();
    const big = 'x'.repeat(9000);
    for (let count = 0; count < 3001; count += 1) actor.send({ type: 'PRESS', big } as never);
    socket!.resume();
    await server.until((all) => all.filter(({ type }) => type === '@xstate.actor').length > 1);
    const last = server.messages.findLast(({ type }) => type === '@xstate.actor');
    expect(last!.snapshot!.value).toBe('on');
    expect(server.messages.length).toBeLessThan(6000);
  });

  it('ends with a line and leaves the program alone when what it is given fails', async () => {
    const told: string[] = [];
    const actor = await inspected({
      tell: (line) => told.push(line),
      sanitizeEvent: () => {
        throw new Error('no such field');
      },
    });
    actor.send({ type: 'PRESS' });
    actor.send({ type: 'PRESS' });
    expect(told.at(-1)).toBe('inspection ends: no such field');
    expect(told.filter((line) => line.startsWith('inspection ends'))).toHaveLength(1);
    expect(actor.getSnapshot().value).toBe('off');
  });

  it('refuses a url that is none', () => {
    expect(() => createInspector({ url: 'http://localhost' })).toThrow(
      /^expected the address of an inspector/,
    );
  });
});
