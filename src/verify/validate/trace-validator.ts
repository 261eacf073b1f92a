import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { createStepper, type Stepper } from '../../node/step.ts';
import type { Message } from '../../raft/messages.ts';
import { type NodeId, nodeName, type Term } from '../../raft/types.ts';
import { delayOfTimer } from '../../statechart/read/xstate-internals.ts';
import type { TimedEvent, TracedInput } from '../../trace/events.ts';
import { messageLabel } from '../../trace/trace-sequence.ts';
import { Durability } from '../durability.ts';
import { KnownEntries } from './known-entries.ts';
import { MessagesSeen } from './messages-seen.ts';
import { NotAllowed, type Rejection, Unreplayable } from './rejection.ts';
import { ValidatedRun } from './validated-run.ts';

/** What was looked at. */
export interface ValidationFigures {
  readonly events: number;
  /** Messages that a killed run has sent without a line left that tells so. */
  readonly unseen: number;
  /** Steps of charts that were replayed. */
  readonly steps: number;
  /** Steps of runs whose start the trace does not show. */
  readonly unreplayed: number;
  readonly runs: number;
}

export interface ValidationOptions {
  /** The chart, if not the original. */
  readonly machine?: typeof raftMachine;
  /** Whose events the trace tells; others send what nobody can check. By default, the trace tells of all nodes. */
  readonly nodes?: readonly NodeId[];
  /** Is told each event in the order in which it is taken, the one that is rejected included; of what a trace tells briefly, with the messages. */
  readonly tell?: (event: TimedEvent) => void;
  /** Whether lines may be missing: a run is then replayed until one is, and the next one from its start on. */
  readonly isPartial?: boolean;
}

/** One node of which a trace tells. */
interface Traced {
  /** Null: it is down, or its run cannot be replayed. */
  run: ValidatedRun | null;
  /** What its disk may hold; null: that is not known. */
  disk: Durability | null;
  /** Why its present run is not replayed; null: it is, or there is none. */
  unknown: 'unseenStart' | 'otherDisk' | 'missingLines' | null;
  isDown: boolean;
  /** The term in which its latest run that may have been killed cannot have sent anything more; null: none was. */
  killedBefore: Term | null;
  now: number;
}

/** Replays a trace of a running cluster on the chart, event by event. */
export class TraceValidator {
  readonly #stepper: Stepper;
  readonly #options: ValidationOptions;
  readonly #messages = new MessagesSeen();
  readonly #entries = new KnownEntries();
  readonly #nodes = new Map<NodeId, Traced>();
  #unseen = 0;
  /** The event that is being taken, with what a trace leaves out. */
  #told: TimedEvent | null = null;
  #events = 0;
  #steps = 0;
  #unreplayed = 0;
  #runs = 0;

  constructor(options: ValidationOptions = {}) {
    this.#options = options;
    this.#stepper = createStepper(options.machine ?? raftMachine);
  }

  get figures(): ValidationFigures {
    return {
      events: this.#events,
      unseen: this.#unseen,
      steps: this.#steps,
      unreplayed: this.#unreplayed,
      runs: this.#runs,
    };
  }

  /**
   * Whether a line of another trace should come first: `event` handles a message that its sender, of whom a trace tells, has not sent yet. `lost`: no line may be left
   * that tells of it.
   */
  waitsFor(event: TimedEvent): 'nothing' | 'sent' | 'lost' {
    if ((event.type !== 'chart' && event.type !== 'interrupted') || event.input?.type !== 'Received')
      return 'nothing';
    const { message } = event.input;
    if (!this.#tellsOf(message.from) || this.#messages.wasSent(message)) return 'nothing';
    return this.#mayBeUnseen(message) ? 'lost' : 'sent';
  }

  /** No more lines come of `node`; what a trace that is written from time to time lacks at its end is gone. */
  ended(id: NodeId): void {
    const node = this.#at(id);
    if (node.run !== null) node.killedBefore = Number.POSITIVE_INFINITY;
  }

  /** Takes the next event; returns why no rule allows it, or null. After a rejection it takes no more. Throws `Unreplayable`. */
  take(event: TimedEvent): Rejection | null {
    this.#events++;
    try {
      return this.#judge(event);
    } catch (error) {
      // An event that lacks fields fails wherever they are first asked for.
      throw new Unreplayable((error as Error).message);
    }
  }

  #judge(event: TimedEvent): Rejection | null {
    try {
      this.#passTime(event);
      if (event.type === 'chart' && event.isBrief && event.input?.type === 'Received')
        this.#tell({ type: 'delivered', message: event.input.message, atMs: event.atMs });
      this.#told = event;
      try {
        this.#take(event);
      } finally {
        if (event.type !== 'left') this.#tell(this.#told);
      }
      return null;
    } catch (error) {
      if (!(error instanceof NotAllowed)) throw error;
      const { reasons, nearest } = error;
      const step = event.type === 'chart' || event.type === 'interrupted' ? (event.step ?? null) : null;
      return { node: nodeOf(event), step, observed: observedText(event), reasons, nearest };
    }
  }

