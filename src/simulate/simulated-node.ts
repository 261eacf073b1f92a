import { logIdBytes } from '../adapters/storage/wal/format.ts';
import { openWal, type WalOptions } from '../adapters/storage/wal/open-wal.ts';
import type { RaftNode } from '../node/node.ts';
import { startNode } from '../node/start-node.ts';
import type { RaftSnapshot } from '../node/step.ts';
import type { Disk } from '../ports/disk.ts';
import { silentLog } from '../ports/log.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import { type Storage, StorageFailed, StorageRefused } from '../ports/storage.ts';
import { firstConfiguration } from '../raft/configuration.ts';
import { type NodeId, nodeName } from '../raft/types.ts';
import { Durability, describe, observedStorage } from '../verify/durability.ts';
import { downView, runningView } from '../verify/node-view.ts';
import { violation } from '../verify/properties/property.ts';
import type { NodeView } from '../verify/properties/view.ts';
import type { SimulatedDisk } from './disk.ts';
import { snapshotsOf } from './exactly-once.ts';
import { durabilityOf, type GivenDisk, writeGivenDisk } from './given-disk.ts';
import type { SimulatedNodeParts } from './node-parts.ts';
import { SimulatedProcess } from './process.ts';
import { promisingClock, promisingStore } from './promising.ts';

export type { Replacements } from './node-parts.ts';

/** Small, so that a run of a minute goes through several segments. */
const segmentSizeBytes = 32 * 1024;
const cacheBytes = 16 * 1024;
/** The wall clocks of two nodes differ by so much. */
const wallClockStepMs = 3_600_000;
/** After this long a node that stopped by itself, or would not start, is started again. */
const restartMs = 300;

/** One node of a simulated cluster: a disk, and one process after another on it, each running the real node. */
export class SimulatedNode {
  readonly id: NodeId;
  readonly #parts: SimulatedNodeParts;
  #durability = new Durability();
  /** Of the other disk on which it runs. */
  #otherDurability = new Durability();
  #process: SimulatedProcess | null = null;
  #node: RaftNode<unknown> | null = null;
  #stateMachine: StateMachine<unknown> | null = null;
  #incarnation = 0;
  /** Faults that keep it down. */
  #holds = 0;
  /** How fast its clock runs, but for faults. */
  #clockRate = 1;
  #rate = 1;
  #failuresSeen = 0;
  /** Puts its own disk back; null: it is in. */
  #restoreDisk: (() => void) | null = null;
  /** How many disks it was given. */
  #disks = 1;
  /** Of the disk that counts as its own. */
  #ownLogId: string;
  /** Of the disk on which it runs; null: it has not run yet. */
  #logId: string | null = null;
  /** What the running chart came to last. */
  #snapshot: RaftSnapshot | null = null;
  /** What its own disk durably knows of its peers' runs: their tags. */
  readonly #knownRuns = new Map<NodeId, string>();

  constructor(parts: SimulatedNodeParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.#ownLogId = logIdOf(this.id, 1);
  }

  get process(): SimulatedProcess | null {
    return this.#process;
  }

