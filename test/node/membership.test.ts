import { describe, expect, it } from 'vitest';
import { configurationStatus, standingOf } from '../../src/node/configuration-status.ts';
import { MembershipWatch, membershipOf } from '../../src/node/membership.ts';
import type { Configuration, Member } from '../../src/raft/configuration.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import { initialProgress } from '../../src/raft/progress.ts';

const member = (peer: string, logId: string | null = null): Member => ({ peer, client: null, logId });
const configuration = (index: number, fields: Partial<Configuration>): Configuration => ({
  index,
  voters: [1, 2, 3],
  outgoing: [],
  learners: [],
  members: {},
  ...fields,
});
type Known = Parameters<typeof membershipOf>[0];
const knows = (configurations: readonly Configuration[], fields: Partial<RaftContext> = {}): Known => ({
  id: 2,
  configurations,
  commitIndex: 0,
  progress: {},
  ...fields,
});
const first = configuration(0, { members: { 1: member('one:1'), 3: member('three:1') } });
const joint = configuration(5, {
  voters: [2, 3, 4],
  outgoing: [1, 2, 3],
  members: { 4: member('four:1', 'f') },
});
const last = configuration(6, { voters: [2, 3, 4], members: { 3: member('three:2'), 4: member('four:1') } });

describe('the membership that a node goes by', () => {
  it('is the configuration, without the node itself, with the addresses that it has', () => {
    expect(membershipOf(knows([first]))).toEqual({
      index: 0,
      committedIndex: 0,
      address: null,
      peers: new Map([
        [1, 'one:1'],
        [3, 'three:1'],
      ]),
      voters: new Set([1, 2, 3]),
      disks: new Map(),
    });
    const { peers } = membershipOf(knows([configuration(0, { learners: [4] })]));
    expect([...peers]).toEqual([
      [1, null],
      [3, null],
      [4, null],
    ]);
  });

  it('has a leader that removes itself until that is known to be committed: it waits for the answers (thesis §4.2.2)', () => {
    const all = knows([first, joint, last], { commitIndex: 5 });
    expect(membershipOf(all)).toMatchObject({ index: 6, committedIndex: 5 });
    expect([...membershipOf(all).peers.keys()]).toEqual([1, 3, 4]);
    const committed = membershipOf({ ...all, commitIndex: 6 });
    expect([...committed.peers]).toEqual([
      [3, 'three:2'],
      [4, 'four:1'],
    ]);
  });

  it('counts as voters those of the latest configuration, and of the latest that is certain to stay', () => {
    const votersOf = (...known: Parameters<typeof knows>) => [...membershipOf(knows(...known)).voters].sort();
    const learns = configuration(5, { voters: [1, 3], learners: [2] });
    const alone = configuration(7, { voters: [3], learners: [2] });
    expect(votersOf([first, learns])).toEqual([1, 2, 3]);
    expect(votersOf([first, learns], { commitIndex: 5 })).toEqual([1, 3]);
    expect(votersOf([first, learns, alone])).toEqual([1, 3]);
    expect(votersOf([first, joint])).toEqual([1, 2, 3, 4]);
  });

  it('takes the latest address that some configuration in force has', () => {
    expect([...membershipOf(knows([first, joint, last])).peers]).toEqual([
      [1, 'one:1'],
      [3, 'three:2'],
      [4, 'four:1'],
    ]);
  });

  it('says where the node itself is, so that it can tell others', () => {
    const addressOf = (...configurations: readonly Configuration[]) =>
      membershipOf({ ...knows(configurations), id: 4 }).address;
    expect(addressOf(first)).toBeNull();
    expect(addressOf(first, joint)).toBe('four:1');
    const moved = configuration(7, { voters: [2, 3, 4], members: { 4: member('four:2') } });
    expect(addressOf(first, joint, last, moved)).toBe('four:2');
  });

  it('names the disks that count', () => {
    const disksOf = (...args: Parameters<typeof knows>) => membershipOf(knows(...args)).disks;
    expect(disksOf([first, joint])).toEqual(new Map([[4, { inForce: 'f', certain: null, seen: [] }]]));
    const certain = new Map([[4, { inForce: 'f', certain: 'f', seen: [] }]]);
    expect(disksOf([first, joint], { commitIndex: joint.index })).toEqual(certain);
    // As the first that a snapshot leaves.
    expect(disksOf([joint])).toEqual(certain);
  });

  it('says how far disks had come, in each configuration that counts', () => {
    const seen = (start: number) => ({ start, run: `r${start}` });
    const known = (logId: string, start: number) => ({ ...member('four:1'), logId, seen: seen(start) });
    const before = { ...joint, members: { ...joint.members, 4: known('f', 3) } };
    const next = { ...last, members: { ...last.members, 4: known('e', 1) } };
    expect(membershipOf(knows([first, before, next])).disks.get(4)?.seen).toEqual([
      { logId: 'e', ...seen(1) },
      { logId: 'f', ...seen(3) },
    ]);
  });

  it('takes a configuration that another one follows for certain: a restart forgets what was committed', () => {
    const next = { ...last, members: { ...last.members, 4: { ...member('four:1'), logId: 'e' } } };
    const { disks } = membershipOf(knows([first, joint, next]));
    expect(disks).toEqual(new Map([[4, { inForce: 'e', certain: 'f', seen: [] }]]));
  });

  it('has whoever a leader still sends something', () => {
    const progress = { 1: initialProgress(6), 3: initialProgress(6) };
    expect([...membershipOf(knows([last], { commitIndex: 6, progress })).peers.keys()]).toEqual([1, 3, 4]);
  });

  it('is looked at again only where it may have changed', () => {
    const watch = new MembershipWatch();
    const settled = knows([first]);
    expect(watch.changed(settled)?.index).toBe(0);
    expect(watch.changed(settled)).toBeNull();
    const progress = { 1: initialProgress(6), 3: initialProgress(6), 4: initialProgress(6) };
    const changing = { ...knows([first, joint, last]), progress };
    expect(watch.changed(changing)?.peers.size).toBe(3);
    expect(watch.changed({ ...changing, commitIndex: 6 })?.peers.size).toBe(3);
    const { 1: _, ...left } = progress;
    const done = { ...changing, commitIndex: 6, progress: left };
    expect(watch.changed(done)?.peers.size).toBe(2);
    expect(watch.changed({ ...done, commitIndex: 7 })).toBeNull();
    // Another array is another configuration, or may be.
    expect(watch.changed({ ...done, configurations: [last] })?.index).toBe(6);
  });
});

