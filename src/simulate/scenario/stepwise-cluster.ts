import { longestConnectTimeoutMs } from '../../../machines/peer-link.setup.ts';
import { messageFault } from '../../adapters/codec/message-rules.ts';
import type { TimerName } from '../../node/step.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { nodeName } from '../../raft/types.ts';
import type { Told } from '../../trace/told.ts';
import { messageLabel } from '../../trace/trace-sequence.ts';
import type { Transcript } from '../../trace/transcript.ts';
import type { GivenDisk } from '../given-disk.ts';
import type { MessageFault } from '../plan.ts';
import type { Simulation } from '../simulation.ts';
import type { Flight } from '../under-way.ts';
import { FaultyCluster } from './faulty-cluster.ts';
import type { HeldTimers } from './held-timers.ts';
import { StoryFailed } from './story-failed.ts';
import { StoryUnusable } from './story-unusable.ts';

/** Which messages: all that fit what is given. */
export interface Selection {
  readonly from?: NodeId;
  readonly to?: NodeId;
  readonly type?: Message['type'];
  /** Only the one at this place among those that fit, from 1 on, oldest first; −1 is the newest. */
  readonly nth?: number;
}

/** Enough for any story: more means that messages call forth messages without end. */
const mostDeliveries = 5000;
/** A link that was cut while a node started may wait this long for its connection, and dials again a second later at most. */
const redialMs = longestConnectTimeoutMs + 2000;
/** Virtual time for each thing that happens, so that a trace keeps their order. */
const stepMs = 1;

/** A cluster that a script moves by hand: message by message, timer by timer, write by write. */
export class StepwiseCluster extends FaultyCluster {
  /** Null: the timers of the charts run with the clock. */
  readonly #timers: HeldTimers | null;

  constructor(
    simulation: Simulation,
    transcript: Transcript,
    told: (told: Told) => void,
    timers: HeldTimers | null,
  ) {
    super(simulation, transcript, told);
    this.#timers = timers;
    if (timers !== null) simulation.network.underWay.holds = () => true;
  }

  /** Whether nothing happens but what the script says. Otherwise time passes, and messages travel by themselves unless they are held. */
  get isStepwise(): boolean {
    return this.#timers !== null;
  }

  /** Lets happen what takes no time. */
  async settle(): Promise<void> {
    await this.simulation.run(this.nowMs + (this.isStepwise ? stepMs : 0));
    // Whoever waits for the answer to a request is told by a promise.
    await new Promise((resolve) => setImmediate(resolve));
    await this.simulation.run(this.nowMs);
    this.assertSafe();
  }

  /** Puts onto the disk of a node that was never started what it could have written, and starts it. */
  async startFrom(id: NodeId, given: GivenDisk): Promise<void> {
    const node = this.simulation.nodes[id - 1]!;
    let isGiven = false;
    const giving = node.give(given).then(() => {
      isGiven = true;
    });
    await this.simulation.run(this.nowMs + redialMs, () => isGiven);
    await giving;
    await this.startOne(id);
  }

  /** Starts a node that was never started. */
  async startOne(id: NodeId): Promise<void> {
    this.simulation.nodes[id - 1]!.start();
    await this.settle();
  }

  // The network.

  /** From now on messages that fit wait until they are delivered or dropped, or until `release`. */
  hold(selection: Selection = {}): void {
    const { underWay } = this.simulation.network;
    const { holds } = underWay;
    this.note('network', `holds what is sent${wayText(selection)}`);
    underWay.holds = (message) => holds(message) || fits(message, selection);
  }

  /** Delivers what is held, and holds no more. */
  release(): void {
    const { underWay } = this.simulation.network;
    underWay.holds = () => false;
    this.note('network', 'holds nothing any more');
    for (const flight of underWay.flights) if (flight.arrivesUs === null) underWay.deliver(flight);
  }

  /** The next message that fits, or the `nth` from now on, is lost, arrives twice, or is overtaken. */
  strikeNext(kind: MessageFault['kind'], { nth = 1, ...selection }: Selection): void {
    const { type, ...way } = selection;
    const which = `the next ${type ?? 'message'}${nth === 1 ? '' : ` but ${nth - 1}`}`;
    this.note('network', `will ${fateWords[kind]} ${which} that is sent${wayText(way)}`);
    this.simulation.network.conditions.await({ kind, nth, fits: (message) => fits(message, selection) });
  }

  /** Messages that have not arrived, oldest first. */
  underWay(selection: Selection = {}): readonly Flight[] {
    const { nth, ...rest } = selection;
    const { flights } = this.simulation.network.underWay;
    const found = flights.filter(({ message }) => fits(message, rest));
    if (nth === undefined) return found;
    const flight = found.at(nth < 0 ? nth : nth - 1);
    return flight === undefined ? [] : [flight];
  }

