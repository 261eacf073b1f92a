import { describe, expect, it } from 'vitest';
import { NodeModel, pathSettings } from '../../../src/verify/paths/model-node.ts';
import type { PathEvent } from '../../../src/verify/paths/path.ts';
import { type Edge, PreludeImplausible, Worlds } from '../../../src/verify/paths/world.ts';

const voters = [1];
const limits = {
  voters,
  disk: 'slow',
  maxTerm: 1,
  maxLog: 4,
  senders: 0,
  isThorough: false,
  asks: 'nothing',
  isTimed: false,
  lacks: [],
  hints: true,
  maxEntries: 2,
  snapshots: false,
  members: false,
  maxWorlds: 0,
  maxAlike: 0,
  maxTries: 0,
  prelude: [],
} as const;

const take = (worlds: Worlds, events: readonly PathEvent[]): readonly Edge[] => {
  const edges: Edge[] = [];
  for (const event of events) {
    const world = edges.at(-1)?.to ?? worlds.start;
    edges.push(worlds.take(world, { event, isHostile: false, environment: world.env }));
  }
  return edges;
};

const lead: readonly PathEvent[] = [{ type: 'timeout', timer: 'electionTimeout' }, { type: 'durable' }];
const propose = (command: string): PathEvent => ({ type: 'propose', commands: [command] });

describe('worlds', () => {
  it.each([
    ['in the queue', []],
    ['on disk', [{ type: 'durable' }]],
  ] as const)('differ by a payload of the same length %s', (_, then) => {
    const worlds = new Worlds(
      new NodeModel({ voters, disk: 'slow', settings: pathSettings }),
      limits,
      () => [],
    );
    const [one, other] = ['a', 'b'].map((command) => take(worlds, [...lead, propose(command), ...then]));
    expect(other!.at(-1)!.to).not.toBe(one!.at(-1)!.to);
    expect(other!.at(-1)!.to.node.log.entries.at(-1)!.payload).toEqual(Uint8Array.of(98));
    const again = take(worlds, [...lead, propose('a'), ...then]);
    expect(again.at(-1)!.to).toBe(one!.at(-1)!.to);
  });

  it('find a prelude implausible that would say the same for ever', () => {
    const accepted = (prevLogIndex: number, matchIndex: number): PathEvent => ({
      type: 'deliver',
      message: {
        ...{ type: 'AppendEntriesResponse', from: 2, to: 1, term: 1, success: true, round: 0 },
        ...{ prevLogIndex, matchIndex, conflictTerm: 0, conflictIndex: 0 },
      } as never,
    });
    const granted = (type: 'PreVoteResponse' | 'RequestVoteResponse'): PathEvent => ({
      type: 'deliver',
      message: { type, from: 2, to: 1, term: 1, voteGranted: true },
    });
    const wins = [lead[0]!, granted('PreVoteResponse'), granted('RequestVoteResponse')];
    // The node has two entries; a part of this can be told, and nothing more.
    const prelude = [...wins, propose('a'), accepted(0, 1), accepted(1, 4)];
    const two = { ...limits, voters: [1, 2], disk: 'prompt', senders: 1, isThorough: true, prelude } as const;
    const model = new NodeModel({ voters: [1, 2], disk: 'prompt', settings: pathSettings });
    expect(() => new Worlds(model, two, () => []).prelude()).toThrow(PreludeImplausible);
  });
});
