import { describe, expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { canonicalText } from '../../../src/statechart/paths/canonical-text.ts';

describe('the text by which values of two runs are compared', () => {
  it('is that of a chart for whatever a chart can write', () => {
    class Point {
      readonly x = -0;
    }
    expect(canonicalText({ b: [1n, undefined], a: new Map([['k', new Point()]]) })).toBe(
      '{"a": Map {"k" => Point {"x": -0}}, "b": [1n, undefined]}',
    );
  });

  it('has functions by their names, so that messages stay short', () => {
    expect(canonicalText({ done: () => 1 })).toBe('{"done": <function done>}');
  });

  it('has actors by their ids, and forgets an id that XState has counted up', () => {
    const machine = createMachine({});
    const named = createActor(machine, { id: 'load' });
    expect(canonicalText({ actor: named, id: named.id })).toBe('{"actor": <actor load>, "id": "load"}');
    const [one, other] = [createActor(machine), createActor(machine)];
    expect(one.sessionId).not.toBe(other.sessionId);
    expect(canonicalText([one, one.id])).toBe(canonicalText([other, other.id]));
    expect(canonicalText(one)).toBe('<actor without an id>');
  });
});