  #take(event: TimedEvent): void {
    switch (event.type) {
      case 'started':
        this.#start(event);
        return;
      case 'chart':
      case 'interrupted': {
        const node = this.#up(event.node);
        this.#follow(node, (run) => run.follows(event));
        if (node.run === null) {
          this.#unreplayed++;
          return;
        }
        this.#steps++;
        if (event.type === 'interrupted') node.run.interrupted(event);
        else {
          const { isBrief: _, ...rest } = event;
          this.#told = { ...rest, effects: node.run.chart(event) };
        }
        return;
      }
      case 'synced':
        this.#follow(this.#up(event.node), (run) => run.synced(event));
        return;
      case 'sent': {
        const node = this.#up(event.message.from);
        this.#follow(node, (run) => run.sent(event.message));
        if (node.run === null) this.#messages.sent(event.message);
        return;
      }
      case 'left':
        this.#follow(this.#up(event.node), (run) => {
          for (const message of run.left(event.to)) this.#tell({ type: 'sent', message, atMs: event.atMs });
        });
        return;
      case 'lost':
        if (!this.#messages.wasSent(event.message) && !this.#mayBeUnseen(event.message))
          throw new NotAllowed(['nobody has sent it']);
        return;
      case 'delivered':
        this.#messages.arrived(event.message, () => this.#mayBeUnseen(event.message));
        return;
      case 'applied':
        this.#follow(this.#up(event.node), (run) => run.applied(event.index, event.term));
        return;
      case 'stopped':
      case 'crashed': {
        const node = this.#at(event.node);
        node.run = null;
        node.isDown = true;
        if (node.unknown !== 'otherDisk') node.unknown = null;
        this.#messages.ended(event.node);
        return;
      }
      case 'faultBegins':
        // What it does on another disk is not told.
        if (event.fault.kind === 'lostDisk' || event.fault.kind === 'olderDisk') {
          this.#at(event.fault.node).unknown = 'otherDisk';
        }
        return;
      case 'faultEnds':
      case 'refused':
      case 'healed':
      case 'client':
      case 'violation':
      case 'told':
        return;
    }
  }

  #tell(event: TimedEvent | null): void {
    if (event !== null) this.#options.tell?.(event);
  }

  /** The clock of a machine may be put back between two runs. */
  #passTime(event: TimedEvent): void {
    const id = nodeOf(event);
    if (id === null) return;
    const node = this.#at(id);
    if (event.type !== 'started' && event.atMs < node.now)
      throw new NotAllowed([`time runs backwards, from ${node.now} ms to ${event.atMs} ms`]);
    node.now = event.atMs;
  }

  #start({ node: id, state, found, mayFollowKill }: Extract<TimedEvent, { type: 'started' }>): void {
    const node = this.#at(id);
    this.#runs++;
    const wasKilled = node.run !== null && mayFollowKill === true;
    // The lines of how the run before ended may be missing.
    const isEndMissing = wasKilled || this.#options.isPartial === true;
    if (node.run !== null && !isEndMissing) throw new NotAllowed(['it is running']);
    node.isDown = false;
    if (found === undefined) {
      node.unknown = 'otherDisk';
      node.disk = null;
      return;
    }
    node.unknown = null;
    const { hardState = { currentTerm: 0, votedFor: null }, log, snapshot } = found;
    const durable = { ...hardState, log: log! };
    const disk = node.disk ?? new Durability();
    const { currentTerm } = disk.durable;
    if (wasKilled) {
      node.killedBefore = hardState.currentTerm + 1;
      if (node.disk !== null && hardState.currentTerm < currentTerm)
        throw new NotAllowed([`its disk held term ${currentTerm} before`]);
    }
    disk.compact(log!.snapshotIndex, log!.snapshotTerm);
    const fault = disk.recoverAs(durable, snapshot?.term ?? 0);
    if (fault !== null && node.disk !== null && !isEndMissing)
      throw new NotAllowed([`${fault}, which is not what was written`]);
    node.disk = disk;
    node.run = new ValidatedRun(id, found, {
      stepper: this.#stepper,
      disk,
      messages: this.#messages,
      entries: this.#entries,
      mayBeUnseen: (message) => {
        const isUnseen = this.#mayBeUnseen(message);
        if (isUnseen && this.#tellsOf(message.from)) this.#unseen++;
        return isUnseen;
      },
    });
    node.run.startsAs(state, found);
  }

  /** `next` comes next in the run of `node`. In a partial trace lines may be missing before it, and the rest of the run is not replayed. */
  #follow(node: Traced, next: (run: ValidatedRun) => void): void {
    if (node.run === null) return;
    try {
      next(node.run);
    } catch (error) {
      if (this.#options.isPartial !== true || !(error instanceof NotAllowed)) throw error;
      node.run = null;
      node.disk = null;
      node.unknown = 'missingLines';
    }
  }

  /** A node that is running, as far as the trace tells. */
  #up(id: NodeId): Traced {
    const node = this.#at(id);
    if (node.unknown === 'unseenStart' && this.#options.isPartial !== true)
      throw new NotAllowed([`the trace does not show how node${id} has started; --partial accepts that`]);
    if (node.isDown && node.unknown === null) throw new NotAllowed(['it is not running']);
    return node;
  }

  #at(id: NodeId): Traced {
    const known = this.#nodes.get(id);
    if (known !== undefined) return known;
    const node: Traced = {
      run: null,
      disk: null,
      unknown: 'unseenStart',
      isDown: false,
      killedBefore: null,
      now: Number.NEGATIVE_INFINITY,
    };
    this.#nodes.set(id, node);
    return node;
  }

  #mayBeUnseen(message: Message): boolean {
    const { from, term } = message;
    if (!this.#tellsOf(from) || this.#options.isPartial === true) return true;
    const { killedBefore } = this.#at(from);
    // A pre-vote names the next term.
    return killedBefore !== null && term <= killedBefore;
  }

  #tellsOf(node: NodeId): boolean {
    const { nodes } = this.#options;
    return nodes === undefined || nodes.includes(node);
  }
}

