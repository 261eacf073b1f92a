import { describe, expect, it } from 'vitest';
import { pagePathsOf } from '../../src/page/data/page-paths.ts';
import { generatePaths } from '../../src/verify/paths/generate-paths.ts';

describe('generated tests on the page', () => {
  const set = generatePaths({ cover: 'transitions', voters: 1 });
  const { paths, walks } = pagePathsOf(set);
  const stepOf = (at: number, id: string) =>
    set.paths[at]!.steps.findIndex(({ transitions }) => transitions.some((each) => each.id === id));

  it('are found by each transition that they walk, and by no other', () => {
    const walked = set.paths.flatMap(({ steps }, at) =>
      steps.flatMap(({ transitions }) => transitions.map(({ id }) => `${id} ${at}`)),
    );
    const found = Object.entries(walks).flatMap(([id, places]) => places.map((at) => `${id} ${at}`));
    expect(found.toSorted()).toEqual([...new Set(walked)].toSorted());
  });

  it('begin with the one that comes to the transition first, and that one has its steps', () => {
    const id = 'raft.leader.transfer.idle/Proposed/0';
    const places = walks[id]!;
    const isHostile = (at: number) =>
      set.paths[at]!.steps.slice(0, stepOf(at, id) + 1).some((step) => step.isHostile);
    const honest = places.filter((at) => !isHostile(at));
    expect(honest.length).toBeGreaterThan(1);
    expect(stepOf(places[0]!, id)).toBe(Math.min(...honest.map((at) => stepOf(at, id))));
    for (const [first] of Object.values(walks)) {
      expect(paths[first!]!.steps?.map(({ state }) => state)).toEqual(
        set.paths[first!]!.steps.map(({ expect: { state } }) => state),
      );
    }
  });

  it('say in words what happens, what is taken and what leaves the node', () => {
    const steps = paths[walks['raft.leader.transfer.idle/Proposed/0']![0]!]!.steps!;
    expect(steps[0]).toMatchObject({
      event: 'electionTimeout expires',
      state: 'leader.{transfer.idle, configuration.settled}',
      sent: [],
    });
    expect(steps[1]!.event).toMatch(/^clients propose `/);
    expect(steps[1]!.sent).toEqual([expect.stringMatching(/^client: accepted at \d/)]);
    expect(steps[1]!.transitions[0]).toBe('raft.leader.transfer.idle/Proposed/0');
  });
});
