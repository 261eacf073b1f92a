import { describe, expect, it } from 'vitest';
import {
  type Environment,
  emptyEnvironment,
  withLeader,
  withLog,
  withMatched,
} from '../../../src/verify/paths/environment.ts';

const voters = [1, 2, 3];
/** Node 1 leads term 1 with one entry. */
const led: Environment = { ...emptyEnvironment, leaders: { 1: { id: 1, log: [1] } } };

describe('what is settled about the peers', () => {
  it('lets no voter that has acknowledged more elect a leader of the next term (Raft paper §5.4.1)', () => {
    const acknowledged = withMatched(led, 2, 1, 1)!;
    expect(withLeader(acknowledged, voters, 3, 2, [2])).toBeNull();
    expect(withLog(acknowledged, voters, [2])).toBeNull();
    expect(withLeader(acknowledged, voters, 3, 2, [1, 2])).not.toBeNull();
    expect(withLeader(led, voters, 3, 2, [2])).not.toBeNull();
  });

  it('lets no late acknowledgement come from a voter that has elected a leader with less (Raft paper §5.4.1)', () => {
    const elected = withLeader(led, voters, 3, 2, [2])!;
    expect(withMatched(elected, 2, 1, 1)).toBeNull();
    expect(withMatched(elected, 2, 1, 0)).not.toBeNull();
    expect(withMatched(withLeader(led, voters, 3, 2, [1, 2])!, 2, 1, 1)).not.toBeNull();
  });

  it('lets a voter lose what it has acknowledged to a leader in between (Raft paper §5.3)', () => {
    const five = [1, 2, 3, 4, 5];
    const leaders = { 1: { id: null, log: [1, 1] }, 2: { id: 1, log: [2, 2] } };
    const acknowledged = withMatched({ ...emptyEnvironment, leaders }, 2, 2, 2)!;
    // Node 3 replaces it, entry by entry: node 2 may hold [1, 1] when it campaigns.
    const replaced = withLeader(acknowledged, five, 3, 3, [1, 1, 3])!;
    expect(withLeader(replaced, five, 2, 4, [1, 1, 4])).not.toBeNull();
    expect(withLeader(acknowledged, five, 2, 3, [1, 1, 3])).toBeNull();
  });
});
