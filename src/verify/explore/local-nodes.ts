import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { type MachineNode, type NodeInput, NodeMachine, type Output } from '../../node/machine-node.ts';
import { roleOf } from '../../node/roles.ts';
import { createStepper, type RaftSnapshot, type Step, type Stepper } from '../../node/step.ts';
import { type Disk, emptyDisk, inputOfDisk, withDurable } from '../../node/stored-log.ts';
import { type Queued, writesOf } from '../../node/write-order.ts';
import { assert } from '../../raft/assert.ts';
import { defaultSettings, type Settings } from '../../raft/context.ts';
import type { Message } from '../../raft/messages.ts';
import { emptyPayload, type NodeId } from '../../raft/types.ts';
import { snapshotAt } from '../../statechart/read/xstate-internals.ts';
import { downView } from '../node-view.ts';
import { withoutRandomTimeouts } from '../paths/model-node.ts';
import { type ExploreOptions, sizeOf } from './cluster-event.ts';
import { LocalCourse, type LocalCrash } from './local-course.ts';
import { type Checked, durableOf, type LocalEvent, type LocalNode, viewOf } from './local-node.ts';
import { type Renaming, renamedMessage, renamedNode } from './rename.ts';
import { FoldedRounds } from './rounds.ts';

/** One way in which an event can end. */
export interface LocalOutcome {
  readonly node: LocalNode;
  /** In order. */
  readonly sent: readonly Message[];
  readonly checked: readonly Checked[];
  /** It crashed along the way, after this many effects, and its disk kept this many of the queued writes. */
  readonly crash: {
    readonly effects: number;
    readonly writes: number;
    /** Messages among those effects that were lost. */
    readonly lost: readonly Message[];
  } | null;
}

/** The exploration options on which nodes depend. */
export type LocalOptions = Pick<ExploreOptions, 'nodes' | 'disk'> &
  Partial<Pick<ExploreOptions, 'spares' | 'snapshots'>>;

export interface LocalResult {
  /** The event handled to completion; null: the chart threw `error` along the way. */
  readonly outcome: LocalOutcome | null;
  readonly error: Error | null;
  /** What was checked until `error`. */
  readonly checked: readonly Checked[];
  /** Crashes in the middle of the event. */
  readonly crashes: readonly LocalOutcome[];
}

/** Runs single nodes: the chart, with its effects carried out on plain data. */
export class LocalNodes {
  readonly #chart: typeof raftMachine;
  readonly #machine: NodeMachine;
  /** The same, without anybody who watches. */
  readonly #unwatched: NodeMachine;
  readonly #voters: readonly NodeId[];
  readonly #size: number;
  readonly #isSlow: boolean;
  readonly settings: Settings;

