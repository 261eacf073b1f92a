import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { logWriterMachine } from '../../../machines/log-writer.machine.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { snapshotContent } from '../../node/machine-node.ts';
import type { RaftNode, ReadOutcome } from '../../node/node.ts';
import { type NodeLimits, startNode } from '../../node/start-node.ts';
import type { RaftSnapshot, TimerName } from '../../node/step.ts';
import { silentLog } from '../../ports/log.ts';
import type { StateMachine } from '../../ports/state-machine.ts';
import type { Storage } from '../../ports/storage.ts';
import { assert } from '../../raft/assert.ts';
import type { MemberChange } from '../../raft/members.ts';
import type { Message } from '../../raft/messages.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import { snapshotChunks } from '../paths/model-node.ts';
import type { Path, PathSettings } from '../paths/path.ts';
import { DrivenClock, drivenTimes, withDrivenTimes } from './driven-clock.ts';
import { DrivenStorage } from './driven-storage.ts';
import { drivenClusterId, PlayedPeers } from './played-peers.ts';

type Speed = Path['disk'];

/** What a driven node is made of, in all its runs. */
export interface DrivenParts {
  readonly id: NodeId;
  /** This node included. */
  readonly voters: readonly NodeId[];
  readonly settings: PathSettings;
  /** `prompt`: every sync is done when a step ends. `slow`: it waits for `syncAll` or `syncOne`. */
  readonly disk: Speed;
  /** `prompt`: everything committed is applied by the end of a step. `slow`: only one entry is, and the others wait for `applyAll`. */
  readonly stateMachine: Speed;
  /** The chart, if not the original. */
  readonly machine?: typeof raftMachine;
  /** The log writer, if not the original. */
  readonly logWriter?: typeof logWriterMachine;
}

/** Notified of what a run does, as it happens. */
export interface RunObserver {
  /** The role chart has started, or has handled one event. */
  observe(snapshot: RaftSnapshot): void;
  sent(message: Message): void;
  applied(command: Uint8Array, index: LogIndex, term: Term): void;
  /** The state machine is that of a snapshot now. */
  restored(): void;
  /** XState's inspection events for the role chart. */
  inspect(event: InspectionEvent): void;
}

/** None is taken but on request. */
const manualSnapshots = {
  snapshotBytes: Number.POSITIVE_INFINITY,
  snapshotEntries: Number.POSITIVE_INFINITY,
};

/** What the state machine answers to a command. */
export type Applied = Uint8Array;

const oneEntryASlice: Partial<NodeLimits> = { applySliceBytes: 0 };

/** One run of a driven node's process: the real node on a clock, a transport and a storage under the caller's control. */
export class DrivenRun {
  readonly clock = new DrivenClock();
  readonly peers: PlayedPeers;
  readonly storage: DrivenStorage;
  readonly #node: RaftNode<Applied>;
  readonly #holdsSlices: boolean;
  #isAlive = true;
  /** Whether the role chart is in the middle of a step. */
  #isStepping = false;
  #failure: string | null = null;

