import { describe, expect, it } from 'vitest';
import type { Membership } from '../../src/node/membership.ts';
import type { PeerStatus } from '../../src/node/node.ts';
import { OwnStanding } from '../../src/node/own-standing.ts';
import { silentLog } from '../../src/ports/log.ts';
import { firstConfiguration } from '../../src/raft/configuration.ts';
import { contextOf, logOf } from '../raft/contexts.ts';

const removed = 'node2 was removed from the cluster';
const saying = (id: number, reason = removed, by = id): PeerStatus => ({
  id,
  link: 'refused',
  endpoint: null,
  refusal: { by, reason },
});

/** Node 2 of these voters, whose log has so many entries. */
const standing = (peers: readonly PeerStatus[], entries = 1, voters: readonly number[] = [1, 2, 3]) => {
  const own = new OwnStanding({
    id: 2,
    founders: [1, 2, 3],
    hadLog: entries > 0,
    peerEndpoint: null,
    log: silentLog,
    context: () =>
      contextOf({
        log: logOf(...Array.from({ length: entries }, () => 1)),
        configurations: [firstConfiguration(voters)],
      }),
    peers: () => peers,
  });
  let isTold = false;
  void own.removed.then(() => (isTold = true));
  const isRemoved = async (): Promise<boolean> => {
    await Promise.resolve();
    return isTold;
  };
  return { own, isRemoved };
};

const follow = (own: OwnStanding, committedIndex: number): void =>
  own.follow({ index: 5, committedIndex } as Membership);

describe('a node knows that it was removed', () => {
  it.each([
    { by: 'most of the other voters', peers: [saying(1), saying(3)], told: true },
    { by: 'one of two, the other of which may know more', peers: [saying(1)], told: false },
    { by: 'one that is not a voter as well', peers: [saying(1), saying(4)], told: false },
    { by: 'its own refusal of one of them', peers: [saying(1), saying(3, removed, 2)], told: false },
    { by: 'another refusal', peers: [saying(1), saying(3, 'node2 is on another disk')], told: false },
  ])('$by: $told', async ({ peers, told }) => {
    const { own, isRemoved } = standing(peers);
    own.toldRemoved();
    expect(await isRemoved()).toBe(told);
  });

  it('not while it has nothing: a founder that starts anew waits to be added', async () => {
    const { own, isRemoved } = standing([saying(1), saying(3)], 0);
    own.toldRemoved();
    expect(await isRemoved()).toBe(false);
  });

  it('by its own log, once that is committed, or as soon as one of the others says so too', async () => {
    const known = standing([], 1, [1, 3]);
    follow(known.own, 4);
    expect(known.own.now).toBe('removed');
    expect(await known.isRemoved()).toBe(false);
    follow(known.own, 5);
    expect(await known.isRemoved()).toBe(true);
    const told = standing([saying(1)], 1, [1, 3]);
    follow(told.own, 4);
    told.own.toldRemoved();
    expect(await told.isRemoved()).toBe(true);
  });
});
