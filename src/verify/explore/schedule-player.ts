import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { type RaftSnapshot, type Step, timerNameOf } from '../../node/step.ts';
import { assert } from '../../raft/assert.ts';
import type { NodeId } from '../../raft/types.ts';
import type { SimulationEvent, TimedEvent } from '../../trace/events.ts';
import type { Violation } from '../../trace/violation.ts';
import { summaryOf, takenIn } from '../chart-recorder.ts';
import { Checks } from '../checks.ts';
import type { PathMessage } from '../paths/path.ts';
import { violation } from '../properties/property.ts';
import { type ClusterEvent, type ScheduledEvent, sizeOf } from './cluster-event.ts';
import { type Checked, type LocalEvent, type LocalNode, viewOf } from './local-node.ts';
import { LocalNodes, type LocalOptions, type LocalOutcome } from './local-nodes.ts';
import { MessagesUnderWay, UnplayableSchedule } from './messages-under-way.ts';

/**
 * Plays a schedule on one chart per node, and yields what happens in the form of a simulation's events: `atMs` is the number of the
 * step, from 1 on; 0 is the start. Every step is checked against the safety properties; the first violation is the last event, and is
 * returned. `machine` may be a broken chart. Throws `UnplayableSchedule`.
 */
export const playSchedule = function* (
  options: LocalOptions,
  schedule: readonly ScheduledEvent[],
  machine: typeof raftMachine = raftMachine,
): Generator<TimedEvent, Violation | null> {
  const cluster = new PlayedCluster(options, machine);
  yield* timed(cluster.take(), 0);
  for (const [at, step] of schedule.entries()) {
    cluster.play(step);
    yield* timed(cluster.take(), at + 1);
    if (cluster.violation !== null) break;
  }
  return cluster.violation;
};

const timed = (events: readonly SimulationEvent[], atMs: number): readonly TimedEvent[] =>
  events.map((event) => ({ ...event, atMs }));

class PlayedCluster {
  readonly #machine: typeof raftMachine;
  readonly #local: LocalNodes;
  readonly #nodes = new Map<NodeId, LocalNode>();
  readonly #checks: Checks;
  /** The steps of charts that are not reported yet. */
  readonly #steps: { readonly before: RaftSnapshot; readonly step: Step }[] = [];
  readonly #underWay = new MessagesUnderWay();
  #events: SimulationEvent[] = [];

  constructor(options: LocalOptions, machine: typeof raftMachine) {
    const { nodes, spares = 0 } = options;
    const ids = Array.from({ length: sizeOf({ nodes, spares }) }, (_, at) => at + 1);
    this.#machine = machine;
    this.#local = new LocalNodes(options, machine, (before, step) => this.#steps.push({ before, step }));
    this.#checks = new Checks(ids, ids.slice(0, nodes));
    for (const id of ids) {
      const node = this.#local.start(id);
      this.#nodes.set(id, node);
      this.#tell({ step: { type: 'started', node: id }, view: viewOf(node) }, node);
    }
  }

  get violation(): Violation | null {
    return this.#checks.violation;
  }

  /** What has happened since the last call. */
  take(): readonly SimulationEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  play({ event, dropped }: ScheduledEvent): void {
    if (event.type === 'lose') this.#lose(event.message);
    else if (event.type === 'crash') this.#crash(event);
    else this.#happens(event);
    for (const message of dropped) this.#lose(message);
    const { violation: found } = this;
    if (found !== null) this.#events.push({ type: 'violation', violation: found });
  }

