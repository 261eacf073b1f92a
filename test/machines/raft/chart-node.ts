import type { Role } from '../../../src/node/node.ts';
import {
  createStepper,
  type RaftSnapshot,
  type Step,
  type TimerEvent,
  type TimerName,
  timerNameOf,
} from '../../../src/node/step.ts';
import type { RaftContext, RaftInput } from '../../../src/raft/context.ts';
import type { Effect, Replicate } from '../../../src/raft/effects.ts';
import type { Persisted, RaftEvent } from '../../../src/raft/inputs.ts';
import { append, emptyLog } from '../../../src/raft/log-shape.ts';
import type { AppendEntries, Message } from '../../../src/raft/messages.ts';
import type { Entry, HardState } from '../../../src/raft/types.ts';

const stepper = createStepper();

/** What a node's chart was asked to persist; a restart begins from here. */
export interface Disk {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
}

/**
 * One node's chart, stepped purely. Its disk takes every write at once, but says so (`Persisted`) only when asked to;
 * its timers run only when fired. Effects are returned and go nowhere.
 */
export class ChartNode {
  readonly id: number;
  /** Types of the timer events that are armed, and when each was armed, counted in steps. */
  readonly armed = new Map<string, number>();
  disk: Disk;
  snapshot!: RaftSnapshot;
  lastStep!: Step;
  /** Writes that were not answered yet. */
  unanswered: Persisted[] = [];
  readonly #input: RaftInput;
  #steps = 0;

  constructor(input: Partial<RaftInput> = {}, disk: Partial<Disk> = {}) {
    this.#input = { id: 1, voters: [1, 2, 3], ...input };
    this.id = this.#input.id;
    this.disk = { hardState: { currentTerm: 0, votedFor: null }, entries: [], ...disk };
    this.restart();
  }

  get context(): RaftContext {
    return this.snapshot.context;
  }

  get role(): Role {
    return roleOf(this.snapshot);
  }

  /** Loses all but the disk. */
  restart(): readonly Effect[] {
    const { hardState, entries } = this.disk;
    const log = append(emptyLog, entries, this.#input.settings?.maxMessageBytes ?? 512 * 1024);
    this.armed.clear();
    this.unanswered = [];
    return this.#take(stepper.initial({ ...this.#input, hardState, log }));
  }

  step(event: RaftEvent | TimerEvent): readonly Effect[] {
    return this.#take(stepper.step(this.snapshot, event));
  }

  receive(message: Message): readonly Effect[] {
    return this.step({ type: 'Received', message });
  }

  propose(...payloads: readonly number[]): readonly Effect[] {
    const proposals = payloads.map((payload) => ({ id: payload, payload: Uint8Array.of(payload) }));
    return this.step({ type: 'Proposed', proposals });
  }

  /** Lets the one armed timer of this name expire. */
  fire(delay: TimerName): readonly Effect[] {
    const type = [...this.armed.keys()].find((id) => timerNameOf(id) === delay);
    if (type === undefined) throw new Error(`${delay} is not armed in ${this.role}`);
    this.armed.delete(type);
    return this.step({ type: type as TimerEvent['type'] });
  }

  isArmed(delay: TimerName): boolean {
    return [...this.armed.keys()].some((id) => timerNameOf(id) === delay);
  }

  /** Names of the timers that the last step started, sorted; a restarted one is among them. */
  started(): readonly TimerName[] {
    const { timers } = this.lastStep;
    return [
      ...new Set(timers.filter(({ change }) => change === 'start').map(({ id }) => timerNameOf(id))),
    ].sort();
  }

  /** The disk answers everything that was written. */
  answerWrites(): readonly Effect[] {
    const answers = this.unanswered;
    this.unanswered = [];
    return answers.flatMap((answer) => this.step(answer));
  }

  /** Campaigns and wins with the votes of `voters`; by default of everybody. */
  elect(voters: readonly number[] = this.#input.voters): readonly Effect[] {
    const others = voters.filter((id) => id !== this.id);
    const effects = [...this.fire('electionTimeout')];
    for (const from of others) {
      if (this.role !== 'preCandidate') break;
      const term = this.context.currentTerm + 1;
      effects.push(...this.receive({ type: 'PreVoteResponse', from, to: this.id, term, voteGranted: true }));
    }
    for (const from of others) {
      if (this.role !== 'candidate') break;
      const term = this.context.currentTerm;
      effects.push(
        ...this.receive({ type: 'RequestVoteResponse', from, to: this.id, term, voteGranted: true }),
      );
    }
    return effects;
  }

  /** The message that a `replicate` effect of this node becomes. */
  appendEntriesOf({ to, runs, lastIndex, ...rest }: Replicate): AppendEntries {
    const { prevLogIndex, prevLogTerm, term, leaderCommit, round } = rest;
    const entries = this.disk.entries.slice(prevLogIndex, lastIndex);
    entries.forEach((entry, at) => {
      const run = runs.findLast(({ firstIndex }) => firstIndex <= prevLogIndex + 1 + at);
      if (run?.term !== entry.term) throw new Error('replicate names other terms than the log holds');
    });
    const envelope = { from: this.id, to, term };
    return { type: 'AppendEntries', ...envelope, prevLogIndex, prevLogTerm, entries, leaderCommit, round };
  }

  #take(step: Step): readonly Effect[] {
    this.#steps++;
    this.snapshot = step.snapshot;
    this.lastStep = step;
    for (const { change, id } of step.timers) {
      if (change === 'start') this.armed.set(id, this.#steps);
      else this.armed.delete(id);
    }
    for (const effect of step.effects) {
      if (effect.type !== 'persist') continue;
      const { firstIndex, entries, lastIndex, currentTerm, votedFor } = effect.params;
      const kept = entries.length > 0 ? this.disk.entries.slice(0, firstIndex - 1) : this.disk.entries;
      this.disk = { hardState: { currentTerm, votedFor }, entries: [...kept, ...entries] };
      this.unanswered.push({ type: 'Persisted', term: currentTerm, lastIndex });
    }
    return step.effects;
  }
}

export const roleOf = ({ value }: RaftSnapshot): Role =>
  (typeof value === 'string' ? value : Object.keys(value)[0]) as Role;

/** How long a timer that was started in the state of `context` runs. */
export const delayMsOf = (timer: string, { settings, electionTimeoutMs }: RaftContext): number =>
  ({
    electionTimeout: electionTimeoutMs,
    leaderLease: settings.electionTimeoutMinMs,
    heartbeatInterval: settings.heartbeatIntervalMs,
    quorumCheck: settings.electionTimeoutMaxMs,
    transferTimeout: settings.electionTimeoutMaxMs,
    catchUpRound: settings.electionTimeoutMaxMs,
    catchUpTimeout: settings.catchUpTimeoutMs,
  })[timerNameOf(timer)];
