import { isDeepStrictEqual } from 'node:util';
import type { InspectionEvent } from 'xstate';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { RaftSnapshot } from '../../node/step.ts';
import { assert } from '../../raft/assert.ts';
import { defaultSettings } from '../../raft/context.ts';
import { type EffectName, isEffectName } from '../../raft/effects.ts';
import type { Message } from '../../raft/messages.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import { Durability } from '../durability.ts';
import { downView, runningView } from '../node-view.ts';
import type { NodeView } from '../properties/view.ts';
import { DrivenRun } from './driven-run.ts';
import { StepwiseDisk, stepwiseLogWriter } from './stepwise-disk.ts';

/** Notified of what happens to a node, as it happens. */
export interface ClusterNodeObserver {
  started(node: NodeId, snapshot: RaftSnapshot): void;
  stepped(node: NodeId, snapshot: RaftSnapshot): void;
  sent(message: Message): void;
  synced(node: NodeId): void;
  applied(node: NodeId, command: Uint8Array, index: LogIndex, term: Term): void;
  inspect(node: NodeId, event: InspectionEvent): void;
}

interface ClusterNodeParts {
  readonly id: NodeId;
  readonly voters: readonly NodeId[];
  readonly machine: typeof raftMachine | undefined;
  readonly observer: ClusterNodeObserver;
}

/** One real node of a replayed cluster: one run after another, on a disk that keeps what the schedule says. */
export class ClusterNode {
  readonly #parts: ClusterNodeParts;
  readonly #disk: StepwiseDisk;
  readonly #durability = new Durability();
  #run: DrivenRun | null = null;
  /** Effects until it crashes. */
  #effectsLeft = Number.POSITIVE_INFINITY;
  /** Messages sent since `crashAfter`: one that is sent again counts once. */
  #left: Message[] = [];

  constructor(parts: ClusterNodeParts) {
    this.#parts = parts;
    this.#disk = new StepwiseDisk({
      appended: (write) => {
        this.#durability.append(write);
        this.#done();
      },
      synced: () => {
        this.#durability.acknowledge(1);
        if (this.run.isAlive) parts.observer.synced(parts.id);
      },
    });
  }

  get run(): DrivenRun {
    assert(this.#run !== null, 'the node was started', this.#run, 'a run');
    return this.#run;
  }

  /** Writes that are not durable. */
  get pending(): number {
    return this.#disk.pending;
  }

  async start(): Promise<void> {
    const { id, voters, machine, observer } = this.#parts;
    const storage = this.#disk.open();
    const fault = this.#durability.recover(storage);
    assert(fault === null, 'a disk keeps what it promised', fault, null);
    this.#effectsLeft = Number.POSITIVE_INFINITY;
    // XState reports a chart's start more than once.
    let first: RaftSnapshot | null = null;
    let isStarted = false;
    const run = new DrivenRun(
      {
        id,
        voters,
        settings: defaultSettings,
        // The schedule says when a write becomes durable.
        disk: 'slow',
        stateMachine: 'prompt',
        logWriter: stepwiseLogWriter,
        ...(machine === undefined ? {} : { machine }),
      },
      storage,
      {
        observe: (snapshot) => {
          if (isStarted) observer.stepped(id, snapshot);
          else first = snapshot;
        },
        sent: (message) => {
          observer.sent(message);
          const isRepeated = this.#left.some((each) => isDeepStrictEqual(each, message));
          if (isRepeated) return;
          this.#left.push(message);
          this.#done();
        },
        restored: () => {},
        applied: (command, index, term) => observer.applied(id, command, index, term),
        inspect: (event) => {
          observer.inspect(id, event);
          // These are not visible outside the node, so it makes no difference whether they are about to happen or have happened.
          if (event.type === '@xstate.action' && isCountedAtChart(event.action.type)) this.#done();
        },
      },
    );
    this.#run = run;
    isStarted = true;
    assert(first !== null, 'a node tells where it starts', first, 'a snapshot');
    observer.started(id, first);
    await run.connect(voters.filter((voter) => voter !== id));
  }

  /** Crashes after `effects` more effects. */
  crashAfter(effects: number): void {
    this.#effectsLeft = effects;
    this.#left = [];
    if (effects === 0) this.run.kill();
  }

  /** Loses power; of the writes that are not durable, the disk keeps the first `writes`. */
  async losePower(writes: number): Promise<void> {
    await this.run.release();
    await this.#disk.losePower(writes);
  }

  /** As the properties see it; `snapshot` is the chart's, or null if the node is down. */
  view(snapshot: RaftSnapshot | null): NodeView {
    const { durable } = this.#durability;
    return snapshot === null ? downView(this.#parts.id, durable) : runningView(snapshot, durable);
  }

  /** The view with what the disk now holds. */
  viewAfterSync(before: NodeView): NodeView {
    return { ...before, durable: this.#durability.durable };
  }

  #done(): void {
    if (--this.#effectsLeft === 0) this.run.kill();
  }
}

/** Where each effect is counted, as the explorer counts them: when it shows outside the node, or, if it never does, when XState reports it. */
const countedAt: { readonly [Name in EffectName]: 'disk' | 'network' | 'chart' } = {
  persist: 'disk',
  send: 'network',
  replicate: 'network',
  apply: 'chart',
  accept: 'chart',
  reject: 'chart',
  acceptRequest: 'chart',
  rejectRequest: 'chart',
  confirmRead: 'chart',
  rejectRead: 'chart',
  report: 'chart',
  sendChunk: 'network',
  storeChunk: 'chart',
  installSnapshot: 'disk',
  compact: 'chart',
};

const isCountedAtChart = (action: string): boolean => isEffectName(action) && countedAt[action] === 'chart';
