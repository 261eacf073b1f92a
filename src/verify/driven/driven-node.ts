import { isDeepStrictEqual } from 'node:util';
import type { InspectionEvent } from 'xstate';
import type { RaftSnapshot } from '../../node/step.ts';
import type { Storage } from '../../ports/storage.ts';
import { assert } from '../../raft/assert.ts';
import type { Accept, EffectParams } from '../../raft/effects.ts';
import type { ReadRequested } from '../../raft/inputs.ts';
import type { Message } from '../../raft/messages.ts';
import type { Entry, LogIndex, NodeId, Term } from '../../raft/types.ts';
import { stateNameOf, topOf } from '../../statechart/read/state-name.ts';
import { transitionIdOf } from '../../statechart/read/walk.ts';
import { transitionsOfMicrostep } from '../../statechart/read/xstate-internals.ts';
import type { Expectation, PathAnswer, PathEvent } from '../paths/path.ts';
import { toMessage, toPathMessage, toPayload } from '../paths/path-message.ts';
import { type DrivenParts, DrivenRun, type SubmitOutcome } from './driven-run.ts';

export interface DrivenNodeParts extends DrivenParts {
  /** Opens the disk, with what was synced. */
  readonly open: () => Promise<Storage>;
}

/** A batch of commands that clients have submitted. */
interface Batch {
  readonly commands: readonly string[];
  /** Where the chart put it; null if not yet known. */
  accepted: Accept | null;
}

/**
 * The real node, driven step by step by a test path: `src/node` with its actors, its codec and its links, on a storage
 * provided by the caller, on a clock that stands still, among peers that the caller plays. What it does in each step is reported as an
 * `Expectation`, so that it can be compared with the model's.
 */
export class DrivenNode {
  readonly #parts: DrivenNodeParts;
  #run: DrivenRun | null = null;
  #snapshot: RaftSnapshot | null = null;
  #batch: Batch | null = null;
  #applied: { readonly index: LogIndex; readonly term: Term; readonly command: Uint8Array }[] = [];
  #sent: Message[] = [];
  #answers: PathAnswer[] = [];
  #rejected: (NodeId | null)[] = [];
  #transitions: string[] = [];
  /** The node numbers its reads for itself: by its number, that of the path. */
  readonly #reads = new Map<number, number>();
  /** The read that it is being asked for. */
  #asked = 0;

  constructor(parts: DrivenNodeParts) {
    this.#parts = parts;
  }

  /** The current run. */
  get run(): DrivenRun {
    assert(this.#run !== null, 'the node was started', this.#run, 'a run');
    return this.#run;
  }

  /** The log as stored. */
  get entries(): readonly Entry[] {
    return this.run.storage.entries;
  }

  /** The ids of the transitions that the last step took, in order, as in `PathTransition`. */
  get transitions(): readonly string[] {
    return this.#transitions;
  }

  /** Starts it on what the disk holds. Rejects with `StorageRefused`, or with the error that stopped the node. */
  async start(): Promise<Expectation> {
    assert(this.#run === null || !this.#run.isAlive, 'one run at a time', this.#run?.isAlive, false);
    this.#begin();
    this.#applied = [];
    this.#batch = null;
    this.#reads.clear();
    const { id, voters } = this.#parts;
    const storage = await this.#parts.open();
    const run = new DrivenRun(this.#parts, storage, {
      observe: (snapshot) => {
        this.#snapshot = snapshot;
      },
      sent: (message) => this.#sent.push(this.#numberedByPath(message)),
      applied: (command, index, term) => this.#applied.push({ command, index, term }),
      restored: () => {
        this.#applied = [];
      },
      inspect: (event) => this.#inspect(event),
    });
    this.#run = run;
    await run.connect(voters.filter((voter) => voter !== id));
    return this.#finish();
  }

  /** One step. Rejects with the error that stopped the node, or if the event cannot happen to it. */
  async take(event: PathEvent): Promise<Expectation> {
    const { run } = this;
    this.#begin();
    switch (event.type) {
      case 'deliver':
        run.deliver(this.#numberedByNode(toMessage(event.message)));
        break;
      case 'timeout':
        run.expire(event.timer);
        break;
      case 'propose':
        this.#propose(event.commands);
        break;
      case 'transfer':
        run.transfer(event.target);
        break;
      case 'change':
        run.changeMembers(event.changes);
        break;
      case 'read':
        this.#asked = event.id;
        run.read(() => {});
        break;
      case 'durable':
        if (event.writes === 1) await run.syncOne();
        else await run.syncAll();
        break;
      case 'applied':
        await run.applyAll();
        break;
      case 'snapshot':
        await run.takeSnapshot();
        break;
      case 'checked':
        run.storage.checked(event.isSound);
        break;
      case 'restart':
        await this.kill();
        return this.start();
    }
    await run.settle();
    return this.#finish();
  }

  /** Ends the run as if its process were killed; resolves when the disk can be opened again. The run has no further effect. */
  async kill(): Promise<void> {
    await this.run.release();
  }

  /** What the last step did and the state it led to, reported again. */
  get state(): Expectation {
    const snapshot = this.#snapshot;
    assert(snapshot !== null, 'the node was started', snapshot, 'a snapshot');
    const { context } = snapshot;
    const state = stateNameOf(snapshot);
    const { entries } = this;
    this.#assertApplied(context.log.snapshotIndex, entries, context.lastApplied);
    return {
      state,
      role: topOf(state) as Expectation['role'],
      term: context.currentTerm,
      votedFor: context.votedFor,
      commitIndex: context.commitIndex,
      lastApplied: context.lastApplied,
      logBegin: { index: context.log.snapshotIndex, term: context.log.snapshotTerm },
      log: entries.map(({ term }) => term),
      sent: this.#sent.map(toPathMessage),
      answers: this.#answers,
      timers: this.run.clock.started,
    };
  }

  #begin(): void {
    this.#run?.clock.forgetStarted();
    this.#sent = [];
    this.#answers = [];
    this.#rejected = [];
    this.#transitions = [];
  }

  #finish(): Expectation {
    const rejected = this.#rejected;
    if (rejected.length > 0) {
      const [leaderId] = rejected as [NodeId | null];
      assert(
        rejected.every((each) => each === leaderId),
        'all clients are sent to one leader',
        rejected,
        leaderId,
      );
      this.#answers.push({ type: 'reject', commands: rejected.length, leaderId });
    }
    return this.state;
  }

