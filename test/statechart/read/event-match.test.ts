import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { branchesFor, isMatch } from '../../../src/statechart/read/event-match.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

it.each([
  ['*', 'press', true],
  ['*', '', false],
  ['', '', true],
  ['mouse.*', 'mouse', true],
  ['mouse.*', 'mouse.up', true],
  ['mouse.*', 'mouseup', false],
  ['mo*.*', 'mouse.up', false],
])('a transition for "%s" takes "%s": %s', (descriptor, type, expected) => {
  expect(isMatch(descriptor, type)).toBe(expected);
});

it('branches of a state come in the order in which XState tries them', () => {
  const on = {
    '*': '.a',
    'b.*': '.a',
    'b.c.*': '.a',
    'b.c': [{ guard: 'g', target: '.a' }, { target: '.a' }],
  };
  const states = { a: {} };
  const { root } = walk(
    createMachine({ id: 'm', on, states, initial: 'a', always: { guard: 'g' } } as never),
  );
  const triggers = (type: string) => branchesFor(root, type).map(({ id }) => id.slice('m/'.length));
  expect(triggers('b.c')).toEqual(['b.c/0', 'b.c/1', 'b.c.*/0', 'b.*/0', '*/0']);
  expect(triggers('x')).toEqual(['*/0']);
  expect(triggers('')).toEqual(['always/0']);
});