  /** The time of day as the node believes it to be: no two nodes agree, and it is what it was before after each start. */
  get wallClockMs(): number {
    return (this.id % 4) * wallClockStepMs + (this.#process?.now() ?? 0);
  }

  /** How many times as fast as time its clock runs. */
  get rate(): number {
    return this.#rate;
  }

  /** The running node; null while it is down or recovers. */
  get node(): RaftNode<unknown> | null {
    return this.#node;
  }

  /** Of the running node. */
  get stateMachine(): StateMachine<unknown> | null {
    return this.#stateMachine;
  }

  /** What the chart has come to; null while the node is down or recovers. */
  get snapshot(): RaftSnapshot | null {
    return this.#snapshot;
  }

  get disk(): SimulatedDisk {
    return this.#parts.disk;
  }

  /** Whether it runs on a disk that lacks what it has acknowledged. */
  get isOnOtherDisk(): boolean {
    return this.#restoreDisk !== null;
  }

  /** Of the disk on which it runs, or ran last; null: it has not run yet. */
  get logId(): string | null {
    return this.#logId;
  }

  /** Of the disk that counts as its own. */
  get ownLogId(): string {
    return this.#ownLogId;
  }

  /** The disk on which it runs has taken the place of its own: what it does counts from now on, and the old one is gone. Returns what the chart has come to by now. */
  adoptDisk(): RaftSnapshot | null {
    this.#restoreDisk = null;
    this.#ownLogId = this.#logId!;
    this.#durability = this.#otherDurability;
    this.#knownRuns.clear();
    return this.#snapshot;
  }

  /** Those with which the cluster began. */
  get firstVoters(): readonly NodeId[] {
    return this.#parts.firstVoters;
  }

  /** Whether its disk has taken the place of another and does not hold any configuration yet. */
  get knowsNobody(): boolean {
    const isReplaced = this.#ownLogId !== logIdOf(this.id, 1);
    return isReplaced && (this.#node?.status().configuration.index ?? 0) === 0;
  }

  /** Whether it runs on its own disk and certainly does not vote, so that nothing that it hears counts. */
  get isNoVoter(): boolean {
    if (this.#node === null || this.isOnOtherDisk) return false;
    const { standing, configuration } = this.#node.status();
    return configuration.isCommitted && standing !== 'voter' && standing !== 'leaving';
  }

  /** Whether it runs, and the configuration in force there names the disk of `peer`. */
  namesDiskOf(peer: SimulatedNode): boolean {
    return this.#node?.status().configuration.members[peer.id]?.logId === peer.ownLogId;
  }

  /** Whether its own disk knows the present run of `peer`. */
  knowsRunOf(peer: SimulatedNode): boolean {
    return this.#knownRuns.get(peer.id) === tagOf(peer.#incarnation);
  }

  /** Loses power and starts on another disk. */
  exchangeDisk(other: 'empty' | 'copy'): void {
    this.crash();
    this.#restoreDisk = this.disk.exchange(other);
    if (other === 'empty') this.#disks++;
    this.#logId = null;
    this.#otherDurability = new Durability();
    this.release();
  }

  /** Loses power and starts on its own disk. */
  restoreDisk(): void {
    this.crash();
    this.#restoreDisk?.();
    this.#restoreDisk = null;
    this.release();
  }

  /** Starts a process, unless there is one or something keeps the node down. */
  start(): void {
    if (this.#process !== null || this.#holds > 0) return;
    const { clock, disk, replacements } = this.#parts;
    const incarnation = ++this.#incarnation;
    const process = new SimulatedProcess(clock, this.#rate, () => this.#died(process));
    this.#process = process;
    const files = disk.files(process);
    openWal(this.#walOptions(incarnation), replacements.files?.(files, this.id) ?? files).then(
      (storage) => process.run(() => this.#run(process, incarnation, storage)),
      (error) => process.run(() => this.#refused(process, error as Error)),
    );
  }

  /** Puts onto its empty disk what it could have written, before it is started for the first time. */
  async give(given: GivenDisk): Promise<void> {
    const { clock, disk, firstVoters, checks } = this.#parts;
    const configurations = [firstConfiguration(firstVoters)];
    const process = new SimulatedProcess(clock, 1, () => {});
    const promised = () => {
      disk.hasPromises = true;
    };
    const storage = await openWal(this.#walOptions(0), disk.files(process));
    const stateMachine = this.#parts.around(this.#parts.stateMachine());
    await writeGivenDisk(storage, given, firstVoters, stateMachine, promised);
    // It has run before, on the whole log: that is how what the snapshot stands for came to be committed.
    this.#durability = durabilityOf({ ...given, snapshotIndex: 0 });
    const { snapshotIndex: commitIndex } = given;
    checks.take(
      { type: 'started', node: this.id },
      { ...this.view(null), commitIndex, lastApplied: commitIndex, configurations, isUp: true },
    );
    checks.take({ type: 'crashed', node: this.id }, this.view(null));
    this.#durability = durabilityOf(given);
  }

  /** The node loses power, now or after some more effects, and stays down until `release`. */
  crash(effects = 0): void {
    this.#holds++;
    if (effects === 0) this.#process?.kill();
    else this.#process?.killAfter(effects);
  }

  release(): void {
    this.#holds--;
    // It may not have reached the effect at which it was to die.
    if (this.#process?.isAlive) this.#process.kill();
    this.start();
  }

  /** From now on, but for faults, its clock runs `rate` times as fast as time. */
  setClockRate(rate: number): void {
    this.#clockRate = rate;
    this.setRate(1);
  }

  /** From now on its clock runs `rate` times as fast as it does without faults. */
  setRate(rate: number): void {
    this.#rate = rate * this.#clockRate;
    this.#process?.setRate(this.#rate);
  }

  /** The node as the properties see it; `snapshot` is the chart's, null if it does not run. */
  view(snapshot: RaftSnapshot | null): NodeView {
    const { durable } = this.#durability;
    const view = snapshot === null ? downView(this.id, durable) : runningView(snapshot, durable);
    return { ...view, disk: { logId: this.#ownLogId, first: logIdOf(this.id, 1) } };
  }

  /** The view with what the disk holds by now. */
  viewAfterSync(before: NodeView): NodeView {
    return { ...before, durable: this.#durability.durable };
  }

  #walOptions(incarnation: number): WalOptions {
    const { firstVoters, snapshots } = this.#parts;
    return {
      directory: `/node${this.id}`,
      nodeId: this.id,
      clusterId: 'simulated',
      logId: logIdOf(this.id, this.#disks),
      run: tagOf(incarnation),
      members: firstVoters.map((id) => ({ id, peer: null })),
      log: silentLog,
      segmentSizeBytes,
      cacheBytes,
      ...(snapshots === undefined ? {} : { snapshotChunkBytes: snapshots.chunkBytes }),
    };
  }

  #run(process: SimulatedProcess, incarnation: number, opened: Storage): void {
    const { id, firstVoters, network, checks, settings, random, replacements, observer, disk } = this.#parts;
    const { snapshots, snapshotsEqual } = this.#parts;
    // What happens on another disk is nothing that the node did, as long as nobody hears it.
    const isHidden = () => this.isOnOtherDisk;
    const durability = isHidden() ? this.#otherDurability : this.#durability;
    this.#logId = opened.disk.logId;
    const { durable } = durability;
    const fault = durability.recover(opened);
    if (fault !== null && !isHidden()) {
      checks.report(
        violation('Synced Is Kept', `the disk of node${id} acknowledged ${describe(durable)}`, fault),
      );
    }
    const observed = observedStorage(opened, durability, () => {
      if (process.isAlive && !isHidden()) observer.synced(id, durability.acknowledged);
    });
    const promised = () => {
      disk.hasPromises = true;
    };
    const acting: Storage = {
      ...observed,
      snapshots: promisingStore(opened.snapshots, promised),
      disk: this.#actingDisk(process, opened.disk),
      append: (write) => {
        // A dead process appends to its own memory only.
        if (process.act()) observed.append(write);
        else opened.append(write);
      },
      compact: (index, term) => {
        disk.hasPromises = true;
        if (process.act()) observed.compact(index, term);
        else opened.compact(index, term);
      },
      sync: (done) => {
        disk.hasPromises = true;
        observed.sync(done);
      },
      close: (done) => {
        disk.hasPromises = true;
        observed.close(done);
      },
    };
    this.#stateMachine = this.#parts.stateMachine();
    const served = this.#parts.around(this.#stateMachine);
    const stateMachine = isHidden() ? served : snapshotsEqual.around(id, served, opened.snapshots);
    const clock = snapshots === undefined ? process : promisingClock(process, promised);
    const { inspect } = observer;
    this.#node = startNode<unknown>({
      id,
      peers: firstVoters.filter((each) => each !== id),
      voters: firstVoters,
      peerAddresses: Object.fromEntries(firstVoters.map((each) => [each, nodeName(each)])),
      peerEndpoint: nodeName(id),
      storage: replacements.storage?.(acting, id) ?? acting,
      transport: network.transport(id, process),
      stateMachine: {
        apply: (command, position) => {
          const { index, term } = position;
          if (process.act() && !isHidden()) {
            checks.apply(id, command, index, term);
            observer.applied(id, index, term);
          }
          return stateMachine.apply(command, position);
        },
        ...(snapshots === undefined ? {} : snapshotsOf(stateMachine)),
      },
      clock: replacements.clock?.(clock, id) ?? clock,
      random: replacements.random?.(id, incarnation) ?? random(incarnation),
      log: silentLog,
      clusterId: 'simulated',
      incarnation: `run${incarnation}`,
      clientEndpoint: null,
      settings: {
        ...settings,
        ...(snapshots === undefined ? {} : { trailingEntries: snapshots.trailingEntries }),
      },
      limits: snapshots === undefined ? {} : { snapshotEntries: snapshots.entries },
      ...(replacements.machine === undefined ? {} : { machine: replacements.machine }),
      ...(replacements.judgeDisk === undefined ? {} : { judgeDisk: replacements.judgeDisk }),
      ...(inspect === undefined
        ? {}
        : { inspect: (event) => process.isAlive && !isHidden() && inspect(id, event) }),
      sent: (message) => process.isAlive && observer.sent(message),
      lost: (message) => process.isAlive && observer.lost(message),
      observe: (snapshot) => {
        if (!process.isAlive) return;
        this.#snapshot = snapshot;
        if (isHidden()) return;
        if (this.#node === null) observer.started(id, snapshot);
        else observer.stepped(id, snapshot);
      },
    });
    this.#node.stopped.then((error) => process.run(() => this.#stopped(process, error)));
  }

  /** `disk`, as long as the process lives, and with its answers when it is awake. */
  #actingDisk(process: SimulatedProcess, disk: Disk): Disk {
    const simulated = this.disk;
    const awake = (done: (failure: Error | null) => void) => (failure: Error | null) =>
      process.run(() => {
        simulated.hasPromises = true;
        done(failure);
      });
    return {
      logId: disk.logId,
      firstMembers: disk.firstMembers,
      runs: disk.runs,
      get start() {
        return disk.start;
      },
      advanceStart: (done) => {
        simulated.hasPromises = true;
        disk.advanceStart(awake(done));
      },
      knownOf: (peer) => disk.knownOf(peer),
      remember: (peer, known, done) => {
        simulated.hasPromises = true;
        disk.remember(peer, known, (failure) => {
          if (failure === null && !this.isOnOtherDisk) this.#knownRuns.set(peer, known.run);
          awake(done)(failure);
        });
      },
    };
  }

  /** A disk that has failed is a reason to stop; anything else is our own bug. */
  #stopped(process: SimulatedProcess, error: Error | null): void {
    const reason = error === null ? 'it was asked to' : error.message;
    const hasFailed = this.disk.failures > this.#failuresSeen;
    this.#failuresSeen = this.disk.failures;
    if (error !== null && !(error instanceof StorageFailed && hasFailed)) {
      const { checks } = this.#parts;
      checks.report(
        violation('Node Keeps Running', `its disk did nothing wrong`, `node${this.id} stopped: ${reason}`),
      );
    }
    this.#parts.observer.stopped(this.id, reason);
    process.kill();
    this.#startLater();
  }

  #refused(process: SimulatedProcess, error: Error): void {
    const { checks, disk, observer } = this.#parts;
    const isExpected = error instanceof StorageRefused && (disk.isFlipped || error.reason === 'unusable');
    if (!isExpected) {
      checks.report(
        violation(
          'Disk Is Readable',
          `nothing was damaged on the disk of node${this.id}`,
          `it does not start: ${error.message}`,
        ),
      );
    }
    observer.refused(this.id, error.message);
    process.kill();
    this.#startLater();
  }

  #startLater(): void {
    this.#parts.clock.schedule(restartMs * 1000, () => this.start());
  }

  #died(process: SimulatedProcess): void {
    this.#process = null;
    this.#node = null;
    this.#snapshot = null;
    this.#stateMachine = null;
    this.#parts.network.died(process);
    this.#parts.disk.losePower();
    this.#parts.observer.crashed(this.id);
  }
}

/** Of the disk that node `id` was given as its `nth`. */
const logIdOf = (id: NodeId, nth: number): string =>
  (nth * 0x1000 + id - 0x1000).toString(16).padStart(2 * logIdBytes, '0');

/** The tag of a run. */
const tagOf = (incarnation: number): string => incarnation.toString(16).padStart(8, '0');
