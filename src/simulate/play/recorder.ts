import type { AnyActorRef, InspectionEvent } from 'xstate';
import { emptyLog } from '../../raft/log-shape.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { stateNameOf } from '../../statechart/read/state-name.ts';
import { delayOfTimer, type RunningTimer, runningTimers } from '../../statechart/read/xstate-internals.ts';
import type { TimedEvent } from '../../trace/events.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { Simulation } from '../simulation.ts';
import type { Frame, FrameNode, FrameTimer } from './frame.ts';

/** What is noted of one node between two frames. */
interface Noted {
  /** The role chart of the present run. */
  actor: AnyActorRef | null;
  /** Whether its chart has taken a step since the last frame. */
  hasStepped: boolean;
  timers: readonly FrameTimer[];
  /** What stands in `timers` for each. */
  known: Map<RunningTimer, FrameTimer>;
  outbox: readonly Message[];
  failure: string | null;
}

/** Makes frames of a simulation. Told of everything that happens in it. */
export class Recorder {
  readonly #noted = new Map<NodeId, Noted>();
  /** Whether the timers of its role charts expire with time. */
  readonly #isTimed: boolean;
  #before: Frame | null = null;
  #events = 0;

  constructor(isTimed: boolean) {
    this.#isTimed = isTimed;
  }

  inspect(node: NodeId, { actorRef }: InspectionEvent): void {
    const actor = actorRef as AnyActorRef;
    if (actor.id === 'raft') this.#of(node).actor = actor;
  }

  take(event: TimedEvent): void {
    this.#events++;
    switch (event.type) {
      case 'chart': {
        const noted = this.#of(event.node);
        noted.hasStepped = true;
        const sent = event.effects.flatMap(({ type, params }) => (type === 'send' ? [params.message] : []));
        if (sent.length > 0) noted.outbox = [...noted.outbox, ...sent];
        return;
      }
      case 'sent':
      case 'lost': {
        const noted = this.#of(event.message.from);
        if (noted.outbox.includes(event.message))
          noted.outbox = noted.outbox.filter((each) => each !== event.message);
        return;
      }
      case 'crashed':
        this.#noted.set(event.node, { ...unnoted(), failure: this.#of(event.node).failure });
        return;
      case 'started':
        this.#of(event.node).failure = null;
        this.#of(event.node).hasStepped = true;
        return;
      case 'stopped':
      case 'refused':
        this.#of(event.node).failure = event.reason;
        return;
      default:
    }
  }

  /** The cluster as it is now. `done`: how many directives are done. */
  frame(simulation: Simulation, done: number): Frame {
    const before = this.#before;
    const { clock, network, checks } = simulation;
    const nodes = simulation.nodes.map((node, at) => {
      const made = this.#node(simulation, node);
      const old = before?.nodes[at];
      return old !== undefined && isSame(old, made) ? old : made;
    });
    const cuts = simulation.nodes.flatMap(({ id: from }) =>
      simulation.nodes.flatMap(({ id: to }) =>
        from !== to && network.conditions.path(from, to).blocks > 0 ? [[from, to] as const] : [],
      ),
    );
    this.#before = {
      atUs: clock.nowUs,
      done,
      steps: simulation.eventCount,
      events: this.#events,
      nodes: before?.nodes.every((node, at) => node === nodes[at]) ? before.nodes : nodes,
      flights: network.underWay.flights,
      cuts: before !== null && String(before.cuts) === String(cuts) ? before.cuts : cuts,
      violation: checks.violation,
      rates: network.conditions.rates,
    };
    return this.#before;
  }

  #node(simulation: Simulation, node: SimulatedNode): FrameNode {
    const { id, process, snapshot, disk, rate } = node;
    const noted = this.#of(id);
    const view = simulation.checks.nodeOf(id);
    const { durable, isUp, role } = view;
    const context = isUp ? snapshot?.context : undefined;
    return {
      id,
      isUp,
      isPaused: process?.isPaused ?? false,
      clockRate: rate,
      state: snapshot === null || !isUp ? role : stateNameOf(snapshot),
      role,
      term: view.currentTerm,
      votedFor: view.votedFor,
      leader: context?.leaderId ?? null,
      votesGranted: context?.votesGranted ?? none,
      log: view.log ?? emptyLog,
      commitIndex: view.commitIndex,
      lastApplied: view.lastApplied,
      configuration: view.configurations.at(-1) ?? null,
      progress: context?.progress ?? noProgress,
      reads: context?.reads.length ?? 0,
      timers: isUp ? this.#timers(noted, simulation.clock.nowUs, rate) : none,
      outbox: noted.outbox,
      disk: {
        term: durable.currentTerm,
        votedFor: durable.votedFor,
        log: durable.log,
        waiting: disk.waiting,
        isSlow: disk.addUs > 0 || disk.isHeld,
        isFull: disk.isFull,
        isOther: node.isOnOtherDisk,
      },
      failure: noted.failure,
    };
  }

  #timers(noted: Noted, nowUs: number, rate: number): readonly FrameTimer[] {
    if (noted.actor === null || !noted.hasStepped) return noted.timers;
    noted.hasStepped = false;
    const running = runningTimers(noted.actor);
    if (running.length === noted.known.size && running.every((timer) => noted.known.has(timer)))
      return noted.timers;
    noted.known = new Map(
      running.map((timer) => [timer, noted.known.get(timer) ?? this.#timer(timer, nowUs, rate)]),
    );
    noted.timers = [...noted.known.values()];
    return noted.timers;
  }

  #timer({ event, delay }: RunningTimer, setUs: number, rate: number): FrameTimer {
    return {
      name: delayOfTimer(event.type) ?? event.type,
      setUs,
      expiresUs: this.#isTimed ? setUs + Math.round((delay * 1000) / rate) : null,
    };
  }

  #of(node: NodeId): Noted {
    const known = this.#noted.get(node);
    if (known !== undefined) return known;
    const made = unnoted();
    this.#noted.set(node, made);
    return made;
  }
}

const none: readonly never[] = [];
const noProgress = {};

const unnoted = (): Noted => ({
  actor: null,
  hasStepped: false,
  timers: none,
  known: new Map(),
  outbox: none,
  failure: null,
});

const isSame = (a: FrameNode, b: FrameNode): boolean =>
  (Object.keys(b) as (keyof FrameNode)[]).every((key) =>
    key === 'disk' ? isSameDisk(a.disk, b.disk) : a[key] === b[key],
  );

const isSameDisk = (a: FrameNode['disk'], b: FrameNode['disk']): boolean =>
  (Object.keys(b) as (keyof FrameNode['disk'])[]).every((key) => a[key] === b[key]);
