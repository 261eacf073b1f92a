import { createHash } from 'node:crypto';
import { madeOf } from '../ports/snapshot-pieces.ts';
import type { SnapshotStore } from '../ports/snapshot-store.ts';
import type { SnapshotPieces, StateMachine } from '../ports/state-machine.ts';
import type { LogIndex, NodeId } from '../raft/types.ts';
import type { Violation } from '../trace/violation.ts';
import { violation } from '../verify/properties/property.ts';

/** What was done with snapshots in a run. */
export interface SnapshotFigures {
  readonly taken: number;
  /** Messages with a part of one. */
  readonly chunks: number;
  /** Received from a leader, and restored. */
  readonly installed: number;
  /** Restored when a node started. */
  readonly restarts: number;
}

export const noSnapshots: SnapshotFigures = { taken: 0, chunks: 0, installed: 0, restarts: 0 };

interface Known {
  readonly by: NodeId;
  readonly digest: string;
}

/** The property Snapshots Equal: at one place of the log all nodes have the same state, whatever they have restored before. Raft paper §7. */
export class SnapshotsEqual {
  readonly #report: (found: Violation) => void;
  readonly #known = new Map<LogIndex, Known>();
  readonly figures = { ...noSnapshots };

  constructor(report: (found: Violation) => void) {
    this.#report = report;
  }

  /** `stateMachine` of a process of `node`; what it is asked for beside commands is noted. `snapshots` is where a snapshot comes from. */
  around(node: NodeId, stateMachine: StateMachine<unknown>, snapshots: SnapshotStore): StateMachine<unknown> {
    const { snapshot, restore } = stateMachine;
    if (snapshot === undefined || restore === undefined) return stateMachine;
    let lastApplied: LogIndex = 0;
    let isStarting = true;
    return {
      apply: (command, position) => {
        lastApplied = position.index;
        isStarting = false;
        return stateMachine.apply(command, position);
      },
      snapshot: () => {
        const data = snapshot.call(stateMachine);
        return madeOf(data, this.#noted(node, lastApplied, data));
      },
      restore: async (pieces) => {
        const { index } = snapshots.latest!;
        await restore.call(stateMachine, pieces);
        if (isStarting) this.figures.restarts++;
        else this.figures.installed++;
        isStarting = false;
        lastApplied = index;
      },
    };
  }

  async *#noted(
    by: NodeId,
    index: LogIndex,
    data: Uint8Array | SnapshotPieces,
  ): AsyncGenerator<Uint8Array, void, void> {
    const hash = createHash('sha256');
    for await (const piece of data instanceof Uint8Array ? [data] : data) {
      hash.update(piece);
      yield piece;
    }
    this.figures.taken++;
    const digest = hash.digest('hex').slice(0, 12);
    const known = this.#known.get(index);
    if (known === undefined) this.#known.set(index, { by, digest });
    else if (known.digest !== digest) {
      this.#report(
        violation(
          'Snapshots Equal',
          `node${known.by} had the state ${known.digest} after entry ${index}`,
          `node${by} has the state ${digest} there`,
        ),
      );
    }
  }
}
