import { isDeepStrictEqual } from 'node:util';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { encodePut } from '../../kv/commands.ts';
import { type Violation, violation } from '../../properties/view.ts';
import { AssertionFailed } from '../../raft/assert.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { Checks } from '../../sim/checks.ts';
import type { SimulationEvent, TimedEvent } from '../../sim/events.ts';
import { withoutDie } from '../paths/model-node.ts';
import type { PathMessage } from '../paths/path.ts';
import { toPathMessage } from '../paths/path-message.ts';
import { createStepper, type Stepper } from '../step.ts';
import type { ClusterEvent, ExploreOptions, ScheduledEvent } from './cluster-event.ts';
import { type Disk, ScheduleNode, UnplayableSchedule } from './schedule-node.ts';

/** What of an exploration's options decides how a schedule is played. */
export type PlayOptions = Pick<ExploreOptions, 'nodes' | 'disk'>;

/**
 * Plays a schedule on as many charts as it has nodes, and yields what happens, as a simulation tells it: `atMs` is the number of the
 * step, from 1 on; 0 is the start. Every step is held against the safety properties; the first violation is the last event, and is
 * returned. `machine` may be a broken chart. Throws `UnplayableSchedule`.
 */
export const playSchedule = function* (
  options: PlayOptions,
  schedule: readonly ScheduledEvent[],
  machine: typeof raftMachine = raftMachine,
): Generator<TimedEvent, Violation | null> {
  const cluster = new PlayedCluster(options, machine);
  yield* timed(cluster.take(), 0);
  for (const [at, step] of schedule.entries()) {
    cluster.play(step, at + 1);
    yield* timed(cluster.take(), at + 1);
    if (cluster.violation !== null) break;
  }
  return cluster.violation;
};

const timed = (events: readonly SimulationEvent[], atMs: number): readonly TimedEvent[] =>
  events.map((event) => ({ ...event, atMs }));

/** The node that an event happens to; null: to the network alone. */
export const nodeOfEvent = (event: ClusterEvent): NodeId | null => {
  if (event.type === 'lose') return null;
  return event.type === 'deliver' ? event.message.to : event.node;
};

class PlayedCluster {
  readonly #voters: readonly NodeId[];
  readonly #stepper: Stepper;
  readonly #isPrompt: boolean;
  readonly #nodes = new Map<NodeId, ScheduleNode>();
  readonly #checks: Checks;
  #underWay: Message[] = [];
  #events: SimulationEvent[] = [];

  constructor({ nodes, disk }: PlayOptions, machine: typeof raftMachine) {
    this.#voters = Array.from({ length: nodes }, (_, at) => at + 1);
    this.#stepper = createStepper(withoutDie(machine));
    this.#isPrompt = disk === 'prompt';
    this.#checks = new Checks(this.#voters);
    for (const id of this.#voters) this.#start(id);
  }

  get violation(): Violation | null {
    return this.#checks.violation;
  }

  /** What has happened since this was asked last. */
  take(): readonly SimulationEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  play({ event, dropped }: ScheduledEvent, step: number): void {
    try {
      this.#play(event, step);
    } catch (error) {
      const node = nodeOfEvent(event);
      if (!(error instanceof AssertionFailed) || node === null) throw error;
      // A node that finds itself wrong stops, in the simulator as well.
      this.#events.push({ type: 'stopped', node, reason: error.message });
      const fact = `node${node} stopped: ${error.message}`;
      this.#checks.report(violation('Node Keeps Running', 'its disk did nothing wrong', fact));
    }
    for (const message of dropped) this.#lose(message);
    const { violation: found } = this;
    if (found !== null) this.#events.push({ type: 'violation', violation: found });
  }

  #play(event: ClusterEvent, step: number): void {
    switch (event.type) {
      case 'deliver': {
        const message = this.#find(event.message);
        if (!event.again) this.#remove(message);
        this.#emit({ type: 'delivered', message });
        this.#node(message.to).input({ type: 'Received', message });
        this.#settle(message.to);
        return;
      }
      case 'lose':
        this.#lose(event.message);
        return;
      case 'timeout':
        this.#node(event.node).expire(event.timer);
        this.#settle(event.node);
        return;
      case 'propose': {
        const payload = encodePut('x', new TextEncoder().encode(`${step}`));
        this.#node(event.node).input({ type: 'Proposed', proposals: [{ id: step, payload }] });
        this.#settle(event.node);
        return;
      }
      case 'durable':
        this.#node(event.node).sync();
        return;
      case 'crash': {
        const node = this.#node(event.node);
        if (event.during !== undefined) {
          node.dieAfter(event.effects ?? 0);
          this.#play(event.during, step);
        }
        const disk = node.remains(event.writes);
        this.#emit({ type: 'crashed', node: event.node });
        this.#start(event.node, disk);
        return;
      }
    }
  }

  #start(id: NodeId, disk?: Disk): void {
    const parts = {
      id,
      voters: this.#voters,
      stepper: this.#stepper,
      emit: (event: SimulationEvent) => this.#emit(event),
    };
    const node = new ScheduleNode(parts, disk);
    this.#nodes.set(id, node);
    this.#emit({ type: 'started', node: id, state: node.state });
  }

  /** With a prompt disk every write is durable before anything else happens. */
  #settle(id: NodeId): void {
    const node = this.#node(id);
    while (this.#isPrompt && node.hasWrites) node.sync();
  }

  #emit(event: SimulationEvent): void {
    this.#events.push(event);
    switch (event.type) {
      case 'chart':
        this.#checks.take({ type: 'stepped', node: event.node }, this.#node(event.node).view());
        return;
      case 'sent':
        this.#underWay.push(event.message);
        this.#checks.note({ type: 'sent', node: event.message.from, message: event.message });
        return;
      case 'synced':
      case 'started':
        this.#checks.take({ type: event.type, node: event.node }, this.#node(event.node).view());
        return;
      case 'applied': {
        const { node, index, term } = event;
        this.#checks.note({ type: 'applied', node, index, term });
        return;
      }
      case 'crashed':
        this.#checks.take({ type: 'crashed', node: event.node }, this.#node(event.node).downView());
        return;
      default:
    }
  }

  #node(id: NodeId): ScheduleNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new UnplayableSchedule(`there is no node ${id}`);
    return node;
  }

  /** The message under way that `message` names; payloads are not compared, since (index, term) names an entry. */
  #find(message: PathMessage): Message {
    const named = withoutPayloads(message);
    const found = this.#underWay.find((each) =>
      isDeepStrictEqual(withoutPayloads(toPathMessage(each)), named),
    );
    if (found !== undefined) return found;
    throw new UnplayableSchedule(
      `no ${message.type} of term ${message.term} from node${message.from} to node${message.to} is under way`,
    );
  }

  #remove(message: Message): void {
    this.#underWay.splice(this.#underWay.indexOf(message), 1);
  }

  #lose(named: PathMessage): void {
    const message = this.#find(named);
    this.#remove(message);
    this.#emit({ type: 'lost', message });
  }
}

const withoutPayloads = (message: PathMessage): unknown =>
  message.type === 'AppendEntries'
    ? { ...message, entries: message.entries.map(({ term, kind }) => ({ term, kind })) }
    : message;