/** Null: it concerns no node alone. */
const nodeOf = (event: TimedEvent): NodeId | null => {
  switch (event.type) {
    case 'sent':
    case 'lost':
      return event.message.from;
    case 'delivered':
      return event.message.to;
    case 'faultBegins':
    case 'faultEnds':
    case 'healed':
    case 'client':
    case 'violation':
    case 'told':
      return null;
    default:
      return event.node;
  }
};

const observedText = (event: TimedEvent): string => {
  switch (event.type) {
    case 'sent':
      return `it sends ${messageText(event.message)} to node${event.message.to}`;
    case 'lost':
      return `${messageText(event.message)} from node${event.message.from} is lost`;
    case 'delivered':
      return `${messageText(event.message)} from node${event.message.from} arrives`;
    case 'chart':
      return `in ${event.before.state}, ${event.input === undefined ? 'a step' : inputText(event.input)}`;
    case 'interrupted':
      return `it loses power in a step: ${inputText(event.input)}`;
    case 'synced':
      return `${event.writes ?? 'some'} writes are durable`;
    case 'applied':
      return `entry ${event.index} of term ${event.term} is applied`;
    case 'left':
      return `messages leave to ${event.to.map(nodeName).join(', ')}`;
    case 'started':
      return `it starts in term ${event.state.term} with ${event.state.lastIndex} entries`;
    default:
      return event.type;
  }
};

/** What a chart was given, in words. */
export const inputText = (input: TracedInput): string => {
  switch (input.type) {
    case 'Received':
      return `${messageText(input.message)} arrives from node${input.message.from}`;
    case 'Persisted':
      return `the disk holds everything up to entry ${input.lastIndex}, of term ${input.term}`;
    case 'Applied':
      return `entries up to ${input.index} are applied`;
    case 'SnapshotSaved':
      return `a snapshot up to entry ${input.index} of term ${input.term} is durable`;
    case 'SnapshotReceived':
      return `the snapshot up to entry ${input.index} is complete and sound`;
    case 'SnapshotFailed':
      return `the snapshot up to entry ${input.index} is of no use`;
    case 'Proposed':
      return `clients propose ${input.proposals.length} ${input.proposals.length === 1 ? 'command' : 'commands'}`;
    case 'ConfigurationProposed':
      return 'a client asks for other members';
    case 'TransferRequested':
      return 'a client asks for another leader';
    case 'ReadRequested':
      return 'a client wants to read';
    default:
      return `${delayOfTimer(input.type) ?? input.type} expires`;
  }
};

const messageText = (message: Message): string => messageLabel(message).replace(/ t(\d+)/, ' of term $1');
