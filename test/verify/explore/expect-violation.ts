import { expect } from 'vitest';
import type { TimedEvent } from '../../../src/trace/events.ts';

/** The last of these events, after as many steps as the schedule has, is a violation of `property`. */
export const expectViolation = (played: readonly TimedEvent[], steps: number, property: string): void => {
  expect(played.at(-1)).toMatchObject({ type: 'violation', atMs: steps, violation: { property } });
};