  constructor(parts: DrivenParts, storage: Storage, observer: RunObserver) {
    const { id, voters, settings, machine = raftMachine, logWriter } = parts;
    const { clock } = this;
    this.#holdsSlices = parts.stateMachine === 'slow';
    clock.holdsDeferred = this.#holdsSlices;
    this.storage = new DrivenStorage(storage, parts.disk === 'slow', (run) => clock.later(run));
    this.peers = new PlayedPeers({
      self: id,
      firstMembers: voters.toSorted((a, b) => a - b),
      later: (run) => clock.later(run),
      sent: (message) => {
        if (this.#isAlive) observer.sent(message);
      },
    });
    const stateMachine: StateMachine<Applied> = {
      apply: (command, { index, term }) => {
        if (this.#isAlive) observer.applied(command, index, term);
        return command;
      },
      // As in a path: what snapshots hold is checked elsewhere.
      snapshot: () => snapshotContent(snapshotChunks),
      restore: async () => {
        if (this.#isAlive) observer.restored();
      },
    };
    this.#node = startNode<Applied>({
      id,
      peers: voters.filter((voter) => voter !== id),
      storage: this.storage,
      transport: this.peers,
      stateMachine,
      clock,
      random: { uint32: () => id },
      log: {
        ...silentLog,
        error: (fields) => {
          this.#failure = String(fields.error);
        },
      },
      clusterId: drivenClusterId,
      incarnation: `driven${id}`,
      clientEndpoint: null,
      namesDisks: false,
      settings: { ...settings, ...drivenTimes },
      // A slow state machine applies one entry; the others wait, as those of a later slice do.
      limits: { ...manualSnapshots, ...(this.#holdsSlices ? oneEntryASlice : {}) },
      observe: (snapshot) => {
        const isTold = this.#isAlive || this.#isStepping;
        this.#isStepping = false;
        if (isTold) observer.observe(snapshot);
      },
      inspect: (event) => {
        if ((event.actorRef as AnyActorRef).id !== 'raft') return;
        if (event.type === '@xstate.event' && this.#isAlive) this.#isStepping = true;
        if (this.#isAlive || this.#isStepping) observer.inspect(event);
      },
      machine: withDrivenTimes(machine),
      ...(logWriter === undefined ? {} : { logWriter }),
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Whether this timer of the role chart is armed. */
  isArmed(timer: TimerName): boolean {
    return this.clock.isArmed(timer);
  }

  /** Has every peer dial in, and the node's links open. */
  async connect(peers: readonly NodeId[]): Promise<void> {
    for (const peer of peers) this.peers.connect(peer);
    await this.settle();
    const closed = this.#node.status().peers.filter(({ link }) => link !== 'open');
    assert(closed.length === 0, 'the links open', closed, []);
  }

  deliver(message: Message): void {
    this.peers.deliver(message);
  }

  expire(timer: TimerName): void {
    this.clock.expire(timer);
  }

  /** Clients submit `commands` all at once. `answered` is called once for each that is answered, with its position. */
  propose(commands: readonly Uint8Array[], answered: (at: number, outcome: SubmitOutcome) => void): void {
    // Running what was deferred flushes the batch; a slow state machine holds back only what it defers itself.
    this.clock.holdsDeferred = false;
    commands.forEach((command, at) => {
      this.#node.submit(command, (outcome) => {
        if (this.#isAlive) answered(at, outcome);
      });
    });
    this.clock.holdsDeferred = this.#holdsSlices;
  }

  /** A client asks for a read. */
  read(answered: (outcome: ReadOutcome) => void): void {
    this.clock.holdsDeferred = false;
    this.#node.read((outcome) => {
      if (this.#isAlive) answered(outcome);
    });
    this.clock.holdsDeferred = this.#holdsSlices;
  }

  /** A client asks it to hand over to `target`; null: to whom it likes. Whether it does shows in what it sends. */
  transfer(target: NodeId | null): void {
    this.clock.holdsDeferred = false;
    void this.#node.transferLeadership(target);
    this.clock.holdsDeferred = this.#holdsSlices;
  }

  /** A client asks for these changes of the members. */
  changeMembers(changes: readonly MemberChange[]): void {
    this.clock.holdsDeferred = false;
    void this.#node.changeMembers(changes);
    this.clock.holdsDeferred = this.#holdsSlices;
  }

  /** Has it take a snapshot of what it has applied. */
  async takeSnapshot(): Promise<void> {
    this.clock.holdsDeferred = false;
    const taken = this.#node.takeSnapshot();
    await this.settle();
    this.clock.holdsDeferred = this.#holdsSlices;
    await taken;
  }

  /** Makes all writes so far durable, one sync after another, and notifies the node. */
  async syncAll(): Promise<void> {
    while (await this.syncOne());
  }

  /** Completes the waiting sync, and notifies the node. False: none is waiting. */
  async syncOne(): Promise<boolean> {
    if (!this.storage.letThrough()) return false;
    await this.settle();
    return true;
  }

  /** Has the state machine apply everything that is committed. */
  async applyAll(): Promise<void> {
    while (this.clock.releaseDeferred()) await this.settle();
  }

  /** Lets everything happen that can, except what a slow disk or state machine holds back. Rejects if the node stops. */
  async settle(): Promise<void> {
    for (;;) {
      this.clock.runAll();
      if (this.#failure !== null && this.#isAlive) await this.#stop();
      const { inFlight } = this.storage;
      if (inFlight === null) return;
      await inFlight;
    }
  }

  /** Kills the process: nothing that it does from now on has an effect. Its observer is still notified of the step it dies in. */
  kill(): void {
    this.#isAlive = false;
    this.storage.cutOff();
  }

  /** Kills it; resolves when its disk is free. */
  release(): Promise<void> {
    this.kill();
    return this.storage.release();
  }

  /** The node has failed: it stops by itself, and reports its error. */
  async #stop(): Promise<never> {
    const { clock } = this;
    let isStopped = false;
    const stopped = this.#node.stopped.then((error) => {
      isStopped = true;
      return error;
    });
    clock.holdsDeferred = false;
    while (!isStopped) {
      clock.releaseDeferred();
      clock.runAll();
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw (await stopped) ?? new Error(this.#failure ?? 'it stopped');
  }
}

export type SubmitOutcome = Parameters<Parameters<RaftNode<Applied>['submit']>[1]>[0];
