import { expect, it } from 'vitest';
import { defaultSettings } from '../../src/raft/context.ts';
import { drawElectionTimeout } from '../../src/raft/election.ts';
import { contextOf } from './contexts.ts';

it('election timeouts are drawn from the minimum to the maximum, both included (paper §5.2)', () => {
  const settings = { ...defaultSettings, electionTimeoutMinMs: 150, electionTimeoutMaxMs: 152 };
  let context = { ...contextOf({}), settings, randomState: 1 };
  const drawn = new Set<number>();
  for (let count = 0; count < 100; count++) {
    context = { ...context, ...drawElectionTimeout(context).patch };
    drawn.add(context.electionTimeoutMs);
  }
  expect([...drawn].sort()).toEqual([150, 151, 152]);
});
