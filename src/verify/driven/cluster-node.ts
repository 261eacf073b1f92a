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

/** Told what happens to a node, as it happens. */
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

/** One real node of a replayed cluster: one run after another on a disk that keeps what a schedule says. */
export class ClusterNode {
  readonly #parts: ClusterNodeParts;
  readonly #disk: StepwiseDisk;
  readonly #durability = new Durability();
  #run: DrivenRun | null = null;
  /** Effects until it dies. */
  #effectsLeft = Number.POSITIVE_INFINITY;
  /** What left since it was told when to die: a message that leaves again counts once. */
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
    // XState tells a chart's beginning more than once.
    let first: RaftSnapshot | null = null;
    let isStarted = false;
    const run = new DrivenRun(
      {
        id,
        voters,
        settings: defaultSettings,
        // When a write becomes durable, the schedule says.
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
        applied: (command, index, term) => observer.applied(id, command, index, term),
        inspect: (event) => {
          observer.inspect(id, event);
          // These have no effect outside of the node, so whether they are being done or are done is all the same.
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

  /** From now on it does `effects` effects, and dies. */
  dieAfter(effects: number): void {
    this.#effectsLeft = effects;
    this.#left = [];
    if (effects === 0) this.run.kill();
  }

  /** The power goes; of the writes that are not durable the first `writes` are kept. */
  async losePower(writes: number): Promise<void> {
    await this.run.release();
    await this.#disk.losePower(writes);
  }

  /** As the properties see it; `snapshot` is the chart's, null: it is down. */
  view(snapshot: RaftSnapshot | null): NodeView {
    const { durable } = this.#durability;
    return snapshot === null ? downView(this.#parts.id, durable) : runningView(snapshot, durable);
  }

  /** The view with what the disk holds by now. */
  viewAfterSync(before: NodeView): NodeView {
    return { ...before, durable: this.#durability.durable };
  }

  #done(): void {
    if (--this.#effectsLeft === 0) this.run.kill();
  }
}

/** Where each effect is counted, as the explorer counts them: when it is seen outside of the node, or, of those without one, when XState tells of it. */
const countedAt: { readonly [Name in EffectName]: 'disk' | 'network' | 'chart' } = {
  persist: 'disk',
  send: 'network',
  replicate: 'network',
  apply: 'chart',
  accept: 'chart',
  reject: 'chart',
};

const isCountedAtChart = (action: string): boolean => isEffectName(action) && countedAt[action] === 'chart';
