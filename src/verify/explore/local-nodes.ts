import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import {
  type Disk,
  type MachineNode,
  type NodeInput,
  NodeMachine,
  withDurable,
} from '../../node/machine-node.ts';
import { createStepper, type RaftSnapshot, type Step, type Stepper } from '../../node/step.ts';
import { writesOf } from '../../node/write-order.ts';
import { assert } from '../../raft/assert.ts';
import type { Message } from '../../raft/messages.ts';
import { emptyPayload, type NodeId } from '../../raft/types.ts';
import { snapshotAt } from '../../statechart/read/xstate-internals.ts';
import { downView } from '../node-view.ts';
import { withoutDie } from '../paths/model-node.ts';
import { type Death, LocalCourse } from './local-course.ts';
import {
  type Checked,
  durableOf,
  emptyDisk,
  type LocalEvent,
  type LocalNode,
  shapeOf,
  viewOf,
} from './local-node.ts';

/** One way in which an event can end. */
export interface LocalOutcome {
  readonly node: LocalNode;
  /** In order. */
  readonly sent: readonly Message[];
  readonly checked: readonly Checked[];
  /** It died on the way, after so many effects, and its disk kept so many of the writes that were queued. */
  readonly crash: {
    readonly effects: number;
    readonly writes: number;
    /** Messages among those effects that were lost. */
    readonly lost: readonly Message[];
  } | null;
}

export interface LocalResult {
  /** The event to its end; null: the chart threw `error` on the way. */
  readonly outcome: LocalOutcome | null;
  readonly error: Error | null;
  /** What was checked until `error`. */
  readonly checked: readonly Checked[];
  /** Deaths in the middle of it. */
  readonly crashes: readonly LocalOutcome[];
}

/** Runs single nodes: the chart, with its effects done on plain data. */
export class LocalNodes {
  readonly #chart: typeof raftMachine;
  readonly #machine: NodeMachine;
  readonly #voters: readonly NodeId[];
  readonly #isSlow: boolean;

  /**
   * `watch` is told of each step of a chart, as it happens: then all goes as on a real node, and a message that a node holds twice leaves
   * twice.
   */
  constructor(
    nodes: number,
    disk: 'prompt' | 'slow',
    machine: typeof raftMachine = raftMachine,
    watch?: (before: RaftSnapshot, step: Step) => void,
  ) {
    this.#chart = withoutDie(machine);
    const stepper = createStepper(this.#chart);
    this.#machine = new NodeMachine(watch === undefined ? stepper : watched(stepper, watch), {
      // Else what waits for a slow disk would grow without end; in the explorer's bag a message is once as well.
      keepsRepeated: watch !== undefined,
    });
    this.#voters = Array.from({ length: nodes }, (_, at) => at + 1);
    this.#isSlow = disk === 'slow';
  }

  /** A node as it starts on `disk`. */
  start(id: NodeId, disk: Disk = emptyDisk): LocalNode {
    const input = {
      id,
      voters: this.#voters,
      hardState: disk.hardState,
      log: shapeOf(disk.entries),
      // Nothing is ever drawn, so all nodes may have the same seed: their names are all that tells them apart.
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

  /** `event` happens to `node`. `crashes`: also tells what it leaves behind when it dies on the way. */
  take(node: LocalNode, event: LocalEvent, crashes: boolean): LocalResult {
    const course = new LocalCourse(crashes);
    // The message is gone, even if nothing else comes of it.
    if (event.type === 'deliver') course.mayDie(node);
    let at = this.#step(course, this.#machineNode(node), inputOf(event));
    if (!this.#isSlow) {
      while (course.error === null && at.queue.length > 0) at = this.#step(course, at, { type: 'Synced' });
    }
    const { sent, checked, error } = course;
    return {
      outcome: error === null ? { node: localNode(at), sent, checked, crash: null } : null,
      error,
      checked,
      crashes: course.deaths.flatMap((death) => this.#ends(node.context.id, death)),
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
    for (const output of outputs) course.take(output);
    return node;
  }

  #machineNode({ value, context, armed, entries, disk, queue }: LocalNode): MachineNode {
    const snapshot = snapshotAt(this.#chart, value, context) as RaftSnapshot;
    // Between two events all that is committed is applied.
    return { snapshot, armed, entries, disk, queue, committed: context.lastApplied };
  }

  #ends(id: NodeId, { effects, lost, disk, writes, sent, checked }: Death): readonly LocalOutcome[] {
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

const inputOf = (event: LocalEvent): NodeInput => {
  switch (event.type) {
    case 'deliver':
      return { type: 'Received', message: event.message };
    case 'timeout':
      return { type: event.timer };
    case 'propose':
      return { type: 'Proposed', proposals: [{ id: 1, payload: emptyPayload }] };
    case 'durable':
      return { type: 'Synced' };
  }
};

const localNode = ({ snapshot, armed, entries, disk, queue }: MachineNode): LocalNode => {
  const { value, context } = snapshot;
  return { value, context, armed: [...armed].sort(), entries, disk, queue };
};

const watched = (stepper: Stepper, watch: (before: RaftSnapshot, step: Step) => void): Stepper => ({
  initial: (input) => stepper.initial(input),
  step: (snapshot, event) => {
    const step = stepper.step(snapshot, event);
    watch(snapshot, step);
    return step;
  },
});
