import { describe, expect, it } from 'vitest';
import { namingDisks } from '../../src/node/naming-disks.ts';
import type { NodeStatus } from '../../src/node/node.ts';
import { replacementStep } from '../../src/node/replace-disk.ts';
import { firstConfiguration } from '../../src/raft/configuration.ts';

const member = (logId: string | null = null, more = {}) => ({
  peer: 'two:7002',
  client: null,
  logId,
  ...more,
});
const status = (
  configuration: Partial<NodeStatus['configuration']> = {},
  peer: Partial<NodeStatus['peers'][number]> = {},
): NodeStatus =>
  ({
    id: 1,
    configuration: {
      index: 7,
      isCommitted: true,
      voters: [1, 2, 3],
      outgoing: [],
      learners: [],
      members: { 1: member(), 2: member(), 3: member() },
      ...configuration,
    },
    peers: [{ id: 2, link: 'open', endpoint: null, ...peer }],
  }) as unknown as NodeStatus;
const presents = (otherLogId: string) =>
  ({ link: 'refused', refusal: { by: 1, reason: '', otherLogId } }) as const;
const learns = (logId: string | null, more = {}) => ({
  voters: [1, 3],
  learners: [2],
  members: { 2: member(logId, more) },
});

describe('the next step of a replacement', () => {
  const refused = (reason: string) => ({ type: 'refused', reason });
  const change = (each: object) => ({ type: 'change', changes: [each] });
  it.each<[string, NodeStatus, string | null, object]>([
    ['no member', status({ voters: [1, 3] }), 'b', refused('memberUnknown')],
    ['not before another change is done', status({ isCommitted: false }), 'b', refused('changing')],
    ['not in a joint phase', status({ outgoing: [1, 3] }), 'b', refused('changing')],
    ['has not come with another disk', status(), null, refused('noOtherDisk')],
    [
      'is on the disk that is named, but away',
      status({ members: { 2: member('a') } }, { link: 'backingOff' }),
      null,
      refused('noOtherDisk'),
    ],
    ['is on the disk that is named', status({ members: { 2: member('a') } }), null, { type: 'done' }],
    [
      'is nowhere',
      status({ members: { 2: { peer: null, client: null, logId: null } } }),
      'b',
      refused('addressUnknown'),
    ],
    ['a voter', status({}, presents('b')), 'b', change({ type: 'demote', node: 2, isReplaced: true })],
    [
      'a voter that is there on its own disk',
      status({ members: { 2: member('a') } }),
      'b',
      refused('noOtherDisk'),
    ],
    [
      'a voter that is away, on a disk that another leader has seen',
      status({ members: { 2: member('a') } }, { link: 'backingOff' }),
      'b',
      change({ type: 'demote', node: 2, isReplaced: true }),
    ],
    ['a voter on that disk', status({ members: { 2: member('b') } }), 'b', { type: 'done' }],
    [
      'a voter that has lost what that disk held',
      status({ members: { 2: member('b') } }, presents('b')),
      'b',
      change({ type: 'demote', node: 2, isReplaced: true }),
    ],
    ['a learner', status(learns('a')), 'b', change({ type: 'update', node: 2, member: member('b') })],
    ['a learner on that disk', status(learns('b')), 'b', { type: 'done' }],
    [
      'one that was a voter',
      status(learns('b', { wasVoter: true })),
      'b',
      change({ type: 'promote', node: 2 }),
    ],
    [
      'one that was a voter, asked for anew',
      status(learns('b', { wasVoter: true })),
      null,
      change({ type: 'promote', node: 2 }),
    ],
  ])('%s', (_, now, logId, step) => {
    expect(replacementStep(now, 2, logId)).toEqual(step);
  });

  it('the leader keeps its own disk, whatever disk is named', () => {
    expect(replacementStep(status(), 1, 'b')).toEqual(refused('noOtherDisk'));
  });
});

describe('a change of the members', () => {
  const logIds: Record<number, string> = { 1: 'one', 2: 'two', 4: 'four' };
  const knownOf = (id: number) => {
    const logId = logIds[id];
    return logId === undefined ? null : { logId, start: id, run: `r${id}` };
  };
  const known = { knownOf, strangersLogIdOf: () => 'five' };
  const current = {
    ...firstConfiguration([1, 2, 3], { 1: member(), 2: member('was'), 3: member(), 4: member() }),
    learners: [4],
  };
  const names = (node: number, logId: string) => ({
    type: 'name',
    node,
    logId,
    seen: { start: node, run: `r${node}` },
  });

  it('names the disks of the voters that the leader knows, and of whoever becomes one', () => {
    const promote = { type: 'promote', node: 4 } as const;
    expect(namingDisks([], current, known)).toEqual([names(1, 'one')]);
    // Where they are, only the transport knows.
    expect(namingDisks([], { ...current, members: {} }, known)).toEqual([names(1, 'one'), names(2, 'two')]);
    expect(namingDisks([promote], current, known)).toEqual([promote, names(1, 'one'), names(4, 'four')]);
  });

  it('never says less of a disk than a configuration did: another leader may have known more of it', () => {
    const said = (start: number) => ({
      ...current,
      members: { 2: { ...member('two'), seen: { start, run: 'other' } } },
    });
    const only2 = { ...known, knownOf: (id: number) => (id === 2 ? knownOf(2) : null) };
    expect(namingDisks([], said(1), only2)).toEqual([names(2, 'two')]);
    expect(namingDisks([], said(2), only2)).toEqual([]);
    expect(namingDisks([], said(3), only2)).toEqual([]);
    const members = { 2: { ...member('another'), seen: { start: 3, run: 'other' } } };
    expect(namingDisks([], { ...current, members }, only2)).toEqual([]);
  });

  it('adds a node on the disk on which it waits', () => {
    const [added] = namingDisks([{ type: 'add', node: 5, member: member() }], current, known);
    expect(added).toEqual({ type: 'add', node: 5, member: member('five') });
    const [again] = namingDisks([{ type: 'add', node: 4, member: member() }], current, known);
    expect(again).toEqual({ type: 'add', node: 4, member: member() });
  });

  it('says of learners, and of nodes that come back, how far their disks had come', () => {
    const learner = {
      ...current,
      learners: [2],
      voters: [1, 3],
      members: { ...current.members, 2: member('two') },
    };
    const knownOf = (node: number) => (node === 2 ? { logId: 'two', start: 4, run: 'r4' } : null);
    const knows = { knownOf, strangersLogIdOf: () => 'two' };
    const name = { type: 'name', node: 2, logId: 'two', seen: { start: 4, run: 'r4' } };
    expect(namingDisks([], learner, knows)).toEqual([name]);
    const comesBack = { type: 'add', node: 2, member: member() } as const;
    const without = { ...current, voters: [1, 3], members: { 1: member(), 3: member() } };
    const [added, ...names] = namingDisks([comesBack], without, knows);
    expect(added).toEqual({ type: 'add', node: 2, member: member('two') });
    expect(names).toEqual([name]);
    // On another disk it is a new node: nothing is known of that.
    const onAnother = { knownOf, strangersLogIdOf: () => 'new' };
    expect(namingDisks([comesBack], without, onAnother)).toEqual([{ ...comesBack, member: member('new') }]);
  });
});
