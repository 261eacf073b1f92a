import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { encodePut } from '../../store/kv/commands.ts';
import type { SimulationEvent, TimedEvent } from '../../trace/events.ts';
import type { Violation } from '../../trace/violation.ts';
import { ChartRecorder, summaryOf } from '../chart-recorder.ts';
import { Checks } from '../checks.ts';
import type { ClusterEvent, ExploreOptions, ScheduledEvent } from '../explore/cluster-event.ts';
import { MessagesUnderWay, UnplayableSchedule } from '../explore/messages-under-way.ts';
import { violation } from '../properties/property.ts';
import { ClusterNode } from './cluster-node.ts';
import { ScheduleNumbers } from './schedule-numbers.ts';

interface DrivenClusterParts {
  readonly options: Pick<ExploreOptions, 'nodes' | 'disk'> & Partial<Pick<ExploreOptions, 'spares'>>;
  /** The chart, if not the original. */
  readonly machine?: typeof raftMachine;
  /** Notified of everything that happens; `atMs` is the number of the step, from 1 on, and 0 for the start. */
  readonly emit?: (event: TimedEvent) => void;
}

/**
 * Plays a schedule of the explorer on real nodes, and checks each of their steps against the safety properties. Resolves with
 * the first violation, at which it stops. Rejects with `UnplayableSchedule` if a node does not do what the schedule relies on.
 */
export const replayOnNodes = async (
  schedule: readonly ScheduledEvent[],
  parts: DrivenClusterParts,
): Promise<Violation | null> => {
  if ((parts.options.spares ?? 0) > 0) {
    throw new UnplayableSchedule('a live cluster of this kind starts with its voters alone, without spares');
  }
  const cluster = new DrivenCluster(parts);
  try {
    await cluster.start();
    for (const step of schedule) {
      if (cluster.violation !== null) break;
      await cluster.play(step);
    }
    return cluster.violation;
  } finally {
    await cluster.stop();
  }
};

/**
 * A cluster of real nodes (`src/node`, each with its actors, codec and links) between which messages travel, and on whose
 * disks writes become durable, only as a schedule says.
 */
export class DrivenCluster {
  readonly #parts: DrivenClusterParts;
  readonly #nodes: readonly ClusterNode[];
  readonly #checks: Checks;
  readonly #recorder: ChartRecorder;
  readonly #underWay = new MessagesUnderWay();
  readonly #numbers = new ScheduleNumbers();
  /** What was sent in this step. */
  #leaving: Message[] = [];
  /** By how the schedule writes it: the message as its sender sent it. */
  readonly #sent = new Map<Message, Message>();
  #step = 0;

  constructor(parts: DrivenClusterParts) {
    this.#parts = parts;
    const voters = Array.from({ length: parts.options.nodes }, (_, at) => at + 1);
    this.#checks = new Checks(voters);
    this.#recorder = new ChartRecorder((event) => this.#emit(event));
    const observer = this.#observer();
    this.#nodes = voters.map((id) => new ClusterNode({ id, voters, machine: parts.machine, observer }));
  }

  /** The first one found. */
  get violation(): Violation | null {
    return this.#checks.violation;
  }

  async start(): Promise<void> {
    for (const node of this.#nodes) await node.start();
  }

  /** Rejects with `UnplayableSchedule` if it cannot happen. */
  async play({ event, dropped }: ScheduledEvent): Promise<void> {
    this.#step++;
    if (event.type === 'lose') this.#lose(event.message);
    else if (event.type === 'crash') await this.#crash(event);
    else await this.#happens(event);
    this.#tellSent();
    const found = this.violation;
    if (found !== null) this.#emit({ type: 'violation', violation: found });
    else for (const message of dropped) this.#lose(message);
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes) await node.run.release();
  }

