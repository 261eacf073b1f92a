import { raftMachine } from '../../machines/raft/raft.machine.ts';
import { type MachineNode, type NodeInput, NodeMachine, type Output } from '../../src/node/machine-node.ts';
import { createStepper, type TimerName, timerNameOf } from '../../src/node/step.ts';
import { type Disk, emptyDisk, inputOfDisk, withDurable } from '../../src/node/stored-log.ts';
import { writesOf } from '../../src/node/write-order.ts';
import type { Member } from '../../src/raft/configuration.ts';
import { defaultSettings, type Settings } from '../../src/raft/context.ts';
import type { MemberChange } from '../../src/raft/members.ts';
import type { Message } from '../../src/raft/messages.ts';
import type { NodeId } from '../../src/raft/types.ts';
import { topOfValue } from '../../src/statechart/read/state-name.ts';
import { Checks } from '../../src/verify/checks.ts';
import { LocalCourse } from '../../src/verify/explore/local-course.ts';
import { durableOf, viewOf } from '../../src/verify/explore/local-node.ts';
import { downView } from '../../src/verify/node-view.ts';
import { StoryFailed } from './story-failed.ts';
import { changesText, messageText, statusLines } from './story-text.ts';
import type { Transcript } from './transcript.ts';

export interface ClusterOptions {
  readonly voters: number;
  /** Nodes beyond the voters, which are no members at first. */
  readonly spares: number;
  /** Of each snapshot. */
  readonly chunks: number;
  /** How many entries a log keeps of those that a snapshot stands for. */
  readonly trailing: number;
  /** In one AppendEntries. */
  readonly entries: number;
  /** AppendEntries without an answer, to one follower. */
  readonly inflight: number;
}

export const usualOptions: ClusterOptions = {
  voters: 3,
  spares: 0,
  chunks: 1,
  trailing: 0,
  entries: defaultSettings.maxEntriesPerMessage,
  inflight: defaultSettings.maxMessagesInFlight,
};

/** Which messages of those under way. */
export interface Selection {
  /** Null: any node. */
  readonly from: NodeId | null;
  readonly to: NodeId | null;
  /** Null: all of them; otherwise those of one type. */
  readonly type: string | null;
  readonly which: 'all' | 'oldest' | 'newest';
}

interface Running {
  readonly id: NodeId;
  /** Null: it is down. */
  node: MachineNode | null;
  disk: Disk;
  starts: number;
  /** Its writes become durable only when the script says so. */
  isSlow: boolean;
  /** Nothing reaches it or leaves it. */
  isCut: boolean;
}

/** Where a node is reached: nothing depends on it. */
export const memberOf = (id: NodeId): Member => ({ peer: `node${id}:7000`, client: null, logId: null });

/** Enough for any story: more means that messages call forth messages without end. */
const mostDeliveries = 10_000;

/**
 * Real nodes, moved only by the steps of a script: the chart with its effects carried out on plain data, on a network that keeps each
 * message until it is delivered or dropped. Each step is checked against the safety properties.
 */
export class StoryCluster {
  readonly #machine: NodeMachine;
  readonly #settings: Settings;
  readonly #voters: readonly NodeId[];
  readonly #nodes: ReadonlyMap<NodeId, Running>;
  readonly #transcript: Transcript;
  readonly #checks: Checks;
  readonly #encoder = new TextEncoder();
  #underWay: readonly Message[] = [];
  #ids = 0;

