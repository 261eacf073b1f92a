import type { InspectionEvent } from 'xstate';
import { checkHistory } from '../check/check-history.ts';
import { type HistoryEvent, historyOf } from '../check/history.ts';
import { checkModelled, modelled } from '../check/models/built-in.ts';
import type { EventType, ProcessId } from '../check/operation.ts';
import type { RecordedEvent } from '../check/recording.ts';
import { called } from '../check/verdict-text.ts';
import type { Random } from '../ports/random.ts';
import { currentConfiguration, firstConfiguration } from '../raft/configuration.ts';
import type { Message } from '../raft/messages.ts';
import { hasQuorum } from '../raft/quorum.ts';
import type { NodeId } from '../raft/types.ts';
import type { SimulationEvent, TimedEvent } from '../trace/events.ts';
import type { Violation } from '../trace/violation.ts';
import { ChartRecorder, inputOf, summaryOf } from '../verify/chart-recorder.ts';
import { Checks } from '../verify/checks.ts';
import { violation } from '../verify/properties/property.ts';
import type { DurableView } from '../verify/properties/view.ts';
import { Dice } from './dice.ts';
import { SimulatedDisk } from './disk.ts';
import { ExactlyOnce } from './exactly-once.ts';
import { FaultInjector } from './fault-injector.ts';
import { heardDisk, isCommittedDisk } from './heard-disks.ts';
import { kvService } from './kv-service.ts';
import { LastExchanges } from './last-exchanges.ts';
import { Network } from './network.ts';
import { NetworkConditions } from './network-conditions.ts';
import type { NodeObserver, Replacements } from './node-parts.ts';
import { type Asked, type ClientRequest, type Onlooker, SentAtOnce } from './onlooker.ts';
import { firstVotersOf, nodesOf, type Plan, type ScriptedOperation, type ScriptedRequest } from './plan.ts';
import { type RequestFigures, Requests } from './requests.ts';
import type { Recorded, Service } from './service.ts';
import { SimulatedNode } from './simulated-node.ts';
import { type SnapshotFigures, SnapshotsEqual } from './simulated-snapshots.ts';
import { txnService } from './txn-service.ts';
import { VirtualClock } from './virtual-clock.ts';
import { Session, Workload } from './workload.ts';

export interface SimulationOptions extends Replacements {
  /** What is replicated, and what its clients do; by default the key-value store, with the plan's workload. */
  readonly service?: Service<unknown>;
  /** Sees everything that happens; without it a run is several times faster. */
  readonly onEvent?: (event: TimedEvent) => void;
  /** Sees what the plan leaves to its seed. */
  readonly onlooker?: Onlooker;
  /** Receives XState's inspection events from the nodes' actors; only with `onEvent`. */
  readonly inspect?: (node: NodeId, event: InspectionEvent) => void;
}

/**
 * A cluster of real nodes on simulated ports, in one process. Nothing in it reads the clock, the randomness or a disk of this machine:
 * docs/simulator.md lists every source of nondeterminism and how it is closed.
 */
export class Simulation {
  readonly plan: Plan;
  readonly checks: Checks;
  readonly clock = new VirtualClock();
  readonly network: Network;
  readonly nodes: readonly SimulatedNode[];
  readonly faults: FaultInjector;
  readonly history: HistoryEvent[] = [];
  /** What the service's model judges. */
  readonly recording: RecordedEvent[] = [];
  readonly lastExchanges = new LastExchanges();
  readonly #workload: Workload;
  readonly #requests: Requests;
  readonly #operator: Session;
  readonly #service: Service<unknown>;
  readonly #snapshotsEqual: SnapshotsEqual;
  /** Called after each virtual event, with all that follows from it at once. */
  onStep: (() => void) | null = null;
  readonly #emit: ((event: SimulationEvent) => void) | null;
  #eventCount = 0;
  /** Promises that somebody waits for, other than those of disks. */
  #awaited = 0;
  #operations = 0;
  #acknowledged = 0;
  #repeated = 0;

