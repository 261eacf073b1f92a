import type { RaftNode } from '../../node/node.ts';
import { nodeWith } from '../../node/node-with.ts';
import { SnapshotRefused, type SnapshotStore } from '../../ports/snapshot-store.ts';
import type { StateMachine } from '../../ports/state-machine.ts';
import type { Storage } from '../../ports/storage.ts';
import { storageWith } from '../../ports/storage-with.ts';
import { type Measurements, payloadBytesOf, type SnapshotStep } from './measurements.ts';

/** `storage`, with what is appended, how long syncs take that do not fail, and what becomes of snapshots. */
export const measuredStorage = (storage: Storage, measured: Measurements): Storage =>
  storageWith(storage, {
    snapshots: measuredSnapshots(storage.snapshots, measured),
    append: (write) => {
      storage.append(write);
      measured.appendedEntries += write.entries.length;
      measured.appendedBytes += payloadBytesOf(write.entries);
    },
    sync: (done) => {
      const startMs = measured.nowMs;
      storage.sync((failure) => {
        if (failure === null) measured.fsync.observe((measured.nowMs - startMs) / 1000);
        done(failure);
      });
    },
  });

/** What happens to a snapshot in the course of things: it is no failure. */
const isExpected = (error: unknown): boolean =>
  error instanceof SnapshotRefused && error.reason !== 'damaged';

const measuredSnapshots = (snapshots: SnapshotStore, measured: Measurements): SnapshotStore => {
  const counted = <Value>(step: SnapshotStep, settled: Promise<Value>): Promise<Value> =>
    settled.catch((error: unknown) => {
      if (!isExpected(error)) measured.snapshotFailures[step] += 1;
      throw error;
    });
  return {
    get latest() {
      return snapshots.latest;
    },
    get receiving() {
      return snapshots.receiving;
    },
    read: () => snapshots.read(),
    save: async (position, data) => {
      const startMs = measured.nowMs;
      const saved = await counted('save', snapshots.save(position, data));
      measured.snapshot.observe((measured.nowMs - startMs) / 1000);
      return saved;
    },
    receive: (info, chunk) => counted('receive', snapshots.receive(info, chunk)),
    install: (info) => counted('install', snapshots.install(info)),
  };
};

/** `stateMachine`, with how long it takes to apply a command and to be restored. */
export const measuredStateMachine = <Result>(
  stateMachine: StateMachine<Result>,
  measured: Measurements,
): StateMachine<Result> => {
  const { snapshot, restore } = stateMachine;
  return {
    apply: (command, position) => {
      const startMs = measured.nowMs;
      const result = stateMachine.apply(command, position);
      measured.apply.observe((measured.nowMs - startMs) / 1000);
      return result;
    },
    ...(snapshot && { snapshot: () => snapshot.call(stateMachine) }),
    ...(restore && {
      restore: async (pieces: AsyncIterable<Uint8Array>) => {
        const startMs = measured.nowMs;
        await restore.call(stateMachine, pieces);
        measured.restore.observe((measured.nowMs - startMs) / 1000);
      },
    }),
  };
};

/** `node`, with how long commands and reads wait for their outcomes, and how many do. */
export const measuredNode = <Result>(node: RaftNode<Result>, measured: Measurements): RaftNode<Result> => {
  const submit: RaftNode<Result>['submit'] = (command, done) => {
    const startMs = measured.nowMs;
    node.submit(command, (outcome) => {
      measured.pendingProposals -= 1;
      measured.proposals[outcome.type].observe((measured.nowMs - startMs) / 1000);
      done(outcome);
    });
    // One that is too large throws, and `done` is never called inside `submit`.
    measured.pendingProposals += 1;
  };
  const read: RaftNode<Result>['read'] = (done) => {
    const startMs = measured.nowMs;
    measured.pendingReads += 1;
    node.read((outcome) => {
      measured.pendingReads -= 1;
      measured.reads[outcome.type].observe((measured.nowMs - startMs) / 1000);
      done(outcome);
    });
  };
  return nodeWith(node, { submit, read });
};
