import { expect, it } from 'vitest';
import { isMatch } from '../../../src/statechart/read/event-match.ts';

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
