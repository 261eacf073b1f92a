import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { createStepper, type RaftSnapshot, type Step, type Stepper } from '../../node/step.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { downView } from '../node-view.ts';
import { withoutDie } from '../paths/model-node.ts';
import {
  type Checked,
  type Disk,
  durableOf,
  emptyDisk,
  type LocalEvent,
  type LocalNode,
  shapeOf,
  viewOf,
  written,
} from './local-node.ts';
import { type Death, LocalRun, writesOf } from './local-run.ts';

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
  readonly #machine: typeof raftMachine;
  readonly #stepper: Stepper;
  readonly #voters: readonly NodeId[];
  readonly #isSlow: boolean;
  readonly #keepsRepeated: boolean;

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
    this.#machine = withoutDie(machine);
    this.#stepper =
      watch === undefined ? createStepper(this.#machine) : watched(createStepper(this.#machine), watch);
    this.#voters = Array.from({ length: nodes }, (_, at) => at + 1);
    this.#isSlow = disk === 'slow';
    this.#keepsRepeated = watch !== undefined;
  }

  /** A node as it starts on `disk`. */
  start(id: NodeId, disk: Disk = emptyDisk): LocalNode {
    const step = this.#stepper.initial({
      id,
      voters: this.#voters,
      hardState: { currentTerm: disk.currentTerm, votedFor: disk.votedFor },
      log: shapeOf(disk.entries),
      // The die is never thrown, so all nodes may have the same one: their names are all that tells them apart.
      seed: 0,
    });
    const run = new LocalRun(
      this.#stepper,
      step.snapshot,
      { entries: disk.entries, disk, armed: [], queue: [] },
      { dies: false, keepsRepeated: true },
    );
    run.started(step);
    return run.node();
  }

  /** `event` happens to `node`. `crashes`: also tells what it leaves behind when it dies on the way. */
  take(node: LocalNode, event: LocalEvent, crashes: boolean): LocalResult {
    const snapshot = this.#machine.resolveState({ value: node.value, context: node.context }) as RaftSnapshot;
    const run = new LocalRun(this.#stepper, snapshot, node, {
      dies: crashes,
      keepsRepeated: this.#keepsRepeated,
    });
    let error: Error | null = null;
    try {
      run.take(event);
      if (!this.#isSlow) while (run.hasWrites) run.sync();
    } catch (thrown) {
      error = thrown as Error;
    }
    const { sent, checked } = run;
    return {
      outcome: error === null ? { node: run.node(), sent, checked, crash: null } : null,
      error,
      checked,
      crashes: run.deaths.flatMap((death) => this.#ends(node.context.id, death)),
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

  #ends(id: NodeId, { effects, lost, disk, writes, sent, checked }: Death): readonly LocalOutcome[] {
    const outcomes: LocalOutcome[] = [];
    for (let kept = 0; kept <= writes.length; kept++) {
      const node = this.start(id, writes.slice(0, kept).reduce(written, disk));
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

const watched = (stepper: Stepper, watch: (before: RaftSnapshot, step: Step) => void): Stepper => ({
  initial: (input) => stepper.initial(input),
  step: (snapshot, event) => {
    const step = stepper.step(snapshot, event);
    watch(snapshot, step);
    return step;
  },
});
