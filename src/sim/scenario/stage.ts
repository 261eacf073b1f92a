import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { nodeName } from '../../node/roles.ts';
import type { NodeView } from '../../properties/view.ts';
import { termAt } from '../../raft/log-shape.ts';
import type { Message } from '../../raft/messages.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { Replacements } from '../node-parts.ts';
import { calmPlan, type Fault, type Plan } from '../plan.ts';
import { Simulation } from '../simulation.ts';
import { Narrator } from './narrator.ts';
import { withScriptedTimeouts } from './scripted-timeouts.ts';
import { StoryFailed } from './story.ts';
import { type Operation, put, type Request, StoryClient } from './story-client.ts';
import { Transcript } from './transcript.ts';

const noClients = { sessions: 0, operationsPerSecond: 0, keys: 1 };
/** How long a story waits for what must happen: several election timeouts, and what a broken connection takes to be noticed. */
const patienceMs = 5000;
const maxConfigurations = 100_000;

/** Where a story is played: a simulated cluster, with verbs for the script and a look at the nodes. Every change is told. */
export class Stage {
  readonly simulation: Simulation;
  readonly #transcript: Transcript;
  readonly #client: StoryClient;
  readonly #timeouts = new Map<NodeId, number>();
  /** Ends what the network's present shape cuts. */
  #unblock: () => void = () => {};
  #delivered: (message: Message) => void = () => {};
  readonly #crashes = new Map<NodeId, Fault>();
  readonly #slow = new Map<string, Fault>();

  constructor(plan: Partial<Plan>, seed: number, replacements: Replacements, print: (line: string) => void) {
    const machine = withScriptedTimeouts(replacements.machine ?? raftMachine, (node) =>
      this.#timeouts.get(node),
    );
    this.#transcript = new Transcript(() => this.nowMs, print);
    const narrator = new Narrator(this.#transcript);
    this.simulation = new Simulation(
      { ...calmPlan, clients: noClients, ...plan, seed },
      {
        ...replacements,
        machine,
        onEvent: (event) => {
          narrator.take(event);
          if (event.type === 'delivered') this.#delivered(event.message);
        },
      },
    );
    this.#client = new StoryClient(this.simulation, this.#transcript);
  }

  get nowMs(): number {
    return this.simulation.nowMs;
  }

  // The script: what is done to the cluster.

  /** Starts all nodes that were not kept down. */
  start(): void {
    const { nodes, settings } = this.simulation.plan;
    const { electionTimeoutMinMs: min, electionTimeoutMaxMs: max, heartbeatIntervalMs: beat } = settings;
    this.#transcript.tell(
      '',
      `${nodes} nodes start; election timeouts ${min} to ${max} ms, heartbeats every ${beat} ms`,
    );
    this.simulation.start();
  }

  /** From their next timer on these nodes draw these timeouts, which must be ones that they could have drawn. */
  timeouts(timeoutsMs: Readonly<Record<NodeId, number>>): void {
    const { electionTimeoutMinMs: min, electionTimeoutMaxMs: max } = this.simulation.plan.settings;
    const words = Object.entries(timeoutsMs).map(([id, ms]) => {
      if (ms < min || ms > max)
        throw new RangeError(`an election timeout lies in ${min} to ${max} ms, not at ${ms}`);
      this.#timeouts.set(Number(id), ms);
      return `${nodeName(Number(id))} ${ms} ms`;
    });
    this.#transcript.tell('dice', `the next election timeouts: ${words.join(', ')}`);
  }

  /** From their next timer on all nodes draw at random again. */
  drawTimeouts(): void {
    this.#timeouts.clear();
    this.#transcript.tell('dice', 'the next election timeouts are drawn at random');
  }

  /** Nothing passes between nodes of different groups, until another shape is given to the network. */
  partition(...groups: readonly (readonly NodeId[])[]): void {
    const groupOf = (id: NodeId) => groups.findIndex((group) => group.includes(id));
    this.#transcript.tell('network', `is cut: ${groups.map(named).join(' | ')}`);
    this.#block((from, to) => groupOf(from) !== groupOf(to));
  }

  /** Only `center` reaches others, and those alone are `leaves`: of more than three nodes nobody else can win an election. */
  star(center: NodeId, leaves: readonly NodeId[]): void {
    this.#transcript.tell('network', `is cut: ${nodeName(center)} reaches ${reach(leaves)}`);
    const isLink = (a: NodeId, b: NodeId) => a === center && leaves.includes(b);
    this.#block((from, to) => !isLink(from, to) && !isLink(to, from));
  }