describe('what a node says of its members', () => {
  it('is the latest configuration, each member with what is known of it', () => {
    const progress = { 3: { ...initialProgress(6), matchIndex: 4 } };
    expect(configurationStatus(knows([first, joint, last], { commitIndex: 5, progress }))).toEqual({
      index: 6,
      isCommitted: false,
      voters: [2, 3, 4],
      outgoing: [],
      learners: [],
      members: {
        2: { peer: null, client: null, logId: null },
        3: { ...member('three:2'), matchIndex: 4 },
        4: member('four:1'),
      },
    });
  });

  it.each([
    [1, [first], 'voter'],
    [1, [first, joint], 'leaving'],
    [4, [first, joint], 'voter'],
    [1, [first, joint, last], 'removed'],
    [1, [last], 'removed'],
    [4, [first], 'waiting'],
    [4, [last, configuration(9, {})], 'removed'],
    [4, [configuration(3, { learners: [4] })], 'learner'],
    [3, [configuration(3, { voters: [1, 2], outgoing: [1, 2, 3], learners: [3] })], 'leaving'],
  ] as const)('node %i of %j is %s', (id, configurations, standing) => {
    expect(standingOf(id, { configurations }, [1, 2, 3], false)).toBe(standing);
  });

  it('node 4 was removed, if it has been a member before all that is known of it; otherwise it waits', () => {
    expect(standingOf(4, { configurations: [last, configuration(9, {})] }, [1, 2, 3], true)).toBe('removed');
    expect(standingOf(4, { configurations: [configuration(9, {})] }, [1, 2, 3], true)).toBe('removed');
    expect(standingOf(4, { configurations: [configuration(9, {})] }, [1, 2, 3], false)).toBe('waiting');
    expect(standingOf(4, { configurations: [last] }, [1, 2, 3], true)).toBe('voter');
  });
});
