import { crc32 } from 'node:zlib';
import type { SortedPairs } from '../kv/past-view.ts';
import type { KeyValue } from '../kv/revisioned-store.ts';
import { etcdErrors, unimplemented } from './etcd-error.ts';
import type { EtcdStore } from './etcd-store.ts';
import { boundIn, numberIn } from './translate-number.ts';
import type { AlarmRequest, Header, Int64 } from './wire-types.ts';

/** Of etcd, whose API this is: clients decide by it what they may ask for. */
const apiVersion = '3.4.0';

/** The service Maintenance, without its stream. */
export const maintenanceService = (store: EtcdStore) => ({
  /** As this node knows it, with or without a leader. */
  Status(): Status {
    const { leader, term, commitIndex, lastApplied, snapshot, standing } = store.node.status();
    const sizeBytes = snapshot?.sizeBytes ?? 0;
    return {
      header: store.header(),
      version: apiVersion,
      dbSize: sizeBytes,
      dbSizeInUse: sizeBytes,
      leader: leader ?? 0,
      raftTerm: term,
      raftIndex: commitIndex,
      raftAppliedIndex: lastApplied,
      errors: leader === null ? [etcdErrors.noLeader().details] : [],
      isLearner: standing === 'learner',
    };
  },

  /** There are no alarms. */
  Alarm({ action }: AlarmRequest): { readonly header: Header; readonly alarms: readonly never[] } {
    if (action === 'ACTIVATE') throw unimplemented('raftchart: there are no alarms');
    return { header: store.header(), alarms: [] };
  },

  /** There is nothing to do: the log is compacted by itself. */
  Defragment(): OnlyHeader {
    return { header: store.header() };
  },

  async Hash(): Promise<Hashed> {
    await store.readable(true);
    return { header: store.header(), hash: await hashOf(store.pairsAt(0)) };
  },

  async HashKV({
    revision,
  }: {
    readonly revision: string;
  }): Promise<Hashed & { readonly compact_revision: Int64 }> {
    await store.readable(true);
    const { compactRevision } = store.kv.store;
    // Of the same moment as the pairs: others write while they are read.
    const header = store.header();
    const hash = await hashOf(store.pairsAt(boundIn(revision)));
    return { header, hash, compact_revision: compactRevision };
  },

  async MoveLeader({ targetID }: { readonly targetID: string }): Promise<OnlyHeader> {
    const outcome = await store.node.transferLeadership(numberIn(targetID));
    if (outcome.type === 'timedOut') throw etcdErrors.transferTimedOut();
    if (outcome.type === 'moved' || outcome.reason === 'targetLeads') return { header: store.header() };
    switch (outcome.reason) {
      case 'notLeader':
        throw etcdErrors.notLeader();
      case 'targetUnknown':
        throw etcdErrors.badTransferee();
      default:
        throw etcdErrors.transferTimedOut();
    }
  },
});

interface OnlyHeader {
  readonly header: Header;
}

interface Hashed extends OnlyHeader {
  readonly hash: number;
}

interface Status extends OnlyHeader {
  readonly version: string;
  readonly dbSize: Int64;
  readonly dbSizeInUse: Int64;
  readonly leader: Int64;
  readonly raftTerm: Int64;
  readonly raftIndex: Int64;
  readonly raftAppliedIndex: Int64;
  readonly errors: readonly string[];
  readonly isLearner: boolean;
}

/** So many pairs are read before others get their turn. */
const pairsPerTurn = 1000;

/** A CRC-32 of all pairs: the same on every node. It is not the number that etcd would give. */
const hashOf = async (pairs: SortedPairs<KeyValue>): Promise<number> => {
  let hash = 0;
  let read = 0;
  for (const [, { key, value, createRevision, modRevision, version, lease }] of pairs.pairs()) {
    hash = crc32(`${key.length} ${createRevision} ${modRevision} ${version} ${lease} ${value.length} `, hash);
    hash = crc32(Buffer.from(key, 'latin1'), hash);
    hash = crc32(value, hash);
    if (++read % pairsPerTurn === 0) await new Promise(setImmediate);
  }
  return hash;
};