  /** What `from` sends to anybody is lost; it still hears the others. */
  mute(from: NodeId): void {
    this.#transcript.tell('network', `loses all that ${nodeName(from)} sends`);
    this.#block((sender) => sender === from);
  }

  /** Everybody reaches everybody. */
  heal(): void {
    this.#transcript.tell('network', 'is whole again');
    this.#block(() => false);
  }

  /** Messages from one node to another take longer by `addMs`; 0: no longer. */
  slowLink(from: NodeId, to: NodeId, addMs: number): void {
    const link = `${nodeName(from)} to ${nodeName(to)}`;
    this.#transcript.tell(
      'network',
      addMs > 0 ? `takes ${addMs} ms more from ${link}` : `is as fast as ever from ${link}`,
    );
    this.#slowDown(link, { ...this.#untilEnded(), kind: 'slowLink', from, to, addMs });
  }

  /** A sync takes longer by `addMs`; 0: no longer. */
  slowDisk(node: NodeId, addMs: number): void {
    this.#transcript.tell(
      nodeName(node),
      addMs > 0 ? `has a disk that takes ${addMs} ms more` : 'has its fast disk again',
    );
    this.#slowDown(nodeName(node), { ...this.#untilEnded(), kind: 'slowDisk', node, addMs });
  }

  /** Nodes lose power at once; what was not synced may be lost. */
  crash(...nodes: readonly NodeId[]): void {
    for (const node of nodes) {
      const fault: Fault = { ...this.#untilEnded(), kind: 'crash', nodes: [node], effects: 0 };
      this.#crashes.set(node, fault);
      this.#begin(fault);
    }
  }

  restart(...nodes: readonly NodeId[]): void {
    for (const node of nodes) {
      const fault = this.#crashes.get(node);
      this.#crashes.delete(node);
      if (fault !== undefined) this.simulation.faults.end(fault);
    }
  }

  /** A client asks `to`, and does not wait. */
  ask(operation: Operation, to: NodeId): Request {
    return this.#client.send(operation, to);
  }

  /** A client asks the leader and waits until it is told that the operation is applied. */
  async done(operation: Operation, to: NodeId = this.leader().id): Promise<Request> {
    const request = this.ask(operation, to);
    await this.until(`"${operation.text}" is acknowledged`, () => request.outcome?.type === 'applied');
    return request;
  }

  /** A client writes, and has its acknowledgement. */
  async write(key: string, value: string): Promise<Request> {
    return this.done(put(key, value));
  }

  // Time.

  /** Lets time pass until `isSo`. It must come to pass `withinMs`. */
  async until(what: string, isSo: () => boolean, withinMs: number = patienceMs): Promise<void> {
    const isDone = await this.simulation.run(this.nowMs + withinMs, isSo);
    this.#assertSafe();
    if (!isDone) throw new StoryFailed(`expected within ${withinMs} ms: ${what}`);
  }

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    await this.simulation.run(this.nowMs + ms);
    this.#assertSafe();
  }

  /** Until `to` has taken a message of this type from `from`. */
  async untilTaken(type: Message['type'], from: NodeId, to: NodeId): Promise<void> {
    let isTaken = false;
    this.#delivered = (message) => {
      isTaken ||= message.type === type && message.from === from && message.to === to;
    };
    await this.until(`${nodeName(to)} takes the ${type} of ${nodeName(from)}`, () => isTaken);
    this.#delivered = () => {};
  }

  /** A leader that a majority follows. */
  async untilLed(withinMs?: number): Promise<NodeId> {
    const isLed = () => {
      const leader = this.#leaders().at(-1);
      if (leader === undefined) return false;
      const followers = this.all().filter(
        ({ isUp, currentTerm }) => isUp && currentTerm === leader.currentTerm,
      );
      return followers.length * 2 > this.all().length && leader.commitIndex === leader.log.lastIndex;
    };
    await this.until('a leader whose term has begun for a majority', isLed, withinMs);
    return this.leader().id;
  }

  /** All nodes run and hold the same, applied. */
  async untilEqual(): Promise<void> {
    await this.until('all nodes hold and have applied the same log', () => {
      const leader = this.#leaders().at(-1);
      return (
        leader !== undefined &&
        this.all().every(
          (node) =>
            node.isUp &&
            node.lastApplied === leader.log.lastIndex &&
            this.hasLog(node.id, this.terms(leader.id)),
        )
      );
    });
  }

  // A look at the nodes.

  all(): readonly NodeView[] {
    return this.simulation.checks.view.nodes;
  }

  node(id: NodeId): NodeView {
    return this.simulation.checks.nodeOf(id);
  }

  /** Whoever leads the latest term. */
  leader(): NodeView {
    const leader = this.#leaders().at(-1);
    if (leader === undefined) throw new StoryFailed('expected: a leader; there is none');
    return leader;
  }

  isLeader(id: NodeId): boolean {
    const { isUp, role } = this.node(id);
    return isUp && role === 'leader';
  }

  followers(): readonly NodeId[] {
    return this.#others(this.leader().id);
  }

  /** The term of each entry of a log, from index 1 on. */
  terms(id: NodeId): readonly Term[] {
    const { log } = this.node(id);
    return Array.from({ length: log.lastIndex }, (_, at) => termAt(log, at + 1));
  }

  hasLog(id: NodeId, terms: readonly Term[]): boolean {
    return this.terms(id).join(' ') === terms.join(' ');
  }

  /** Whether a disk holds an entry of `term` at `index`. */
  isDurable(id: NodeId, index: LogIndex, term: Term): boolean {
    return termAt(this.node(id).durable.log, index) === term;
  }

  // The telling.

  say(text: string): void {
    this.#transcript.say(text);
  }

  /** Plays a part of the story without telling it. */
  async hushed(part: () => Promise<void>): Promise<void> {
    this.#transcript.hush();
    try {
      await part();
    } finally {
      this.#transcript.speak();
    }
  }

  /** Shows each log as the terms of its entries, as Figures 7 and 8 do. */
  showLogs(labels: Readonly<Record<NodeId, string>> = {}): void {
    for (const { id, commitIndex, isUp } of this.all()) {
      const cells = this.terms(id).map((term, at) => (at + 1 === commitIndex ? `${term}]` : `${term} `));
      const label = labels[id] === undefined ? '' : ` (${labels[id]})`;
      const row = `${' '.repeat(11)}${nodeName(id)}${label.padEnd(9)} ${isUp ? 'up  ' : 'down'}  ${cells.join(' ')}`;
      this.#transcript.row(row.trimEnd());
    }
  }

  /** An expectation of the story, told if it holds. */
  expect(what: string, isSo: boolean): void {
    if (!isSo) throw new StoryFailed(`expected: ${what}`);
    this.#transcript.tell('✓', what);
  }

  /** The end: what clients saw must be linearizable. */
  close(): void {
    this.#assertSafe();
    const found = this.simulation.checkHistory(maxConfigurations);
    if (found !== null) throw new StoryFailed(found.message);
  }

  #leaders(): readonly NodeView[] {
    return this.all()
      .filter(({ id }) => this.isLeader(id))
      .sort((a, b) => a.currentTerm - b.currentTerm);
  }

  #others(id: NodeId): readonly NodeId[] {
    return this.all()
      .map((node) => node.id)
      .filter((other) => other !== id);
  }

  #assertSafe(): void {
    const { violation } = this.simulation.checks;
    if (violation !== null) throw new StoryFailed(`violated: ${violation.message}`);
  }

  #untilEnded() {
    return { fromMs: this.nowMs, toMs: Number.POSITIVE_INFINITY };
  }

  #begin(fault: Fault): void {
    this.simulation.faults.begin(fault);
  }

  #block(isBlocked: (from: NodeId, to: NodeId) => boolean): void {
    this.#unblock();
    const { conditions } = this.simulation.network;
    const paths = this.all().flatMap(({ id: from }) =>
      this.#others(from).flatMap((to) => (isBlocked(from, to) ? [conditions.path(from, to)] : [])),
    );
    for (const path of paths) path.blocks++;
    this.#unblock = () => {
      for (const path of paths) path.blocks--;
    };
  }

  #slowDown(what: string, fault: Extract<Fault, { addMs: number }>): void {
    const before = this.#slow.get(what);
    if (before !== undefined) this.simulation.faults.end(before);
    this.#slow.set(what, fault);
    this.#begin(fault);
  }
}

const named = (group: readonly NodeId[]): string => group.map(nodeName).join(' ');

const reach = (leaves: readonly NodeId[]): string => {
  if (leaves.length === 0) return 'nobody';
  return leaves.length === 1 ? `only ${named(leaves)}` : `only ${named(leaves)}, and they reach only it`;
};
