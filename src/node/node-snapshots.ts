import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { SnapshotStore } from '../ports/snapshot-store.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import { type Configuration, configurationAt } from '../raft/configuration.ts';
import { encodeConfiguration } from '../raft/configuration-payload.ts';
import type { SnapshotFailed, SnapshotReceived, SnapshotSaved } from '../raft/inputs.ts';
import type { NodeStatus } from './node.ts';
import { SnapshotReceiver } from './snapshot-receiver.ts';
import { SnapshotSender } from './snapshot-sender.ts';
import { type SnapshotLimits, Snapshotter } from './snapshotter.ts';

export interface NodeSnapshotsParts {
  readonly stateMachine: StateMachine<unknown>;
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: SnapshotLimits;
  /** Those that the chart knows by now. */
  readonly configurations: () => readonly Configuration[];
  readonly input: (event: SnapshotSaved | SnapshotReceived | SnapshotFailed) => void;
}

/** The snapshots of a node: those that it takes, sends and receives. */
export class NodeSnapshots {
  /** Null: the state machine has no snapshots, so none are taken and the log grows. */
  readonly snapshotter: Snapshotter | null;
  readonly sender: SnapshotSender;
  readonly receiver: SnapshotReceiver;
  readonly #snapshots: SnapshotStore;

  constructor({ stateMachine, snapshots, clock, log, limits, configurations, input }: NodeSnapshotsParts) {
    const { snapshot, restore } = stateMachine;
    this.#snapshots = snapshots;
    this.snapshotter =
      snapshot === undefined || restore === undefined
        ? null
        : new Snapshotter({
            stateMachine: { snapshot: () => snapshot.call(stateMachine) },
            snapshots,
            clock,
            log,
            limits,
            configurationAt: (index) => encodeConfiguration(configurationAt(configurations(), index)),
            saved: ({ index, term }) => input({ type: 'SnapshotSaved', index, term }),
          });
    this.sender = new SnapshotSender(snapshots, log);
    this.receiver = new SnapshotReceiver({
      snapshots,
      log,
      clock,
      received: (index) => input({ type: 'SnapshotReceived', index }),
      failed: (index) => input({ type: 'SnapshotFailed', index }),
    });
  }

  get status(): NodeStatus['snapshot'] {
    const { latest } = this.#snapshots;
    return latest === null ? null : { index: latest.index, term: latest.term, sizeBytes: latest.sizeBytes };
  }

  async take(): Promise<void> {
    if (this.snapshotter === null)
      throw new Error('the state machine has no snapshot() or no restore(): give it both');
    await this.snapshotter.take();
  }

  stop(): void {
    this.snapshotter?.stop();
    this.receiver.stop();
    this.sender.keepFor(() => false);
  }
}