  #propose(commands: readonly string[]): void {
    const batch: Batch = { commands, accepted: null };
    this.#batch = batch;
    this.run.propose(commands.map(toPayload), (at, outcome) => this.#answered(batch, at, outcome));
  }

  /** A client learns what became of its command. */
  #answered(batch: Batch, at: number, outcome: SubmitOutcome): void {
    if (outcome.type === 'notLeader') {
      this.#rejected.push(outcome.leader);
      return;
    }
    if (outcome.type !== 'applied') return;
    const { accepted, commands } = batch;
    const answer = [outcome.index, outcome.term, Buffer.from(outcome.result).toString()];
    const due = accepted === null ? null : [accepted.firstIndex + at, accepted.term, commands[at]];
    assert(isDeepStrictEqual(answer, due), 'a client is told what became of its own command', answer, due);
  }

  #inspect(event: InspectionEvent): void {
    if (event.type === '@xstate.event' && event.event.type === 'ReadRequested') {
      this.#reads.set((event.event as ReadRequested).id, this.#asked);
    } else if (event.type === '@xstate.microstep') {
      this.#transitions.push(...transitionsOfMicrostep(event).map(transitionIdOf));
    } else if (event.type === '@xstate.action' && event.action.type === 'accept') {
      // No client gets an answer before its command is applied; that answer is then compared with this.
      const accepted = event.action.params as unknown as Accept;
      const { ids, firstIndex, term } = accepted;
      if (this.#batch !== null) this.#batch.accepted = accepted;
      this.#answers.push({ type: 'accept', commands: ids.length, firstIndex, term });
    } else if (event.type === '@xstate.action') {
      const answer = this.#answerOf(event.action);
      if (answer !== null) this.#answers.push(answer);
    }
  }

  /** What a client learns of its transfer, change of the members, or read. */
  #answerOf({ type, params }: { readonly type: string; readonly params?: unknown }): PathAnswer | null {
    switch (type) {
      case 'acceptRequest': {
        const { index } = params as EffectParams['acceptRequest'];
        return { type, index };
      }
      case 'rejectRequest': {
        const { leaderId, reason } = params as EffectParams['rejectRequest'];
        return { type, leaderId, reason };
      }
      case 'confirmRead': {
        const { id, index } = params as EffectParams['confirmRead'];
        return { type, id: this.#reads.get(id) ?? id, index };
      }
      case 'rejectRead': {
        const { id, leaderId } = params as EffectParams['rejectRead'];
        return { type, id: this.#reads.get(id) ?? id, leaderId };
      }
      default:
        return null;
    }
  }

  #numberedByPath(message: Message): Message {
    if (message.type !== 'ReadIndex') return message;
    return { ...message, readId: this.#reads.get(message.readId) ?? message.readId };
  }

  #numberedByNode(message: Message): Message {
    if (message.type !== 'ReadIndexResponse') return message;
    const own = [...this.#reads].find(([, id]) => id === message.readId);
    return own === undefined ? message : { ...message, readId: own[0] };
  }

  /** Checks that the state machine was given the commands of the log, which begins after `base`, each once, in order. */
  #assertApplied(base: LogIndex, entries: readonly Entry[], lastApplied: LogIndex): void {
    const due = entries
      .map(({ kind, term, payload }, at) => ({ kind, index: base + at + 1, term, command: hex(payload) }))
      .filter(({ kind, index }) => kind === 'command' && index <= lastApplied)
      .map(({ index, term, command }) => ({ index, term, command }));
    const applied = this.#applied
      .filter(({ index }) => index > base)
      .map((each) => ({ ...each, command: hex(each.command) }));
    assert(isDeepStrictEqual(applied, due), 'the state machine has applied what the log says', applied, due);
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
