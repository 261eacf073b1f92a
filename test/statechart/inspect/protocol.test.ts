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
    ])
      expect(readSend(text)).toBeNull();
  });
});
