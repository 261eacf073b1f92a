import { describe, expect, it, vi } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { isMatch, typesFor } from '../../../src/statechart/read/event-match.ts';

describe('a transition for a type or a wildcard', () => {
  it.each([
    ['*', 'mouse.up'],
    ['mouse.*', 'mouse'],
    ['mouse.*', 'mouse.up'],
    ['mouse.*', 'mouse.up.twice'],
    ['mouse.*', 'mouseup'],
    ['mouse*', 'mouse.up'],
    ['mouse*', 'mouse*'],
    ['mo*.*', 'mo*.up'],
    ['mo*.*', 'mouse.up'],
    ['mouse.*.up', 'mouse.left.up'],
    ['mouse.*.*', 'mouse.left.up'],
    ['*.*', 'mouse.up'],
  ])('%s takes %s if XState gives it that', (descriptor, type) => {
    // Of a star where none belongs XState warns.
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const actor = createActor(createMachine({ on: { [descriptor]: { actions: () => {} } } })).start();
    expect(isMatch(descriptor, type)).toBe(actor.getSnapshot().can({ type }));
    warn.mockRestore();
  });

  it('* takes a timer, but no eventless transition, whose type is empty', () => {
    expect(isMatch('*', 'xstate.after.1.m')).toBe(true);
    expect(isMatch('*', '')).toBe(false);
    expect(isMatch('', '')).toBe(true);
  });
});

it('types for a wildcard are those that the chart names, and any other', () => {
  expect(typesFor('user.*', ['user.in', 'E', '*'])).toEqual([
    expect.stringContaining('user.'),
    'user',
    'user.in',
  ]);
  expect(typesFor('E', ['user.in'])).toEqual(['E']);
});