  #happens(event: Exclude<ClusterEvent, { type: 'crash' | 'lose' }>): void {
    const { id, node, local } = this.#arrive(event);
    const { outcome, error, checked } = this.#local.take(node, local, false);
    if (outcome !== null) {
      this.#end(id, outcome);
      return;
    }
    for (const each of checked) this.#tell(each, node);
    // A node that fails an assertion stops, in the simulator as well.
    const reason = error?.message ?? '';
    this.#events.push({ type: 'stopped', node: id, reason });
    this.#checks.report(
      violation('Node Keeps Running', 'its disk did nothing wrong', `node${id} stopped: ${reason}`),
    );
  }

  #crash({ node: id, writes, during, effects }: Extract<ClusterEvent, { type: 'crash' }>): void {
    let ways: readonly LocalOutcome[];
    if (during === undefined) {
      ways = this.#local.crash(this.#nodeOf(id));
    } else {
      const { node, local } = this.#arrive(during);
      ways = this.#local.take(node, local, true).crashes;
    }
    const way = ways.find(
      ({ crash }) =>
        crash?.writes === writes &&
        crash.lost.length === 0 &&
        (during === undefined || crash.effects === effects),
    );
    if (way === undefined) throw new UnplayableSchedule(`node${id} cannot crash in that way`);
    this.#end(id, way);
  }

  /** What an event means for the node that it happens to. A message that arrives is taken from the network. */
  #arrive(event: ClusterEvent): {
    readonly id: NodeId;
    readonly node: LocalNode;
    readonly local: LocalEvent;
  } {
    switch (event.type) {
      case 'deliver': {
        const message = this.#underWay.find(event.message);
        if (!event.again) this.#underWay.remove(message);
        this.#events.push({ type: 'delivered', message });
        const { to: id } = message;
        return { id, node: this.#nodeOf(id), local: { type: 'deliver', message } };
      }
      case 'timeout': {
        const node = this.#nodeOf(event.node);
        const timer = node.armed.find((type) => timerNameOf(type) === event.timer);
        if (timer === undefined)
          throw new UnplayableSchedule(`no ${event.timer} is armed on node${event.node}`);
        return { id: event.node, node, local: { type: 'timeout', timer } as LocalEvent };
      }
      case 'durable': {
        const node = this.#nodeOf(event.node);
        if (node.queue.length === 0)
          throw new UnplayableSchedule(`no write of node${event.node} waits for its disk`);
        return { id: event.node, node, local: { type: 'durable' } };
      }
      case 'snapshot': {
        const node = this.#nodeOf(event.node);
        const { lastApplied, snapshot } = node.context;
        if (lastApplied <= snapshot.index)
          throw new UnplayableSchedule(`node${event.node} has applied nothing since its last snapshot`);
        return { id: event.node, node, local: { type: 'snapshot' } };
      }
      case 'checked': {
        const node = this.#nodeOf(event.node);
        if (node.checked === null)
          throw new UnplayableSchedule(`no snapshot that node${event.node} has received waits to be checked`);
        return { id: event.node, node, local: { type: 'checked' } };
      }
      case 'transfer': {
        const { node: id, target } = event;
        return { id, node: this.#nodeOf(id), local: { type: 'transfer', target } };
      }
      case 'change': {
        const { node: id, changes } = event;
        return { id, node: this.#nodeOf(id), local: { type: 'change', changes } };
      }
      case 'read': {
        const { node: id, id: readId } = event;
        return { id, node: this.#nodeOf(id), local: { type: 'read', id: readId } };
      }
      case 'propose':
        return { id: event.node, node: this.#nodeOf(event.node), local: { type: 'propose' } };
      default:
        throw new UnplayableSchedule(`a node cannot crash in the middle of ${event.type}`);
    }
  }

  #end(id: NodeId, { node, checked }: LocalOutcome): void {
    this.#nodes.set(id, node);
    for (const each of checked) this.#tell(each, node);
    // The rest of a step in which a node crashes is not reported.
    this.#steps.length = 0;
  }

  /** Reports what is to be checked, and checks it; `node` is its final state. */
  #tell({ step, view }: Checked, node: LocalNode): void {
    this.#checks.take(step, view);
    switch (step.type) {
      case 'stepped': {
        const told = this.#steps.shift();
        assert(told !== undefined, 'each step of a chart was watched', told, 'a step');
        this.#events.push(chartEvent(step.node, told.before, told.step));
        return;
      }
      case 'sent':
        this.#underWay.add(step.message);
        this.#events.push({ type: 'sent', message: step.message });
        return;
      case 'synced': {
        const { currentTerm: term, votedFor, log } = view.durable;
        this.#events.push({ type: 'synced', node: step.node, term, votedFor, lastIndex: log.lastIndex });
        return;
      }
      case 'started':
        this.#events.push({
          type: 'started',
          node: step.node,
          state: summaryOf({
            machine: this.#machine,
            value: node.value as RaftSnapshot['value'],
            context: node.context,
          }),
        });
        return;
      case 'readAsked':
      case 'readConfirmed':
      case 'readAnswered':
      case 'reported':
      case 'replaced':
        // The chart's step tells of these, and no disk is replaced in a schedule.
        return;
      default:
        this.#events.push(step);
    }
  }

  #nodeOf(id: NodeId): LocalNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new UnplayableSchedule(`there is no node ${id}`);
    return node;
  }

  #lose(named: PathMessage): void {
    const message = this.#underWay.find(named);
    this.#underWay.remove(message);
    this.#events.push({ type: 'lost', message });
  }
}

const chartEvent = (
  node: NodeId,
  before: RaftSnapshot,
  { snapshot, taken, effects }: Step,
): SimulationEvent => ({
  type: 'chart',
  node,
  before: summaryOf(before),
  after: summaryOf(snapshot),
  transitions: taken.map(({ transition, state }) => takenIn(state, transition)),
  effects,
});