  constructor(plan: Plan, options: SimulationOptions = {}) {
    const { clock } = this;
    const { onEvent, onlooker } = options;
    const { service = plan.clients.workload === 'txn' ? txnService : kvService } = options;
    const nodes = nodesOf(plan);
    const firstVoters = firstVotersOf(plan);
    this.plan = plan;
    this.#service = service;
    this.checks = new Checks(nodes, firstVoters);
    this.#emit = onEvent === undefined ? null : (event) => onEvent({ atMs: clock.nowUs / 1000, ...event });
    const emit = this.#emit;
    const recorder = emit === null ? null : new ChartRecorder(emit);
    const fromOtherDisks = new WeakMap<Message, string | null>();
    const alike = new SentAtOnce();
    const conditions = new NetworkConditions(
      plan.network,
      plan.messageFaults,
      new Dice(plan.seed, 'network'),
      (kind, { from, to, type }) => {
        onlooker?.struck({ atUs: clock.nowUs, kind, from, to, type, nth: alike.count });
      },
    );
    this.network = new Network(clock, conditions, {
      sent: (message) => {
        if (message.type === 'InstallSnapshot') this.#snapshotsEqual.figures.chunks++;
        this.lastExchanges.sent(message);
        if (onlooker !== undefined) alike.add(message, clock.nowUs);
        if (this.#isOnOtherDisk(message.from))
          fromOtherDisks.set(message, this.nodes[message.from - 1]!.logId);
        else this.checks.note({ type: 'sent', node: message.from, message });
      },
      delivered: (message) => {
        const found =
          fromOtherDisks.has(message) && !this.#isOnOtherDisk(message.to)
            ? heardDisk(this.checks.view, message, fromOtherDisks.get(message) ?? null)
            : null;
        if (found !== null) this.checks.report(found);
        this.lastExchanges.delivered(message, this.nowMs);
        emit?.({ type: 'delivered', message });
      },
      lost: (message) => recorder?.did(message.from, { type: 'lost', message }),
    });
    this.#snapshotsEqual = new SnapshotsEqual((found) => this.checks.report(found));
    const observer = this.#nodeObserver(recorder, options.inspect);
    const once =
      service.results === undefined
        ? null
        : new ExactlyOnce(service.results, options.sessions, (found) => this.checks.report(found));
    this.nodes = nodes.map((id) => {
      const draws = new Dice(plan.seed, 'node');
      const sync = new Dice(plan.seed, 'sync').stream(id);
      const { minSyncMs, maxSyncMs } = plan.disk;
      const syncUs = () => (minSyncMs + sync.fraction() * (maxSyncMs - minSyncMs)) * 1000;
      return new SimulatedNode({
        id,
        nodes,
        firstVoters,
        clock,
        disk: new SimulatedDisk(clock, new Dice(plan.seed, 'disk').stream(id), syncUs),
        network: this.network,
        checks: this.checks,
        settings: plan.settings,
        snapshots: plan.snapshots,
        snapshotsEqual: this.#snapshotsEqual,
        stateMachine: () => service.stateMachine(id),
        around: (stateMachine) => once?.around(id, stateMachine) ?? stateMachine,
        random: (incarnation): Random => {
          const stream = draws.stream(id, incarnation);
          return { uint32: () => stream.uint32() };
        },
        replacements: options,
        observer,
      });
    });
    const keepsCopies = plan.faults.some(({ kind }) => kind === 'olderDisk');
    for (const { disk } of this.nodes) disk.keepsCopies = keepsCopies;
    const canSpare = (ids: readonly NodeId[], of?: readonly NodeId[]) => this.#canSpare(ids, of);
    this.faults = new FaultInjector(clock, this.network, this.nodes, canSpare, (type, fault) =>
      emit?.({ type, fault }),
    );
    const record = (type: EventType, event: HistoryEvent | null) => {
      if (type === 'invoke') this.#operations++;
      if (type === 'ok') this.#acknowledged++;
      this.#tell(event);
    };
    const parts = {
      clock,
      nodes: this.nodes,
      checks: this.checks,
      service,
      record,
      recordFor: (process: ProcessId, type: EventType, data: Recorded): void => {
        this.recording.push({ process, type, data, position: this.recording.length + 1 });
      },
      repeated: () => this.#repeated++,
      asked: (node: NodeId, request: ClientRequest): Asked => {
        const asked = { atUs: clock.nowUs, node, request, isRefused: false };
        onlooker?.asked(asked);
        return asked;
      },
    };
    this.#workload = new Workload({ ...parts, plan: plan.clients, dice: new Dice(plan.seed, 'client') });
    const requests = plan.requests ?? { readsPerSecond: 0, transfersPerSecond: 0 };
    this.#requests = new Requests({
      ...parts,
      plan: requests,
      keys: plan.clients.keys,
      dice: new Dice(plan.seed, 'requests'),
      record: (_, event) => this.#tell(event),
    });
    const operator = { sessions: 1, operationsPerSecond: 0, keys: 1 };
    const dice = new Dice(plan.seed, 'operator');
    this.#operator = new Session({ ...parts, plan: operator, dice, began: () => {} }, 0);
  }

  /** What became of reads without an entry in the log, and of requests to hand over. */
  get requests(): RequestFigures {
    return this.#requests.figures;
  }

  /** What was done with snapshots. */
  get snapshots(): SnapshotFigures {
    return this.#snapshotsEqual.figures;
  }

  get nowMs(): number {
    return this.clock.nowUs / 1000;
  }

  /** Virtual events so far. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Operations that were begun, those of them that were acknowledged, and those that were answered by an attempt other than the one applied. */
  get operations(): { readonly begun: number; readonly acknowledged: number; readonly repeated: number } {
    return { begun: this.#operations, acknowledged: this.#acknowledged, repeated: this.#repeated };
  }

  /** Every operation that sessions began, as a script that repeats them. */
  get script(): readonly ScriptedOperation[] {
    return this.#workload.script;
  }

  /** Every other request of clients, likewise. */
  get requestScript(): readonly ScriptedRequest[] {
    return this.#requests.script;
  }

  /** Starts all nodes, and schedules the plan's faults and clients. */
  start(): void {
    for (const [at, rate] of (this.plan.clockRates ?? []).entries()) this.nodes[at]!.setClockRate(rate);
    for (const node of this.nodes) node.start();
    this.#requests.start();
    for (const fault of this.plan.faults) this.faults.schedule(fault);
    this.#workload.start();
  }

  stopClients(): void {
    this.#workload.stop();
    this.#requests.stop();
  }

  /** Ends every fault and starts every node. */
  heal(): void {
    this.faults.endAll();
    this.network.conditions.calm();
    for (const node of this.nodes) node.start();
    const { faults, requests } = this.plan;
    const isReplacing =
      faults.some(({ kind }) => kind === 'lostDisk') && (requests?.changesPerSecond ?? 0) > 0;
    if (isReplacing) this.#requests.completeReplacements();
    this.#emit?.({ type: 'healed' });
  }

  #tell(event: HistoryEvent | null): void {
    if (event === null) return;
    this.history.push(event);
    this.#emit?.({ type: 'client', event });
  }

  /** One client does the service's probe; `done` is told whether that was acknowledged. */
  probe(done: (isAcknowledged: boolean) => void): void {
    this.#operator.invoke(this.#service.probe(), done);
  }

  /**
   * Lets time pass until `isDone`, a violation, or `untilMs`. Returns whether `isDone`. The loop is synchronous but for
   * what a disk has promised: then everything that waits for a promise runs before the next event.
   */
  async run(untilMs: number, isDone: () => boolean = () => false): Promise<boolean> {
    const { clock, checks, nodes } = this;
    const limitUs = Math.round(untilMs * 1000);
    let isStep = false;
    let isAsked = this.#awaited > 0;
    for (;;) {
      let isPromised = isAsked;
      isAsked = false;
      for (const { disk } of nodes) {
        isPromised ||= disk.hasPromises;
        disk.hasPromises = false;
      }
      if (isPromised) {
        await microtasksDone();
        continue;
      }
      if (isStep) this.onStep?.();
      isStep = false;
      if (checks.violation !== null) return false;
      if (isDone()) return true;
      if (!clock.runNext(limitUs)) return false;
      this.#eventCount++;
      isStep = true;
      isAsked = this.#awaited > 0;
    }
  }

  /** As long as this is not settled, whoever waits for it hears of it before the next event, however a run is cut into parts. */
  awaiting<Value>(promise: Promise<Value>): Promise<Value> {
    this.#awaited++;
    return promise.finally(() => {
      this.#awaited--;
    });
  }

  /** Whether the clients' history is linearizable; null if it is. */
  checkHistory(maxConfigurations: number): Violation | null {
    return this.#checkSingleKeys(maxConfigurations) ?? this.#checkRecording(maxConfigurations);
  }

  #checkRecording(maxConfigurations: number): Violation | null {
    const { recording: events } = this;
    const { model } = this.#service;
    if (model === undefined || events.length === 0) return null;
    const verdict = checkModelled(modelled({ events, places: { noun: 'event' } }, model), {
      maxConfigurations,
    });
    if (verdict.result !== 'notLinearizable') return null;
    const [{ key, operation }] = verdict.violations;
    const { process, invokedAt, completedAt } = operation;
    return violation(
      'Linearizability',
      `some order of all operations on ${key} explains what their clients saw before`,
      `none explains that client ${process} completed ${called(operation)} (history events ${invokedAt} to ${completedAt})`,
    );
  }

  #checkSingleKeys(maxConfigurations: number): Violation | null {
    const verdict = checkHistory(historyOf(this.history), { maxConfigurations });
    if (verdict.result !== 'notLinearizable') return null;
    const [{ key, operation, possibleValues }] = verdict.violations;
    const { f, process, value, existed, invokedAt, completedAt } = operation;
    const found = existed === null ? JSON.stringify(value) : existed ? 'a value' : 'nothing';
    return violation(
      'Linearizability',
      `by all other operations ${key} can only have held ${JSON.stringify(possibleValues?.values)}`,
      `client ${process} completed ${f} with ${found} (history events ${invokedAt} to ${completedAt})`,
    );
  }

  #canSpare(ids: readonly NodeId[], of?: readonly NodeId[]): boolean {
    const others = this.nodes.map(({ id }) => id).filter((id) => !ids.includes(id));
    if (of !== undefined) return hasQuorum(firstConfiguration(of), others);
    return this.checks.view.nodes.every(
      ({ configurations }) =>
        configurations.length === 0 || hasQuorum(currentConfiguration(configurations), others),
    );
  }

  #isOnOtherDisk(id: NodeId): boolean {
    return this.nodes[id - 1]!.isOnOtherDisk;
  }

  #nodeObserver(recorder: ChartRecorder | null, inspect: SimulationOptions['inspect']): NodeObserver {
    const { checks } = this;
    const emit = this.#emit;
    const at = (id: NodeId) => this.nodes[id - 1]!;
    return {
      started: (node, snapshot) => {
        checks.take({ type: 'started', node }, at(node).view(snapshot));
        recorder?.started(node, snapshot);
        emit?.({ type: 'started', node, state: summaryOf(snapshot), found: inputOf(snapshot.context) });
      },
      stepped: (node, snapshot) => {
        recorder?.stepped(node, snapshot);
        checks.take({ type: 'stepped', node }, at(node).view(snapshot));
        for (const each of this.nodes) {
          if (!each.isOnOtherDisk || !isCommittedDisk(checks.nodeOf(node), each)) continue;
          const adopted = each.adoptDisk();
          checks.take({ type: 'replaced', node: each.id }, each.view(adopted));
          if (adopted === null) continue;
          recorder?.started(each.id, adopted);
          emit?.({ type: 'started', node: each.id, state: summaryOf(adopted) });
        }
      },
      sent: (message) => recorder?.did(message.from, { type: 'sent', message }),
      lost: (message) => recorder?.did(message.from, { type: 'lost', message }),
      synced: (node, writes) => {
        checks.take({ type: 'synced', node }, at(node).viewAfterSync(checks.nodeOf(node)));
        emit?.(syncedEvent(node, writes, checks.nodeOf(node).durable));
      },
      applied: (node, index, term) => emit?.({ type: 'applied', node, index, term }),
      crashed: (node) => {
        checks.take({ type: 'crashed', node }, at(node).view(null));
        recorder?.ended(node);
        emit?.({ type: 'crashed', node });
      },
      stopped: (node, reason) => emit?.({ type: 'stopped', node, reason }),
      refused: (node, reason) => emit?.({ type: 'refused', node, reason }),
      ...(recorder === null
        ? {}
        : {
            inspect: (node, event) => {
              recorder.inspect(node, event);
              inspect?.(node, event);
            },
          }),
    };
  }
}

const syncedEvent = (node: NodeId, writes: number, durable: DurableView): SimulationEvent => {
  const { currentTerm: term, votedFor, log } = durable;
  return { type: 'synced', node, writes, term, votedFor, lastIndex: log.lastIndex };
};

/** A macrotask runs once no microtask is left. */
const microtasksDone = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
