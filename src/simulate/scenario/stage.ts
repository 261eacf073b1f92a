import type { InspectionEvent } from 'xstate';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { maxChunkBytes } from '../../ports/snapshot-store.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { nodeName } from '../../raft/types.ts';
import { commandText } from '../../store/kv/command-text.ts';
import type { TimedEvent } from '../../trace/events.ts';
import { Narrator } from '../../trace/narrator.ts';
import type { ShownLog, Told } from '../../trace/told.ts';
import { Transcript } from '../../trace/transcript.ts';
import type { Violation } from '../../trace/violation.ts';
import { drivenTimes, withDrivenTimes } from '../../verify/driven/driven-clock.ts';
import { chartWithout, type Dispensable } from '../../verify/paths/chart-without.ts';
import type { BrokenRule } from '../broken/broken-rules.ts';
import type { Replacements } from '../node-parts.ts';
import { calmPlan, type Plan, type SnapshotPlan } from '../plan.ts';
import { Simulation } from '../simulation.ts';
import { HeldTimers } from './held-timers.ts';
import { withScriptedTimeouts } from './scripted-timeouts.ts';
import { StepwiseCluster } from './stepwise-cluster.ts';
import { type Operation, put, type Request, StoryClient } from './story-client.ts';
import { StoryFailed } from './story-failed.ts';

const noClients = { sessions: 0, operationsPerSecond: 0, keys: 1 };
/** How long a story waits for what must happen: several election timeouts, and what a broken connection takes to be noticed. */
const patienceMs = 5000;
const maxConfigurations = 100_000;

/** How a story is staged. */
export interface Staging {
  /** In place of a calm cluster of three nodes without clients. */
  readonly plan?: Partial<Plan>;
  /** Nothing happens but what the script says: messages, the timers of the charts and slow disks wait for it. */
  readonly isStepwise?: boolean;
  /** What the chart does without. */
  readonly without?: readonly Dispensable[];
  /** What is broken on purpose. */
  readonly broken?: BrokenRule;
}

export interface StageParts {
  readonly seed: number;
  readonly replacements: Replacements;
  readonly print: (line: string) => void;
  readonly onEvent?: (event: TimedEvent) => void;
  /** Receives XState's inspection events from the nodes' actors. */
  readonly inspect?: (node: NodeId, event: InspectionEvent) => void;
  /** By default they count. */
  readonly ignoresTranscripts?: boolean;
}

/** Snapshots are taken when the story says so. */
export const onRequest: SnapshotPlan = {
  entries: Number.POSITIVE_INFINITY,
  trailingEntries: 0,
  chunkBytes: maxChunkBytes,
};

/** Each timer has a length of its own, by which it is known. */
export const stepwiseSettings: Plan['settings'] = drivenTimes;

/** Nothing takes any time. */
const stepwisePlan: Partial<Plan> = {
  network: { ...calmPlan.network, minDelayMs: 0, maxDelayMs: 0 },
  disk: { minSyncMs: 0, maxSyncMs: 0 },
  snapshots: onRequest,
  settings: stepwiseSettings,
};

/** Where a story is played: a simulated cluster, with verbs for the script. Everything that happens is narrated. */
export class Stage extends StepwiseCluster {
  readonly client: StoryClient;
  /** What is broken on purpose. */
  readonly broken: BrokenRule | null;
  /** Whether a story that is told another way than its text says is as good. */
  readonly ignoresTranscripts: boolean;
  readonly #timeouts: Map<NodeId, number>;
  readonly #listeners: Set<(event: TimedEvent) => void>;
  #notLinearizable: Violation | null = null;

  constructor(
    { plan, isStepwise = false, without = [], broken }: Staging,
    { seed, replacements: replaced, print, onEvent, inspect, ignoresTranscripts = false }: StageParts,
  ) {
    const replacements = { ...broken?.replacements, ...replaced };
    const timeouts = new Map<NodeId, number>();
    const listeners = new Set<(event: TimedEvent) => void>();
    const timers = isStepwise ? new HeldTimers() : null;
    const transcript = new Transcript(isStepwise ? null : () => simulation.nowMs, print);
    const narrator = new Narrator(transcript, commandText, { tellsMessages: isStepwise });
    const chart = chartWithout(without, replacements.machine ?? raftMachine);
    const machine =
      timers === null ? withScriptedTimeouts(chart, (node) => timeouts.get(node)) : withDrivenTimes(chart);
    const simulation = new Simulation(
      { ...calmPlan, clients: noClients, ...(isStepwise ? stepwisePlan : {}), ...plan, seed },
      {
        ...replacements,
        ...(timers === null ? {} : { clock: (clock, node) => timers.around(clock, node) }),
        machine,
        ...(inspect === undefined ? {} : { inspect }),
        onEvent: (event) => {
          narrator.take(event);
          onEvent?.(event);
          for (const listener of listeners) listener(event);
        },
      },
    );
    const told = (words: Told) => onEvent?.({ type: 'told', told: words, atMs: simulation.nowMs });
    super(simulation, transcript, told, timers);
    this.broken = broken ?? null;
    this.ignoresTranscripts = ignoresTranscripts;
    this.#timeouts = timeouts;
    this.#listeners = listeners;
    this.client = new StoryClient(simulation, transcript, told);
  }

