import { createInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AnyActorRef, createActor, createMachine, type InspectionEvent } from 'xstate';
import { StatelyMessages } from '../../../src/statechart/inspect/stately-messages.ts';

const child = createMachine({
  id: 'bulb',
  initial: 'cold',
  states: { cold: { on: { HEAT: 'hot' } }, hot: {} },
});
const machine = createMachine({
  id: 'lamp',
  context: { presses: 0 },
  initial: 'off',
  states: {
    off: { on: { PRESS: { target: 'on', actions: 'click' } } },
    on: { invoke: { src: 'bulb', id: 'bulb' } },
  },
}).provide({ actors: { bulb: child }, actions: { click: () => {} } } as never);

describe('our messages', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it('are those of @statelyai/inspect, but for what its snapshots have besides', () => {
    const [theirs, ours]: [Record<string, unknown>[], Record<string, unknown>[]] = [[], []];
    const inspector = createInspector({
      send: (event: StatelyInspectionEvent) => void theirs.push({ ...event }),
    });
    const messages = new StatelyMessages({ prefix: null });
    const told: InspectionEvent[] = [];
    const actor = createActor(machine, {
      inspect: (event) => {
        inspector.inspect.next?.(event);
        told.push(event);
      },
    });
    actor.start();
    actor.send({ type: 'PRESS', by: { finger: 1 } } as never);
    vi.runAllTimers();
    for (const event of told) {
      if (event.type === '@xstate.actor')
        ours.push(JSON.parse(messages.actor(event.actorRef as AnyActorRef)));
      if (event.type === '@xstate.event') ours.push(JSON.parse(messages.event(event)));
      if (event.type === '@xstate.snapshot') ours.push(JSON.parse(messages.snapshot(event)));
    }
    expect(ours.length).toBeGreaterThan(6);
    const plain = JSON.parse(JSON.stringify(theirs)) as Record<string, unknown>[];
    for (const message of plain) {
      const { status, value, context, output, error } = (message.snapshot as Record<string, unknown>) ?? {};
      if ('snapshot' in message) message.snapshot = { status, value, context, output, error };
    }
    // Theirs has the keys of a definition in the order of the alphabet.
    for (const message of [...plain, ...ours])
      if ('definition' in message) message.definition = JSON.parse(message.definition as string);
    expect(ours).toEqual(JSON.parse(JSON.stringify(plain)));
  });

  it('hold what the program shows of contexts and events, and no more', () => {
    const messages = new StatelyMessages({
      prefix: null,
      sanitizeContext: () => ({ presses: 'some' }),
      sanitizeEvent: ({ type }) => ({ type }),
    });
    const texts: string[] = [];
    const actor = createActor(
      createMachine({ id: 'safe', context: { secret: 'S3CRET' }, on: { OPEN: {} } }),
      {
        inspect: (event) => {
          if (event.type === '@xstate.event') texts.push(messages.event(event));
          if (event.type === '@xstate.snapshot') texts.push(messages.snapshot(event));
        },
      },
    );
    actor.start();
    texts.push(messages.actor(actor));
    actor.send({ type: 'OPEN', code: 'S3CRET' } as never);
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.join('\n')).not.toContain('S3CRET');
  });

  it('call actors by a prefix, where there is one', () => {
    const messages = new StatelyMessages({ prefix: 'node1' });
    const actor = createActor(machine).start();
    actor.send({ type: 'PRESS' });
    const bulb = actor.getSnapshot().children.bulb as AnyActorRef;
    const id = `node1/${actor.sessionId}`;
    expect(JSON.parse(messages.actor(actor))).toMatchObject({
      name: 'node1 lamp',
      sessionId: id,
      rootId: id,
    });
    expect(JSON.parse(messages.actor(bulb))).toMatchObject({
      name: 'node1 bulb',
      sessionId: `node1/${bulb.sessionId}`,
      parentId: id,
      rootId: id,
    });
    const holder = createActor(createMachine({ context: { bulb } }));
    expect(JSON.parse(messages.actor(holder)).snapshot.context).toEqual({ bulb: `node1/${bulb.sessionId}` });
  });

  it('name an actor by its id rather than by that of its machine', () => {
    const messages = new StatelyMessages({ prefix: null });
    expect(JSON.parse(messages.actor(createActor(machine, { id: 'hall' }))).name).toBe('hall');
  });

  it('have the definition of a machine without reading it again for each of its actors', () => {
    let reads = 0;
    const config = {
      id: 'counted',
      meta: {
        get rule() {
          reads += 1;
          return '§1';
        },
      },
    };
    const counted = createMachine(config);
    const messages = new StatelyMessages({ prefix: null });
    messages.actor(createActor(counted));
    const once = reads;
    messages.actor(createActor(counted));
    expect([once > 0, reads]).toEqual([true, once]);
  });

  it('show what an actor ends with as they show the event by which it ends', () => {
    const ended = createMachine({
      id: 'vault',
      output: { pin: 4711 },
      initial: 'shut',
      states: { shut: { type: 'final' } },
    });
    const actor = createActor(ended).start();
    const sanitizeEvent = (event: { readonly type: string; readonly output?: unknown }) =>
      event.output === undefined ? event : { ...event, output: 'hidden' };
    const shown = (messages: StatelyMessages) => JSON.parse(messages.actor(actor)).snapshot.output as unknown;
    expect(shown(new StatelyMessages({ prefix: null }))).toEqual({ pin: 4711 });
    expect(shown(new StatelyMessages({ prefix: null, sanitizeEvent }))).toBe('hidden');
    const types: string[] = [];
    const noting = new StatelyMessages({
      prefix: null,
      sanitizeEvent: (event) => {
        types.push(event.type);
        return { ...event, error: 'hidden' };
      },
    });
    noting.actor(actor);
    const failing = createActor(
      createMachine({
        id: 'fails',
        entry: () => {
          throw new Error('S3CRET');
        },
      }),
      { id: 'fails' },
    );
    failing.subscribe({ error: () => {} });
    failing.start();
    expect(JSON.parse(noting.actor(failing)).snapshot.error).toBe('hidden');
    expect(types).toEqual([`xstate.done.actor.${actor.id}`, 'xstate.error.actor.fails']);
  });
});
