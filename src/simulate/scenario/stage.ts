import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { nodeName } from '../../raft/types.ts';
import { commandText } from '../../store/kv/command-text.ts';
import type { TimedEvent } from '../../trace/events.ts';
import { Narrator } from '../../trace/narrator.ts';
import type { ShownLog, Told } from '../../trace/told.ts';
import { Transcript } from '../../trace/transcript.ts';
import type { Replacements } from '../node-parts.ts';
import { calmPlan, type Plan } from '../plan.ts';
import { Simulation } from '../simulation.ts';
import { FaultyCluster } from './faulty-cluster.ts';
import { withScriptedTimeouts } from './scripted-timeouts.ts';
import { type Operation, put, type Request, StoryClient } from './story-client.ts';
import { StoryFailed } from './story-failed.ts';

const noClients = { sessions: 0, operationsPerSecond: 0, keys: 1 };
/** How long a story waits for what must happen: several election timeouts, and what a broken connection takes to be noticed. */
const patienceMs = 5000;
const maxConfigurations = 100_000;

interface Ears {
  delivered(message: Message): void;
}

/** Where a story is played: a simulated cluster, with verbs for the script. Everything that happens is narrated. */
export class Stage extends FaultyCluster {
  readonly #client: StoryClient;
  readonly #timeouts: Map<NodeId, number>;
  readonly #ears: Ears;

  constructor(
    plan: Partial<Plan>,
    seed: number,
    replacements: Replacements,
    print: (line: string) => void,
    onEvent: (event: TimedEvent) => void = () => {},
  ) {
    const timeouts = new Map<NodeId, number>();
    const ears: Ears = { delivered: () => {} };
    const transcript = new Transcript(() => simulation.nowMs, print);
    const narrator = new Narrator(transcript, commandText);
    const machine = withScriptedTimeouts(replacements.machine ?? raftMachine, (node) => timeouts.get(node));
    const simulation = new Simulation(
      { ...calmPlan, clients: noClients, ...plan, seed },
      {
        ...replacements,
        machine,
        onEvent: (event) => {
          narrator.take(event);
          onEvent(event);
          if (event.type === 'delivered') ears.delivered(event.message);
        },
      },
    );
    const told = (words: Told) => onEvent({ type: 'told', told: words, atMs: simulation.nowMs });
    super(simulation, transcript, told);
    this.#timeouts = timeouts;
    this.#ears = ears;
    this.#client = new StoryClient(simulation, transcript, told);
  }

  /** Starts all nodes that were not kept down. */
  start(): void {
    const { nodes, settings } = this.simulation.plan;
    const { electionTimeoutMinMs: min, electionTimeoutMaxMs: max, heartbeatIntervalMs: beat } = settings;
    this.note('', `${nodes} nodes start; election timeouts ${min} to ${max} ms, heartbeats every ${beat} ms`);
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
    this.note('dice', `the next election timeouts: ${words.join(', ')}`);
  }

  /** From their next timer on all nodes draw at random again. */
  drawTimeouts(): void {
    this.#timeouts.clear();
    this.note('dice', 'the next election timeouts are drawn at random');
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
    this.#ears.delivered = (message) => {
      isTaken ||= message.type === type && message.from === from && message.to === to;
    };
    await this.until(`${nodeName(to)} takes the ${type} of ${nodeName(from)}`, () => isTaken);
    this.#ears.delivered = () => {};
  }

  /** A leader that a majority follows. */
  async untilLed(withinMs?: number): Promise<NodeId> {
    const isLed = () => {
      const leader = this.leaders().at(-1);
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
      const leader = this.leaders().at(-1);
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

  // The telling.

  say(text: string): void {
    this.transcript.say(text);
    this.told({ kind: 'act', text });
  }

  /** Plays a part of the story without telling it. */
  async hushed(part: () => Promise<void>): Promise<void> {
    this.transcript.hush();
    this.told({ kind: 'hushed' });
    try {
      await part();
    } finally {
      this.transcript.speak();
      this.told({ kind: 'resumed' });
    }
  }

  /** Shows each log as the terms of its entries, as Figures 7 and 8 do. */
  showLogs(labels: Readonly<Record<NodeId, string>> = {}): void {
    const logs = this.#logs(labels);
    this.told({ kind: 'logs', logs });
    for (const { node, name, isUp, terms, commitIndex } of logs) {
      const cells = terms.map((term, at) => (at + 1 === commitIndex ? `${term}]` : `${term} `));
      const label = name === '' ? '' : ` (${name})`;
      const row = `${' '.repeat(11)}${nodeName(node)}${label.padEnd(9)} ${isUp ? 'up  ' : 'down'}  ${cells.join(' ')}`;
      this.transcript.row(row.trimEnd());
    }
  }

  /** An expectation of the story, told if it holds. */
  expect(what: string, isSo: boolean): void {
    if (!isSo) throw new StoryFailed(`expected: ${what}`);
    this.transcript.tell('✓', what);
    this.told({ kind: 'expectation', text: what });
  }

  /** The end: what clients saw must be linearizable. */
  close(): void {
    this.#assertSafe();
    const found = this.simulation.checkHistory(maxConfigurations);
    if (found !== null) throw new StoryFailed(found.message);
    this.told({ kind: 'logs', logs: this.#logs({}) });
  }

  #logs(names: Readonly<Record<NodeId, string>>): readonly ShownLog[] {
    return this.all().map(({ id, isUp, commitIndex }) => ({
      node: id,
      name: names[id] ?? '',
      isUp,
      terms: this.terms(id),
      commitIndex,
    }));
  }

  #assertSafe(): void {
    const { violation } = this.simulation.checks;
    if (violation !== null) throw new StoryFailed(`violated: ${violation.message}`);
  }
}