  /** Calls `listener` with everything that happens from now on; returns a function that ends that. */
  listen(listener: (event: TimedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts all nodes that were not kept down. */
  start(): void {
    const { nodes, settings } = this.simulation.plan;
    if (this.isStepwise) {
      this.note('', nodes === 1 ? 'the node starts' : `${nodes} nodes start`);
      this.simulation.start();
      return;
    }
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
    return this.client.send(operation, to);
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
  async until(
    what: string,
    isSo: () => boolean,
    withinMs: number = patienceMs,
    got?: () => string,
  ): Promise<void> {
    const isDone = await this.simulation.run(this.nowMs + withinMs, isSo);
    this.assertSafe();
    if (isDone) return;
    const instead = got === undefined ? '' : `; got ${got()}`;
    throw new StoryFailed(`expected within ${withinMs} ms: ${what}${instead}`);
  }

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    await this.simulation.run(this.nowMs + ms);
    this.assertSafe();
  }

  /** Lets so many virtual events happen, and no more of those at the same time. */
  async step(events: number): Promise<void> {
    const { simulation } = this;
    const last = simulation.eventCount + events;
    await simulation.run(this.nowMs + patienceMs, () => simulation.eventCount >= last);
    this.assertSafe();
  }

  /** Until `to` has taken a message of this type from `from`. */
  async untilTaken(type: Message['type'], from: NodeId, to: NodeId): Promise<void> {
    let isTaken = false;
    const deafen = this.listen((event) => {
      if (event.type !== 'delivered') return;
      const { message } = event;
      isTaken ||= message.type === type && message.from === from && message.to === to;
    });
    await this.until(`${nodeName(to)} takes the ${type} of ${nodeName(from)}`, () => isTaken);
    deafen();
  }

  /** A leader that a majority follows. */
  async untilLed(withinMs?: number): Promise<NodeId> {
    await this.until('a leader whose term has begun for a majority', () => this.isLed(), withinMs);
    return this.leader().id;
  }

  /** All nodes run and hold the same, applied. */
  async untilEqual(): Promise<void> {
    await this.until('all nodes hold and have applied the same log', () => this.areEqual());
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

  /** Shows each log as the terms of its entries, as Figures 7 and 8 do. What a snapshot stands for is `·`. */
  showLogs(labels: Readonly<Record<NodeId, string>> = {}): void {
    const logs = this.#logs(labels);
    this.told({ kind: 'logs', logs });
    for (const { node, name, isUp, terms, commitIndex } of logs) {
      const cells = terms.map((term, at) => {
        const cell = term === 0 ? '·' : `${term}`;
        return at + 1 === commitIndex ? `${cell}]` : `${cell} `;
      });
      const label = name === '' ? '' : ` (${name})`;
      const row = `${nodeName(node)}${label.padEnd(9)} ${isUp ? 'up  ' : 'down'}  ${cells.join(' ')}`;
      this.transcript.row(row.trimEnd());
    }
  }

  /** A trace must not be taken for one of Raft, if it is of something else. */
  admitBroken(): void {
    if (this.broken !== null) this.told({ kind: 'act', text: `Broken on purpose: ${this.broken.wrong}` });
  }

  /** Shows rows of a table. */
  show(rows: readonly string[]): void {
    for (const row of rows) this.transcript.row(row);
  }

  /** An expectation of the story, told if it holds. `got`: what is so instead. */
  expect(what: string, isSo: boolean, got?: string): void {
    if (!isSo)
      throw new StoryFailed(got === undefined ? `expected: ${what}` : `expected ${what}; got ${got}`);
    this.transcript.tell('✓', what);
    this.told({ kind: 'expectation', text: what });
  }

  /** The lines that are told while `part` is played. */
  async transcribed(part: () => Promise<void>): Promise<readonly string[]> {
    const lines: string[] = [];
    this.transcript.copyTo(lines);
    try {
      await part();
      return lines;
    } finally {
      this.transcript.copyTo(null);
    }
  }

  /** The end: what clients saw must be linearizable. */
  close(): void {
    this.assertSafe();
    this.#notLinearizable = this.simulation.checkHistory(maxConfigurations);
    if (this.#notLinearizable !== null) throw new StoryFailed(this.#notLinearizable.message);
    this.told({ kind: 'logs', logs: this.#logs({}) });
  }

  /** The property that was found not to hold; null: none. */
  get violation(): Violation | null {
    return this.simulation.checks.violation ?? this.#notLinearizable;
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
}
