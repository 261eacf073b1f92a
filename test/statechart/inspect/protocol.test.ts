import { describe, expect, it } from 'vitest';
import { maxMessageLength, readMessage, readSend } from '../../../src/statechart/inspect/protocol.ts';

const actor = {
  type: '@xstate.actor',
  name: 'lamp',
  sessionId: 'x:0',
  definition: '{"id":"lamp"}',
  snapshot: { status: 'active' },
  _version: '0.7.2',
};

describe('a message to an inspector', () => {
  it('is read without what an inspector does not need', () => {
    expect(readMessage(JSON.stringify(actor))).toEqual({
      type: '@xstate.actor',
      sessionId: 'x:0',
      parentId: null,
      name: 'lamp',
      definition: '{"id":"lamp"}',
      snapshot: { status: 'active' },
    });
  });

  it('may have fields of its own, whatever they are called, and need not name its actor', () => {
    expect(readMessage(JSON.stringify({ ...actor, problem: 'none' }))).toMatchObject({ sessionId: 'x:0' });
    expect(readMessage(JSON.stringify({ ...actor, name: 7 }))).toMatchObject({ name: 'x:0' });
  });

  it('is passed over if it says nothing to an inspector', () => {
    expect(readMessage('{"type":"@statelyai.disconnected"}')).toBeNull();
    expect(readMessage('{"type":"@xstate.microstep"}')).toBeNull();
  });

  it.each([
    ['no JSON', 'gar\nbage', 'it is not JSON: "gar\\nbage"'],
    ['a number', '7', 'it is 7, not an object'],
    ['a list', '[]', 'it is a list, not an object'],
    ['no type', '{}', 'it is of type undefined, which no inspector knows'],
    ['an actor without id', '{"type":"@xstate.actor"}', 'sessionId of its "@xstate.actor" is undefined'],
    [
      'an actor with a list as definition',
      JSON.stringify({ ...actor, definition: [] }),
      'definition of its "@xstate.actor" is a list',
    ],
    [
      'an actor with a text as snapshot',
      JSON.stringify({ ...actor, snapshot: 'on' }),
      'snapshot of its "@xstate.actor" is "on"',
    ],
    [
      'an event without type',
      '{"type":"@xstate.event","sessionId":"x:0","event":{}}',
      'event of its "@xstate.event" is an object',
    ],
    [
      'an event of a source that is no id',
      '{"type":"@xstate.event","sessionId":"x:0","sourceId":3,"event":{"type":"A"}}',
      'sourceId of its "@xstate.event" is 3',
    ],
    [
      'an actor whose parent is no id',
      JSON.stringify({ ...actor, parentId: '' }),
      'parentId of its "@xstate.actor" is ""',
    ],
    [
      'a snapshot of no actor',
      '{"type":"@xstate.snapshot","event":{"type":"A"},"snapshot":{}}',
      'sessionId of its "@xstate.snapshot" is undefined',
    ],
    [
      'a snapshot without event',
      '{"type":"@xstate.snapshot","sessionId":"x:0","snapshot":{}}',
      'event of its "@xstate.snapshot" is undefined',
    ],
    [
      'an event whose type is a megabyte',
      JSON.stringify({ type: '@xstate.event', sessionId: 'x:0', event: { type: 'x'.repeat(1e6) } }),
      'event of its "@xstate.event" is an object',
    ],
    [
      'a hello that may take events',
      '{"type":"@raftchart.hello","name":"a","takesEvents":"yes"}',
      'takesEvents of its "@raftchart.hello" is "yes"',
    ],
    [
      'a hello of an instance that is a number',
      '{"type":"@raftchart.hello","name":"a","instance":1}',
      'instance of its "@raftchart.hello" is 1',
    ],
    [
      'a hello from an origin that is a list',
      '{"type":"@raftchart.hello","name":"a","origin":[]}',
      'origin of its "@raftchart.hello" is a list',
    ],
    ['what steers a terminal', '"\u009b2J"', 'it is " 2J", not an object'],
    [
      'a snapshot of null',
      '{"type":"@xstate.snapshot","sessionId":"x:0","event":{"type":"A"},"snapshot":null}',
      'snapshot of its "@xstate.snapshot" is null',
    ],
    ['a hello without name', '{"type":"@raftchart.hello","name":""}', 'name of its "@raftchart.hello" is ""'],
    [
      'an id of a megabyte',
      JSON.stringify({ ...actor, sessionId: 'x'.repeat(1e6) }),
      `sessionId of its "@xstate.actor" is "${'x'.repeat(60)}…"`,
    ],
  ])('is refused in one line: %s', (_, text, problem) => {
    expect(readMessage(text)).toEqual({ problem });
  });

  it('is refused by its length before it is parsed', () => {
    const text = `"${'x'.repeat(maxMessageLength)}"`;
    expect(readMessage(text)).toEqual({
      problem: expect.stringMatching(/^it has 4194306 characters, more than 4194304: .*sanitizeContext/),
    });
  });

  it('may nest as deep as it likes', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = `{"type":"@xstate.event","sessionId":"x:0","event":{"type":"A","deep":${deep}}}`;
    expect(readMessage(text)).toMatchObject({ type: '@xstate.event' });
  });
});

describe('a message of an inspector', () => {
  it('is an event for an actor, and nothing else', () => {
    const sent = { type: '@raftchart.send', actor: 'x:0', event: { type: 'PRESS', by: 'me' } };
    expect(readSend(JSON.stringify(sent))).toEqual(sent);
    for (const text of [
      '',
      'null',
      '{}',
      '{"type":"@raftchart.send","actor":"x:0","event":"PRESS"}',
      '{"type":"@raftchart.send","event":{"type":"A"}}',
      '{"type":"@raftchart.sent","actor":"x:0","event":{"type":"A"}}',
    ])
      expect(readSend(text)).toBeNull();
  });
});