  /** What was sent in the step that is over is under way. */
  #tellSent(): void {
    for (const message of this.#leaving) {
      const told = this.#numbers.messageOf(message);
      this.#sent.set(told, message);
      this.#underWay.add(told);
      this.#emit({ type: 'sent', message: told });
    }
    this.#leaving = [];
  }

  /** A node that fails stops, which is a violation. */
  async #happens(event: Exclude<ClusterEvent, { type: 'crash' | 'lose' }>): Promise<void> {
    const { id, node, act } = this.#arrive(event);
    try {
      await act();
      await node.run.settle();
      if (this.#parts.options.disk === 'prompt') await node.run.syncAll();
    } catch (error) {
      const reason = (error as Error).message;
      this.#emit({ type: 'stopped', node: id, reason });
      const fact = `node${id} stopped: ${reason}`;
      this.#checks.report(violation('Node Keeps Running', 'its disk did nothing wrong', fact));
    }
  }

  async #crash(event: Extract<ClusterEvent, { type: 'crash' }>): Promise<void> {
    const { node: id, writes, during, effects = 0 } = event;
    const node = this.#nodeOf(id);
    if (during !== undefined) {
      if (during.type === 'crash' || during.type === 'lose') {
        throw new UnplayableSchedule(`a node cannot crash in the middle of ${during.type}`);
      }
      node.crashAfter(effects);
      await this.#happens(during);
      // It failed an assertion, and stopped before it could crash.
      if (this.violation !== null) return;
      if (node.run.isAlive) {
        throw new UnplayableSchedule(`node${id} had fewer than ${effects} effects to crash after`);
      }
    }
    if (writes > node.pending) {
      throw new UnplayableSchedule(`${node.pending} writes of node${id} wait for its disk, not ${writes}`);
    }
    node.run.kill();
    this.#checks.take({ type: 'crashed', node: id }, node.view(null));
    this.#emit({ type: 'crashed', node: id });
    await node.losePower(writes);
    await node.start();
  }

  /** The node that an event happens to, and how. A message that arrives is taken from the network. */
  #arrive(event: Exclude<ClusterEvent, { type: 'crash' | 'lose' }>): Arrival {
    if (event.type === 'deliver') {
      const message = this.#underWay.find(event.message);
      if (!event.again) this.#underWay.remove(message);
      this.#emit({ type: 'delivered', message });
      const node = this.#nodeOf(message.to);
      return { id: message.to, node, act: () => node.run.deliver(this.#sent.get(message)!) };
    }
    const id = event.node;
    const node = this.#nodeOf(id);
    const { run } = node;
    switch (event.type) {
      case 'timeout':
        if (!run.isArmed(event.timer))
          throw new UnplayableSchedule(`no ${event.timer} is armed on node${id}`);
        return { id, node, act: () => run.expire(event.timer) };
      case 'durable':
        if (node.pending === 0) throw new UnplayableSchedule(`no write of node${id} waits for its disk`);
        return {
          id,
          node,
          act: async () => {
            await run.syncOne();
          },
        };
      case 'transfer':
        return { id, node, act: () => run.transfer(event.target) };
      case 'change':
        return { id, node, act: () => run.changeMembers(event.changes) };
      case 'read':
        return { id, node, act: () => this.#read(id, event.id) };
      case 'snapshot':
      case 'checked':
        throw new UnplayableSchedule(
          'a live node takes its snapshots, and checks those it receives, by itself',
        );
      case 'propose': {
        const command = encodePut('x', new TextEncoder().encode(`${this.#step}`));
        return { id, node, act: () => run.propose([command], () => {}) };
      }
    }
  }

  #read(node: NodeId, id: number): void {
    this.#checks.askRead(node, id);
    this.#numbers.ask(id);
    this.#nodeOf(node).run.read((outcome) => {
      if (outcome.type === 'ready') this.#checks.answerRead(node, id, outcome.index);
    });
  }

  #lose(named: ScheduledEvent['dropped'][number]): void {
    const message = this.#underWay.find(named);
    this.#underWay.remove(message);
    this.#emit({ type: 'lost', message });
  }

  #nodeOf(id: NodeId): ClusterNode {
    const node = this.#nodes[id - 1];
    if (node === undefined) throw new UnplayableSchedule(`there is no node ${id}`);
    return node;
  }

  #emit(event: SimulationEvent): void {
    this.#parts.emit?.({ ...event, atMs: this.#step });
  }

  #observer(): ConstructorParameters<typeof ClusterNode>[0]['observer'] {
    const checks = this.#checks;
    return {
      started: (node, snapshot) => {
        checks.take({ type: 'started', node }, this.#nodeOf(node).view(snapshot));
        this.#recorder.started(node, snapshot);
        this.#emit({ type: 'started', node, state: summaryOf(snapshot) });
      },
      stepped: (node, snapshot) => {
        this.#numbers.stepped(snapshot.context);
        this.#recorder.stepped(node, snapshot);
        checks.take({ type: 'stepped', node }, this.#nodeOf(node).view(snapshot));
      },
      sent: (message) => {
        this.#leaving.push(message);
        checks.note({ type: 'sent', node: message.from, message });
      },
      synced: (node) => {
        checks.take({ type: 'synced', node }, this.#nodeOf(node).viewAfterSync(checks.nodeOf(node)));
        const { currentTerm: term, votedFor, log } = checks.nodeOf(node).durable;
        this.#emit({ type: 'synced', node, term, votedFor, lastIndex: log.lastIndex });
      },
      applied: (node, command, index, term) => {
        checks.apply(node, command, index, term);
        this.#emit({ type: 'applied', node, index, term });
      },
      inspect: (node, event) => {
        this.#numbers.inspect(node, event);
        this.#recorder.inspect(node, event);
      },
    };
  }
}

/** An event, at the node that it happens to. */
interface Arrival {
  readonly id: NodeId;
  readonly node: ClusterNode;
  readonly act: () => void | Promise<void>;
}
