import { describe, expect, it } from 'vitest';
import { type Configuration, firstConfiguration } from '../../../src/raft/configuration.ts';
import { nextView, properties } from '../../../src/verify/properties/check-step.ts';
import { emptyHistory } from '../../../src/verify/properties/history.ts';
import type { ClusterView } from '../../../src/verify/properties/property.ts';
import type { NodeView } from '../../../src/verify/properties/view.ts';
import { logOf, nodeView, stepped } from './views.ts';

const configuration = (
  index: number,
  voters: readonly number[],
  outgoing: readonly number[] = [],
): Configuration => ({
  ...firstConfiguration(voters),
  index,
  outgoing,
});

const first = configuration(0, [1, 2, 3, 4]);

/** Five nodes, of which 1 to 4 vote, all with entry 1 of term 1, which is committed; those given are as they say. */
const cluster = (...nodes: readonly NodeView[]): ClusterView => ({
  history: {
    ...emptyHistory,
    committed: [{ firstIndex: 1, term: 1, committedIn: 1, committedBy: 1 }],
    lastCommitted: 1,
  },
  nodes: [1, 2, 3, 4, 5].map((id) => nodes.find((node) => node.id === id) ?? member(id)),
});

const member = (id: number, fields: Partial<NodeView> = {}): NodeView =>
  nodeView(id, { log: logOf(1), configurations: [first], ...fields });

const check = (node: NodeView, before = cluster()) => stepped(properties.configurationSafety, before, node);

describe('Configuration Safety (paper §6, thesis §4)', () => {
  it('holds while a joint configuration is appended, and once it is committed and left', () => {
    const joint = [first, configuration(2, [1, 2, 5], [1, 2, 3, 4])];
    const leader = { role: 'leader', log: logOf(1, 1), configurations: joint };
    expect(check(member(1, leader))).toBeNull();
    const holders = [1, 2, 3, 5].map((id) =>
      member(id, { ...leader, role: id === 1 ? 'leader' : 'follower' }),
    );
    const left = [...joint, configuration(3, [1, 2, 5])];
    expect(
      check(member(1, { ...leader, log: logOf(1, 1, 1), configurations: left }), cluster(...holders)),
    ).toBeNull();
  });

  it('fails when two voters change at once', () => {
    const configurations = [first, configuration(2, [3, 4, 5])];
    expect(check(member(3, { role: 'leader', log: logOf(1, 1), configurations }))).toBe(
      'Configuration Safety: entry 2 of node3 gives the vote to 3,4,5; but a majority of 1,2,3,4, from entry 0, needs none of theirs',
    );
  });

  it('fails when a configuration follows one that is not committed', () => {
    const configurations = [first, configuration(2, [1, 2, 5], [1, 2, 3, 4]), configuration(3, [1, 2, 5])];
    expect(check(member(1, { role: 'leader', log: logOf(1, 1, 1), configurations }))).toBe(
      'Configuration Safety: entry 3 of node1 gives the vote to 1,2,5; but entry 2, which it follows, is not committed',
    );
  });

  it('fails when a voter by both configurations votes on another disk by the later one', () => {
    const disk = { logId: 'new', first: 'old' };
    const changed = configuration(2, [1, 2, 3]);
    const counting = (logId: string) => [
      first,
      { ...changed, members: { 2: { ...changed.members[2]!, logId } } },
    ];
    const leader = (logId: string) =>
      member(1, { role: 'leader', log: logOf(1, 1), configurations: counting(logId) });
    const before = cluster(member(2, { disk }));
    expect(check(leader('old'), before)).toBeNull();
    expect(check(leader('new'), before)).toBe(
      'Configuration Safety: entry 2 of node1 gives the vote to 1,2,3; but node2 votes by entry 0 as well, on another disk: what the one has promised counts together with what the other does',
    );
  });

  it('fails when leaders of two terms have each changed one voter of the same configuration', () => {
    const one = member(1, { log: logOf(1, 1), configurations: [first, configuration(2, [1, 3, 4])] });
    const two = { role: 'leader', currentTerm: 2, log: logOf(1, 2, 2) };
    const changed = { ...two, configurations: [first, configuration(3, [1, 2, 3])] };
    const message = check(member(2, changed), cluster(one, member(2, two)));
    expect(message).toMatch(/^Configuration Safety: node1 could be elected by 1,3,4 \(entry 2\)/);
    // Once a majority holds an entry of the later term, the other cannot be elected.
    const beyond = [3, 4].map((id) => member(id, { currentTerm: 2, log: logOf(1, 2) }));
    expect(check(member(2, changed), cluster(one, member(2, two), ...beyond))).toBeNull();
  });

  it('fails when a node does not know a configuration that its log holds', () => {
    const log = logOf(1, 1);
    const known = member(1, { log, configurations: [first, configuration(2, [1, 2, 3, 4])] });
    expect(check(member(2, { log }), cluster(known))).toBe(
      'Configuration Safety: entry 2 of term 1 is a configuration on node1; but on node2, which has that entry, it is not',
    );
  });

  it('is checked when a node crashes', () => {
    const before = cluster(
      member(1, { log: logOf(1, 1), configurations: [first, configuration(2, [1, 2, 3])] }),
    );
    const down = { ...member(3), isUp: false, configurations: [] };
    const step = { type: 'crashed', node: 3 } as const;
    expect(properties.configurationSafety(before, step, nextView(before, step, down))).toBeNull();
  });
});

describe('Committed On Majority (thesis §4.3)', () => {
  const joint = [first, configuration(2, [1, 5], [1, 2, 3, 4])];
  const leader = (fields: Partial<NodeView> = {}) =>
    member(1, { role: 'leader', log: logOf(1, 1), configurations: joint, ...fields });
  const commits = (...holders: readonly number[]) =>
    stepped(
      properties.committedOnMajority,
      cluster(leader(), ...holders.map((id) => member(id, { log: logOf(1, 1) }))),
      leader({ commitIndex: 2 }),
    );

  it('takes a majority of the old voters and one of the new', () => {
    expect(commits(2, 3, 5)).toBeNull();
    expect(commits(5)).toMatch(/on the disk of node1, node5 alone of the voters 1,5 together with 1,2,3,4$/);
    expect(commits(2, 3, 4)).toMatch(/node1, node2, node3, node4 alone of the voters 1,5 together with/);
  });
});