  /**
   * `watch` is called with each step of a chart, as it happens: everything then goes as on a real node, and a message that a node holds twice leaves
   * twice.
   */
  constructor(
    { nodes, spares = 0, disk, snapshots = 0 }: LocalOptions,
    machine: typeof raftMachine = raftMachine,
    watch?: (before: RaftSnapshot, step: Step) => void,
  ) {
    this.#chart = withoutRandomTimeouts(machine);
    const stepper = createStepper(this.#chart);
    const machineOptions = {
      // Otherwise what waits for a slow disk would grow without end; the explorer's bag holds a message only once, too.
      keepsRepeated: watch !== undefined,
      snapshotChunks: chunksPerSnapshot,
    };
    this.#unwatched = new NodeMachine(stepper, machineOptions);
    this.#machine =
      watch === undefined ? this.#unwatched : new NodeMachine(watched(stepper, watch), machineOptions);
    this.#size = sizeOf({ nodes, spares });
    this.#voters = Array.from({ length: nodes }, (_, at) => at + 1);
    this.#isSlow = disk === 'slow';
    this.settings = snapshots > 0 ? settingsWithSnapshots : defaultSettings;
  }

  /** A node as it starts on `disk`. */
  start(id: NodeId, disk: Disk = emptyDisk): LocalNode {
    const input = {
      id,
      voters: this.#voters,
      ...inputOfDisk(disk, this.settings),
      settings: this.settings,
      // Nothing random is ever drawn, so all nodes may share a seed: only their names tell them apart.
      seed: 0,
    };
    const { node, outputs } = this.#machine.start(input, disk);
    for (const output of outputs) if (output.type === 'failed') throw output.error;
    assert(
      outputs.length === 1,
      'a node starts without effects',
      outputs.map(({ type }) => type),
      ['stepped'],
    );
    return localNode(node);
  }

  /** `event` happens to `node`. `crashes`: also reports what crashes along the way leave behind. */
  take(node: LocalNode, event: LocalEvent, crashes: boolean): LocalResult {
    const course = new LocalCourse(crashes);
    if (event.type === 'read') course.ask(event.id, node);
    // The message is gone, even if nothing else comes of it.
    if (event.type === 'deliver') course.mayCrash(node);
    let at = this.#step(course, this.#machineNode(node), inputOf(event));
    if (!this.#isSlow) {
      for (let next = nextOfDisk(at); course.error === null && next !== null; next = nextOfDisk(at))
        at = this.#step(course, at, next);
    }
    const { error } = course;
    const after = localNode(at);
    const folded = new FoldedRounds(node.context, after.context);
    const sent = folded.messages(course.sent);
    const checked = folded.checked(course.checked);
    const next = { ...after, context: folded.context(after.context) };
    return {
      outcome: error === null ? { node: next, sent, checked, crash: null } : null,
      error,
      checked,
      crashes: course.crashes.flatMap((crash) =>
        this.#ends(node.context.id, {
          ...crash,
          sent: folded.messages(crash.sent),
          lost: folded.messages(crash.lost),
          checked: folded.checked(crash.checked),
        }),
      ),
    };
  }

  /** `node` loses power between two events. */
  crash(node: LocalNode): readonly LocalOutcome[] {
    return this.#ends(node.context.id, {
      effects: 0,
      lost: [],
      disk: node.disk,
      writes: writesOf(node.queue),
      sent: [],
      checked: [],
    });
  }

  #step(course: LocalCourse, from: MachineNode, input: NodeInput): MachineNode {
    const { node, outputs } = this.#machine.step(from, input);
    const heirs = this.#heirsOf(from, input, node, outputs);
    for (const output of outputs) for (const each of toldTo(heirs, output)) course.take(each);
    return heirs.length < 2 ? node : { ...node, queue: node.queue.flatMap((each) => toldTo(heirs, each)) };
  }

  /**
   * A leader that has removed itself tells the best follower to campaign; of several that are equally good, the one with the least id, and
   * so under other names another one. To keep names exchangeable it tells all of them here, in any order, and each message may be lost or late
   * as ever: that adds only campaigns that could begin as well without being asked for. Ascending; empty: it does not hand over in this step.
   */
  #heirsOf(
    from: MachineNode,
    input: NodeInput,
    node: MachineNode,
    outputs: readonly Output[],
  ): readonly NodeId[] {
    if (roleOf(from.snapshot.value) !== 'leader' || roleOf(node.snapshot.value) === 'leader') return [];
    const heir = heirIn(outputs);
    if (heir === null) return [];
    const heirs = new Set([heir]);
    for (let other = 1; other <= this.#size; other++) {
      if (other === heir || other === from.snapshot.context.id) continue;
      const swapped: Renaming = (id) => (id === heir ? other : id === other ? heir : id);
      const renamed = this.#machineNode(renamedNode(localNode(from), swapped));
      const told = heirIn(this.#unwatched.step(renamed, renamedInput(input, swapped)).outputs);
      if (told !== null) heirs.add(swapped(told));
    }
    return [...heirs].sort((a, b) => a - b);
  }

  #machineNode({ value, context, armed, log, checked, disk, queue }: LocalNode): MachineNode {
    const snapshot = snapshotAt(this.#chart, value, context) as RaftSnapshot;
    // Between two events everything committed is applied.
    return { snapshot, armed, log, checked, disk, queue, committed: context.lastApplied };
  }

  #ends(id: NodeId, { effects, lost, disk, writes, sent, checked }: LocalCrash): readonly LocalOutcome[] {
    const outcomes: LocalOutcome[] = [];
    for (let kept = 0; kept <= writes.length; kept++) {
      const node = this.start(id, writes.slice(0, kept).reduce(withDurable, disk));
      const crashed: Checked = { step: { type: 'crashed', node: id }, view: downView(id, durableOf(disk)) };
      const started: Checked = { step: { type: 'started', node: id }, view: viewOf(node) };
      outcomes.push({
        node,
        sent,
        checked: [...checked, crashed, started],
        crash: { effects, writes: kept, lost },
      });
    }
    return outcomes;
  }
}