  /** `machine` may be a broken chart. */
  constructor(options: ClusterOptions, transcript: Transcript, machine: typeof raftMachine = raftMachine) {
    const { voters, spares, chunks, trailing, entries, inflight } = options;
    const ids = Array.from({ length: voters + spares }, (_, at) => at + 1);
    this.#machine = new NodeMachine(createStepper(machine), { snapshotChunks: chunks });
    this.#settings = {
      ...defaultSettings,
      trailingEntries: trailing,
      maxEntriesPerMessage: entries,
      maxMessagesInFlight: inflight,
    };
    this.#voters = ids.slice(0, voters);
    this.#transcript = transcript;
    this.#checks = new Checks(ids, this.#voters);
    this.#nodes = new Map(
      ids.map((id) => [id, { id, node: null, disk: emptyDisk, starts: 0, isSlow: false, isCut: false }]),
    );
    for (const running of this.#nodes.values()) this.#start(running);
  }

  /** Elects the node: everybody's lease runs out, and then its own election timeout. */
  elect(id: NodeId): void {
    for (const { id: other, node } of this.#nodes.values()) {
      if (node !== null && other !== id && isArmed(node, 'leaderLease')) this.expire(other, 'leaderLease');
    }
    this.expire(id, 'electionTimeout');
    this.deliverAll();
    const role = topOfValue(this.#up(id).node.snapshot.value);
    if (role !== 'leader') throw new StoryFailed(`node ${id} does not win: it is ${role}`);
  }

  /** A timer expires. What would have expired before it does so first: a lease is no longer than an election timeout. */
  expire(id: NodeId, timer: TimerName): void {
    const running = this.#up(id);
    if (timer === 'electionTimeout' && isArmed(running.node, 'leaderLease')) this.expire(id, 'leaderLease');
    const { armed } = this.#up(id).node;
    const type = armed.find((each) => timerNameOf(each) === timer);
    if (type === undefined) {
      throw new StoryFailed(
        `${timer} of node ${id} does not run; running: ${armed.map(timerNameOf).join(', ') || 'none'}`,
      );
    }
    this.#give(running, `${id} ${timer} expires`, { type } as NodeInput);
  }

  propose(id: NodeId, commands: readonly string[]): void {
    const proposals = commands.map((command) => ({
      id: this.#named(command),
      payload: this.#encoder.encode(command),
    }));
    this.#give(this.#up(id), `${id} is asked for ${commands.join(', ')}`, { type: 'Proposed', proposals });
  }

  change(id: NodeId, changes: readonly MemberChange[]): void {
    const text = changesText(changes);
    this.#give(this.#up(id), `${id} is asked to ${text}`, {
      type: 'ConfigurationProposed',
      id: this.#named(text),
      changes,
    });
  }

  transfer(id: NodeId, target: NodeId | null): void {
    const text = target === null ? 'hand over' : `hand over to ${target}`;
    this.#give(this.#up(id), `${id} is asked to ${text}`, {
      type: 'TransferRequested',
      id: this.#named(text),
      target,
    });
  }

  read(id: NodeId): void {
    const running = this.#up(id);
    const read = this.#named('a read');
    this.#checks.askRead(id, read);
    this.#give(running, `${id} is asked for read ${read}`, { type: 'ReadRequested', id: read, nowMs: 0 });
  }

  /** The node takes a snapshot of all that it has applied. */
  snapshot(id: NodeId): void {
    const running = this.#up(id);
    const { lastApplied, snapshot } = running.node.snapshot.context;
    if (lastApplied <= snapshot.index) {
      throw new StoryFailed(`node ${id} has applied nothing since its last snapshot, at ${snapshot.index}`);
    }
    this.#give(running, `${id} takes a snapshot`, { type: 'SnapshotTaken' });
  }

  /** What was received of a snapshot has been looked at. */
  checkSnapshot(id: NodeId, isSound: boolean): void {
    const running = this.#up(id);
    if (running.node.checked === null) {
      throw new StoryFailed(`no snapshot that node ${id} has received waits to be checked`);
    }
    const type = isSound ? 'SnapshotChecked' : 'SnapshotDamaged';
    this.#give(running, `${id} finds its snapshot ${isSound ? 'sound' : 'damaged'}`, { type });
  }

  slow(id: NodeId): void {
    this.#up(id).isSlow = true;
  }

  /** The oldest write becomes durable, or all of them. */
  write(id: NodeId, all: boolean): void {
    const running = this.#up(id);
    let count = all ? writesOf(running.node.queue).length : 1;
    if (writesOf(running.node.queue).length === 0)
      throw new StoryFailed(`no write of node ${id} waits for its disk`);
    for (; count > 0; count--) this.#give(running, `${id} has written`, { type: 'Synced' });
  }

  /** All but what is durable, and the first `kept` of its writes under way, is lost. */
  crash(id: NodeId, kept: number): void {
    const { node, ...rest } = this.#up(id);
    const writes = writesOf(node.queue);
    if (kept > writes.length)
      throw new StoryFailed(`only ${writes.length} writes of node ${id} wait for its disk`);
    const running = this.#nodes.get(rest.id)!;
    running.disk = writes.slice(0, kept).reduce(withDurable, node.disk);
    running.node = null;
    this.#checks.take({ type: 'crashed', node: id }, downView(id, durableOf(node.disk)));
    this.#transcript.tell(`${id} crashes`);
  }

  restart(id: NodeId): void {
    const running = this.#get(id);
    if (running.node !== null) throw new StoryFailed(`node ${id} runs`);
    this.#start(running);
    this.status([id]);
  }

  cut(id: NodeId, isCut: boolean): void {
    this.#get(id).isCut = isCut;
  }

  status(ids: readonly NodeId[]): void {
    for (const id of ids.length > 0 ? ids : this.#nodes.keys()) {
      const { node } = this.#get(id);
      for (const line of node === null ? [`${id} is down`] : statusLines(node)) this.#transcript.tell(line);
    }
  }

  /** The messages under way, oldest first. */
  network(): void {
    for (const message of this.#underWay) this.#transcript.tell(messageText(message));
  }

  /** Until nothing is under way any more. */
  deliverAll(): void {
    for (let count = 0; this.#underWay.length > 0; count++) {
      if (count === mostDeliveries)
        throw new StoryFailed(`messages still call forth messages after ${mostDeliveries}`);
      this.#deliver(this.#underWay[0]!);
    }
  }

  /** Until nothing is under way among these nodes any more; what others say waits. */
  exchange(ids: readonly NodeId[]): void {
    const isAmong = ({ from, to }: Message) => ids.includes(from) && ids.includes(to);
    if (!this.#underWay.some(isAmong)) throw new StoryFailed(`nothing is under way among ${ids.join(', ')}`);
    for (let next = this.#underWay.find(isAmong); next !== undefined; next = this.#underWay.find(isAmong)) {
      this.#deliver(next);
    }
  }

  deliver(selection: Selection): void {
    for (const message of this.#selected(selection)) this.#deliver(message);
  }

  /** Delivers, and delivers again whenever the script says so. */
  duplicate(selection: Selection): void {
    for (const message of this.#selected(selection)) this.#arrive(message);
  }

  drop(selection: Selection): void {
    for (const message of this.#selected(selection)) this.#lose(message);
  }

  #deliver(message: Message): void {
    const isCut = this.#get(message.from).isCut || this.#get(message.to).isCut;
    if (isCut || this.#get(message.to).node === null) {
      this.#lose(message);
      return;
    }
    this.#underWay = this.#underWay.filter((each) => each !== message);
    this.#arrive(message);
  }

  #arrive(message: Message): void {
    this.#transcript.delivers(message);
    this.#give(this.#up(message.to), messageText(message), { type: 'Received', message });
  }

  #lose(message: Message): void {
    this.#underWay = this.#underWay.filter((each) => each !== message);
    this.#transcript.delivers(message);
    this.#transcript.tell(`${messageText(message)} is lost`);
  }

  #selected({ from, to, type, which }: Selection): readonly Message[] {
    const found = this.#underWay.filter(
      (message) =>
        (from === null || message.from === from) &&
        (to === null || message.to === to) &&
        (type === null || message.type === type),
    );
    if (found.length === 0) {
      const known = this.#underWay.map(messageText).join('; ');
      throw new StoryFailed(`no such message is under way; under way: ${known || 'none'}`);
    }
    if (which === 'all') return found;
    return [which === 'oldest' ? found[0]! : found.at(-1)!];
  }

  #named(what: string): number {
    this.#ids++;
    this.#transcript.name(this.#ids, what);
    return this.#ids;
  }

  #start(running: Running): void {
    const { id, disk } = running;
    const settings = this.#settings;
    const seed = id * 1000 + running.starts++;
    const members = Object.fromEntries(this.#voters.map((voter) => [voter, memberOf(voter)]));
    const input = { id, voters: this.#voters, members, settings, ...inputOfDisk(disk, settings), seed };
    running.node = this.#machine.start(input, disk).node;
    const { snapshot, disk: found } = running.node;
    this.#checks.take({ type: 'started', node: id }, viewOf({ ...snapshot, disk: found }));
    this.#stopAtViolation();
  }

  /** One input and, with a prompt disk, all that its writes lead to. */
  #give(running: Running, heading: string, input: NodeInput): void {
    this.#transcript.tell(heading);
    this.#take(running, input);
    for (let next = this.#nextOfDisk(running); next !== null; next = this.#nextOfDisk(running)) {
      this.#take(running, next);
    }
  }

  #nextOfDisk({ node, isSlow }: Running): NodeInput | null {
    if (isSlow || node === null) return null;
    if (node.queue.length > 0) return { type: 'Synced' };
    return node.checked === null ? null : { type: 'SnapshotChecked' };
  }

  #take(running: Running, input: NodeInput): void {
    const course = new LocalCourse(false);
    const { node, outputs } = this.#machine.step(running.node!, input);
    for (const output of outputs) {
      this.#see(running, output);
      course.take(output);
    }
    running.node = node;
    running.disk = node.disk;
    for (const { step, view } of course.checked) this.#checks.take(step, view);
    this.#stopAtViolation();
  }

  #see({ id, isSlow }: Running, output: Output): void {
    if (output.type === 'failed') throw new StoryFailed(`node ${id} stops: ${output.error.message}`);
    if (output.type === 'left') this.#underWay = [...this.#underWay, output.message];
    const isOfDisk = output.type === 'wrote' || output.type === 'held' || output.type === 'synced';
    if (isSlow || !isOfDisk) this.#transcript.take(id, output);
  }

  #stopAtViolation(): void {
    const { violation } = this.#checks;
    if (violation !== null) throw new StoryFailed(`breaks ${violation.property}: ${violation.message}`);
  }

  #get(id: NodeId): Running {
    const running = this.#nodes.get(id);
    if (running === undefined) {
      throw new StoryFailed(`there is no node ${id}; there are ${[...this.#nodes.keys()].join(', ')}`);
    }
    return running;
  }

  #up(id: NodeId): Running & { node: MachineNode } {
    const running = this.#get(id);
    if (running.node === null) throw new StoryFailed(`node ${id} is down`);
    return running as Running & { node: MachineNode };
  }
}

const isArmed = ({ armed }: MachineNode, timer: TimerName): boolean =>
  armed.some((type) => timerNameOf(type) === timer);
