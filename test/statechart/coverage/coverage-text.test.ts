import { expect, it } from 'vitest';
import { percentOf } from '../../../src/statechart/coverage/coverage-text.ts';

it('100 % means everything: a percentage is rounded down', () => {
  expect(percentOf(2, 3)).toBe('66.6 %');
  expect(percentOf(1999, 2000)).toBe('99.9 %');
  expect(percentOf(2000, 2000)).toBe('100 %');
});