/** The least number with which one can be lost, come twice and be asked for. */
const chunksPerSnapshot = 2;

/** So that a log is dropped right up to the snapshot, and whoever lags behind needs it. */
const settingsWithSnapshots: Settings = { ...defaultSettings, trailingEntries: 0 };

/** Whom a leader tells to campaign; null: nobody. */
const heirIn = (outputs: readonly Output[]): NodeId | null => {
  for (const output of outputs) {
    const isSent = output.type === 'left' || output.type === 'held';
    if (isSent && output.message.type === 'TimeoutNow') return output.message.to;
  }
  return null;
};

/** The same thing once for each of `heirs`, if it is a `TimeoutNow` to one of them. */
const toldTo = <Told extends Output | Queued>(heirs: readonly NodeId[], told: Told): readonly Told[] =>
  heirs.length > 1 && 'message' in told && told.message.type === 'TimeoutNow'
    ? heirs.map((to) => ({ ...told, message: { ...told.message, to } }))
    : [told];

/** Only messages and the disk make a leader step down. */
const renamedInput = (input: NodeInput, to: Renaming): NodeInput =>
  input.type === 'Received' ? { ...input, message: renamedMessage(input.message, to) } : input;

/** What a prompt disk does before anything else happens; null: nothing. */
const nextOfDisk = ({ queue, checked }: MachineNode): NodeInput | null => {
  if (queue.length > 0) return { type: 'Synced' };
  return checked === null ? null : { type: 'SnapshotChecked' };
};

const inputOf = (event: LocalEvent): NodeInput => {
  switch (event.type) {
    case 'deliver':
      return { type: 'Received', message: event.message };
    case 'timeout':
      return { type: event.timer };
    case 'propose':
      return { type: 'Proposed', proposals: [{ id: 1, payload: emptyPayload }] };
    case 'transfer':
      return { type: 'TransferRequested', id: 1, target: event.target };
    case 'read':
      // Time stands still: lease reads are off.
      return { type: 'ReadRequested', id: event.id, nowMs: 0 };
    case 'change':
      return { type: 'ConfigurationProposed', id: 1, changes: event.changes };
    case 'snapshot':
      return { type: 'SnapshotTaken' };
    case 'checked':
      return { type: 'SnapshotChecked' };
    case 'durable':
      return { type: 'Synced' };
  }
};

const localNode = ({ snapshot, armed, log, checked, disk, queue }: MachineNode): LocalNode => {
  const { value, context } = snapshot;
  return { value, context, armed: [...armed].sort(), log, checked, disk, queue };
};

const watched = (stepper: Stepper, watch: (before: RaftSnapshot, step: Step) => void): Stepper => ({
  initial: (input) => stepper.initial(input),
  step: (snapshot, event) => {
    const step = stepper.step(snapshot, event);
    watch(snapshot, step);
    return step;
  },
});
