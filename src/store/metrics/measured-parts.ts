import type { Outcome, RaftNode, ReadOutcome } from '../../node/node.ts';
import type { SnapshotPieces, StateMachine } from '../../ports/state-machine.ts';
import type { Storage } from '../../ports/storage.ts';

/** What a duration is reported to, in seconds. */
export type Took = (seconds: number) => void;

const secondsSince = (startMs: number): number => (performance.now() - startMs) / 1000;

/** `storage`; `took` is told how long each sync takes that does not fail. */
export const measuredStorage = (storage: Storage, took: Took): Storage => ({
  recovered: storage.recovered,
  disk: storage.disk,
  snapshots: storage.snapshots,
  visitEntries: (visit) => storage.visitEntries(visit),
  append: (write) => storage.append(write),
  compact: (index, term) => storage.compact(index, term),
  sync: (done) => {
    const startMs = performance.now();
    storage.sync((failure) => {
      if (failure === null) took(secondsSince(startMs));
      done(failure);
    });
  },
  read: (firstIndex, lastIndex, maxBytes) => storage.read(firstIndex, lastIndex, maxBytes),
  close: (done) => storage.close(done),
});

export interface StateMachineTimes {
  /** To apply one command. */
  readonly apply: Took;
  /** From when a snapshot is taken until its last piece is fetched: all before that one is durable by then. */
  readonly snapshot: Took;
  readonly restore: Took;
}

/** `stateMachine`, with how long it takes. */
export const measuredStateMachine = <Result>(
  stateMachine: StateMachine<Result>,
  times: StateMachineTimes,
): StateMachine<Result> => {
  const { snapshot, restore } = stateMachine;
  return {
    apply: (command, position) => {
      const startMs = performance.now();
      const result = stateMachine.apply(command, position);
      times.apply(secondsSince(startMs));
      return result;
    },
    ...(snapshot && { snapshot: () => measuredPieces(snapshot.call(stateMachine), times.snapshot) }),
    ...(restore && {
      restore: async (pieces: AsyncIterable<Uint8Array>) => {
        const startMs = performance.now();
        await restore.call(stateMachine, pieces);
        times.restore(secondsSince(startMs));
      },
    }),
  };
};

const measuredPieces = (
  pieces: Uint8Array | SnapshotPieces,
  took: Took,
): Uint8Array | AsyncIterable<Uint8Array> => {
  const startMs = performance.now();
  if (pieces instanceof Uint8Array) {
    took(0);
    return pieces;
  }
  return (async function* () {
    yield* pieces;
    took(secondsSince(startMs));
  })();
};

export interface NodeTimes {
  readonly proposal: (outcome: Outcome<unknown>['type'], seconds: number) => void;
  readonly read: (outcome: ReadOutcome['type'], seconds: number) => void;
}

/** `node`, with how long commands and reads wait for their outcomes. */
export const measuredNode = <Result>(node: RaftNode<Result>, times: NodeTimes): RaftNode<Result> => {
  const submit: RaftNode<Result>['submit'] = (command, done) => {
    const startMs = performance.now();
    node.submit(command, (outcome) => {
      times.proposal(outcome.type, secondsSince(startMs));
      done(outcome);
    });
  };
  const read: RaftNode<Result>['read'] = (done) => {
    const startMs = performance.now();
    node.read((outcome) => {
      times.read(outcome.type, secondsSince(startMs));
      done(outcome);
    });
  };
  return {
    ...node,
    submit,
    propose: (command) => new Promise((resolve) => submit(command, resolve)),
    read,
    readable: () => new Promise((resolve) => read(resolve)),
  };
};