  async deliver(selection: Selection = {}): Promise<void> {
    for (const flight of this.#selected(selection)) await this.#deliver(flight);
  }

  /** Delivers, and keeps: they may arrive once more. */
  async repeat(selection: Selection): Promise<void> {
    for (const flight of this.#selected(selection)) {
      this.simulation.network.underWay.repeat(flight);
      await this.settle();
    }
  }

  async drop(selection: Selection = {}): Promise<void> {
    for (const flight of this.#selected(selection)) this.simulation.network.underWay.drop(flight);
    await this.settle();
  }

  /** Those that are under way now wait until they are delivered or dropped. */
  async catch(selection: Selection = {}): Promise<void> {
    for (const flight of this.#selected(selection)) this.simulation.network.underWay.hold(flight);
    await this.settle();
  }

  /** They say something else than their senders wrote, as those of a node that lies. Throws `StoryUnusable` if nobody would read that. */
  async lie(selection: Selection, lie: (message: Message) => Message): Promise<void> {
    for (const flight of this.#selected(selection)) {
      const { message } = flight;
      const told = lie(message);
      const fault = messageFault(told);
      if (fault !== null) throw new StoryUnusable(`whoever gets such a message refuses it: ${fault}`);
      this.note(
        nodeName(message.from),
        `lies to ${nodeName(message.to)}: instead of ${messageLabel(message)} it sends ${messageLabel(told)}`,
      );
      this.simulation.network.underWay.replace(flight, told);
    }
    await this.settle();
  }

  /** They arrive so much later; what is sent after them overtakes them. */
  async delay(selection: Selection, byMs: number): Promise<void> {
    for (const flight of this.#selected(selection)) {
      this.note('network', `takes ${byMs} ms more for ${messageWords(flight.message)}`);
      this.simulation.network.underWay.delay(flight, byMs * 1000);
    }
    await this.settle();
  }

  /** Delivers until nothing is under way any more, among `ids`; what others say waits. */
  async stabilize(ids: readonly NodeId[] = this.all().map(({ id }) => id)): Promise<void> {
    const next = () =>
      this.underWay().find(({ message: { from, to } }) => ids.includes(from) && ids.includes(to));
    let count = 0;
    for (let flight = next(); flight !== undefined; flight = next()) {
      if (count++ === mostDeliveries) {
        throw new StoryUnusable(
          `it does not come to rest: messages still call forth messages after ${mostDeliveries}; deliver single ones instead`,
        );
      }
      await this.#deliver(flight);
    }
  }

  /** After `heal`: until the nodes have connected again. */
  async reconnect(): Promise<void> {
    if (!this.isStepwise) return;
    const isConnected = () =>
      this.simulation.nodes.every(({ node }) =>
        (node?.status().peers ?? []).every(({ id, link }) => link === 'open' || !this.node(id).isUp),
      );
    await this.simulation.run(this.nowMs + redialMs, isConnected);
    await this.settle();
  }

  // Timers and disks.

  armed(id: NodeId): readonly TimerName[] {
    // Those of a process that has crashed never expire.
    return this.node(id).isUp ? (this.#timers?.armed(id) ?? []) : [];
  }

  /** A timer of the chart expires. What would have expired before it does so first: a lease is no longer than an election timeout. */
  async expire(id: NodeId, timer: TimerName): Promise<void> {
    if (this.#timers === null) {
      throw new StoryUnusable(
        'here timers expire with time: let it pass, or begin the story with "time: held"',
      );
    }
    if (timer === 'electionTimeout' && this.armed(id).includes('leaderLease')) {
      await this.expire(id, 'leaderLease');
    }
    const run = this.#timers.take(id, timer);
    if (run === null) {
      throw new StoryUnusable(
        `the ${timer} of ${nodeName(id)} does not run; running: ${this.armed(id).join(', ') || 'none'}`,
      );
    }
    this.simulation.nodes[id - 1]!.process!.run(run);
    await this.settle();
  }

  /** The leases of the others run out, the node campaigns, and everything is delivered: it must win. */
  async elect(id: NodeId): Promise<void> {
    for (const other of this.others(id)) {
      if (this.armed(other).includes('leaderLease')) await this.expire(other, 'leaderLease');
    }
    await this.expire(id, 'electionTimeout');
    await this.stabilize();
    if (!this.isLeader(id)) {
      throw new StoryFailed(`expected ${nodeName(id)} to be elected; got ${this.node(id).role}`);
    }
  }

  /** From now on what it writes waits for `sync`. */
  holdDisk(id: NodeId): void {
    this.note(nodeName(id), 'writes to its disk only when told to');
    this.simulation.nodes[id - 1]!.disk.isHeld = true;
  }

  /** Its oldest write becomes durable, or all of them and those to come. */
  async sync(id: NodeId, all = false): Promise<void> {
    const { disk } = this.simulation.nodes[id - 1]!;
    if (all) disk.isHeld = false;
    const isDone = disk.finishOldest();
    if (!isDone && !all) throw new StoryUnusable(`no write of ${nodeName(id)} waits for its disk`);
    while (all && disk.finishOldest());
    await this.settle();
  }

  assertSafe(): void {
    const { violation } = this.simulation.checks;
    if (violation !== null) throw new StoryFailed(`violated: ${violation.message}`);
  }

  #selected(selection: Selection): readonly Flight[] {
    const found = this.underWay(selection);
    if (found.length > 0) return found;
    const known = this.underWay()
      .map(({ message }) => messageWords(message))
      .join('; ');
    throw new StoryUnusable(`no such message is under way; under way: ${known || 'none'}`);
  }

  async #deliver(flight: Flight): Promise<void> {
    this.simulation.network.underWay.deliver(flight);
    await this.settle();
  }
}

/** `node1 to node2: RequestVote t1 log 0/t0`. */
export const messageWords = (message: Message): string =>
  `${nodeName(message.from)} to ${nodeName(message.to)}: ${messageLabel(message)}`;

const fateWords = { drop: 'lose', duplicate: 'repeat', delay: 'delay' } as const;

const fits = (message: Message, { from, to, type }: Selection): boolean =>
  (from === undefined || message.from === from) &&
  (to === undefined || message.to === to) &&
  (type === undefined || message.type === type);

const wayText = ({ from, to, type }: Selection): string =>
  [
    from === undefined ? '' : ` by ${nodeName(from)}`,
    to === undefined ? '' : ` to ${nodeName(to)}`,
    type === undefined ? '' : `, if it is ${type}`,
  ].join('');
