import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { transitionIdOf } from '../../diagram/walk.ts';
import { readReplicate } from '../../node/replication-reader.ts';
import { assert } from '../../raft/assert.ts';
import { defaultSettings, type RaftInput } from '../../raft/context.ts';
import type { Effect, Persist, Replicate } from '../../raft/effects.ts';
import type { Persisted, RaftEvent } from '../../raft/inputs.ts';
import { append, emptyLog } from '../../raft/log-shape.ts';
import type { Message } from '../../raft/messages.ts';
import type { Entry, HardState, LogIndex, NodeId } from '../../raft/types.ts';
import { stateName } from '../state-name.ts';
import { createStepper, type RaftSnapshot, type Step, type Stepper, type TimerEvent } from '../step.ts';
import type {
  Expectation,
  Path,
  PathAnswer,
  PathEvent,
  PathSettings,
  PathTransition,
  TimerName,
} from './path.ts';
import { toMessage, toPathMessage, toPayload } from './path-message.ts';

/** What a restart finds. */
export interface Disk {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
}

/** A write that is not durable yet, or a message that waits for those before it. */
type Queued =
  | { readonly type: 'write'; readonly write: Persist }
  | { readonly type: 'send'; readonly message: Message };

/** One node on an ideal disk and state machine, between two steps. Plain data but for the chart's snapshot. */
export interface ModelNode {
  readonly snapshot: RaftSnapshot;
  /** Types of the timer events that are armed. */
  readonly armed: readonly string[];
  /** The log with its payloads. */
  readonly entries: readonly Entry[];
  readonly disk: Disk;
  readonly queue: readonly Queued[];
  /** Of the queue, the oldest write became durable alone: a disk that writes in groups may have more of the rest. */
  readonly isSplit: boolean;
  /** Entries up to here are committed and wait to be applied. */
  readonly committed: LogIndex;
}

export interface ModelStep {
  readonly node: ModelNode;
  readonly expect: Expectation;
  readonly transitions: readonly PathTransition[];
  readonly effects: readonly Effect[];
}

/** The node under test. */
export const testedNode: NodeId = 1;

export const pathSettings: PathSettings = {
  maxEntriesPerMessage: 2,
  maxMessageBytes: 8,
  maxMessagesInFlight: 2,
};

/** The chart without its die: how long a timer runs is no matter where timers expire by decree. */
export const withoutDie = (machine: typeof raftMachine): typeof raftMachine =>
  machine.provide({ actions: { drawElectionTimeout: () => {} } });

/**
 * Runs the chart as one node does, without a node: effects are done on plain data. It is what generated tests expect, so
 * it must do exactly what `src/node` does; tests hold the two against each other.
 */
export class NodeModel {
  readonly #stepper: Stepper;
  readonly #path: Pick<Path, 'voters' | 'disk' | 'settings'>;

  constructor(path: Pick<Path, 'voters' | 'disk' | 'settings'>, machine: typeof raftMachine = raftMachine) {
    this.#path = path;
    this.#stepper = createStepper(withoutDie(machine));
  }

  /** The node on an empty disk. */
  start(): ModelStep {
    return this.#boot({ hardState: { currentTerm: 0, votedFor: null }, entries: [] });
  }

  take(node: ModelNode, event: PathEvent): ModelStep {
    const run = new Run(this.#stepper, node, this.#path.disk === 'slow');
    switch (event.type) {
      case 'deliver':
        run.input({ type: 'Received', message: toMessage(event.message) });
        break;
      case 'timeout': {
        const timer = node.armed.find((type) => timerNameOf(type) === event.timer);
        assert(timer !== undefined, 'a timer that expires is armed', event.timer, node.armed);
        run.input({ type: timer as TimerEvent['type'] });
        break;
      }
      case 'propose': {
        const proposals = event.commands.map((command, at) => ({ id: at + 1, payload: toPayload(command) }));
        run.input({ type: 'Proposed', proposals });
        break;
      }
      case 'durable':
        run.sync(event.writes);
        break;
      case 'applied':
        run.applyAll();
        break;
      case 'restart':
        return this.#boot(node.disk);
    }
    return run.finish();
  }

  #boot(disk: Disk): ModelStep {
    const { voters, settings } = this.#path;
    const input: RaftInput = {
      id: testedNode,
      voters,
      settings: { ...defaultSettings, ...settings },
      hardState: disk.hardState,
      log: append(emptyLog, disk.entries, settings.maxMessageBytes),
    };
    const step = this.#stepper.initial(input);
    const node: ModelNode = {
      snapshot: step.snapshot,
      armed: [],
      entries: disk.entries,
      disk,
      queue: [],
      isSplit: false,
      committed: 0,
    };
    const run = new Run(this.#stepper, node, this.#path.disk === 'slow');
    run.perform(step);
    return run.finish();
  }
}

/** One step of a path while it happens. */
class Run {
  readonly #stepper: Stepper;
  readonly #isSlow: boolean;
  #snapshot: RaftSnapshot;
  #armed: string[];
  #entries: readonly Entry[];
  #disk: Disk;
  #queue: Queued[];
  #isSplit: boolean;
  #committed: LogIndex;
  readonly #sent: Message[] = [];
  readonly #answers: PathAnswer[] = [];
  readonly #started = new Set<TimerName>();
  readonly #transitions: PathTransition[] = [];
  readonly #effects: Effect[] = [];

  constructor(stepper: Stepper, node: ModelNode, isSlow: boolean) {
    this.#stepper = stepper;
    this.#isSlow = isSlow;
    this.#snapshot = node.snapshot;
    this.#armed = [...node.armed];
    this.#entries = node.entries;
    this.#disk = node.disk;
    this.#queue = [...node.queue];
    this.#isSplit = node.isSplit;
    this.#committed = node.committed;
  }

  /** One event from outside, as `src/node/start-node.ts` hands it to the chart. */
  input(event: RaftEvent | TimerEvent): void {
    const isWaiting = this.#snapshot.context.lastApplied < this.#committed;
    this.#step(event);
    // A slow state machine applies one entry at once; the rest waits, as later slices of the node's applier do.
    if (!this.#isSlow) this.applyAll();
    else if (!isWaiting) this.#applyOne();
  }

  /** The disk catches up: what was written becomes durable, what waited for it leaves, and the chart is told. */
  sync(writes = Number.POSITIVE_INFINITY): void {
    for (let left = writes; this.#queue.length > 0 && left > 0; left--) {
      const next = this.#queue.shift()!;
      assert(next.type === 'write', 'a message that waits is behind a write', next.type, 'write');
      const { currentTerm, votedFor, firstIndex, entries, lastIndex } = next.write;
      const kept = firstIndex === 0 ? this.#disk.entries : this.#disk.entries.slice(0, firstIndex - 1);
      this.#disk = { hardState: { currentTerm, votedFor }, entries: [...kept, ...entries] };
      while (this.#queue[0]?.type === 'send') {
        this.#sent.push((this.#queue.shift() as Extract<Queued, { type: 'send' }>).message);
      }
      const answer: Persisted = { type: 'Persisted', term: currentTerm, lastIndex };
      this.input(answer);
    }
    this.#isSplit = this.#queue.length > 0;
  }

  applyAll(): void {
    if (!this.#isSlow) this.#apply(this.#committed);
    else while (this.#snapshot.context.lastApplied < this.#committed) this.#applyOne();
  }

  finish(): ModelStep {
    if (!this.#isSlow) this.sync();
    const { context, value } = this.#snapshot;
    const state = stateName(value);
    return {
      node: {
        snapshot: this.#snapshot,
        armed: this.#armed,
        entries: this.#entries,
        disk: this.#disk,
        queue: this.#queue,
        isSplit: this.#isSplit,
        committed: this.#committed,
      },
      expect: {
        state,
        role: state.split('.')[0] as Expectation['role'],
        term: context.currentTerm,
        votedFor: context.votedFor,
        commitIndex: context.commitIndex,
        lastApplied: context.lastApplied,
        log: this.#entries.map(({ term }) => term),
        sent: this.#sent.map(toPathMessage),
        answers: this.#answers,
        timers: [...this.#started].sort(),
      },
      transitions: this.#transitions,
      effects: this.#effects,
    };
  }

  #step(event: RaftEvent | TimerEvent): void {
    this.perform(this.#stepper.step(this.#snapshot, event));
  }

  perform(step: Step): void {
    this.#snapshot = step.snapshot;
    assert(step.snapshot.status === 'active', 'the chart runs', step.snapshot.status);
    for (const { change, id } of step.timers) {
      this.#armed = this.#armed.filter((armed) => armed !== id);
      if (change === 'stop') continue;
      this.#armed.push(id);
      this.#started.add(timerNameOf(id));
    }
    for (const { transition, state } of step.taken) {
      this.#transitions.push({
        id: transitionIdOf(transition),
        state,
        event: transition.eventType,
        guard: transition.guard === undefined ? null : guardNameOf(transition.guard),
        rule: (transition.meta as { rule?: string } | undefined)?.rule ?? null,
        description: transition.description ?? null,
      });
    }
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    this.#effects.push(effect);
    switch (effect.type) {
      case 'persist': {
        const { firstIndex, entries } = effect.params;
        if (firstIndex > 0) this.#entries = [...this.#entries.slice(0, firstIndex - 1), ...entries];
        this.#queue.push({ type: 'write', write: effect.params });
        return;
      }
      case 'send':
        if (this.#queue.length === 0) this.#sent.push(effect.params.message);
        else this.#queue.push({ type: 'send', message: effect.params.message });
        return;
      case 'replicate':
        this.#replicate(effect.params);
        return;
      case 'apply':
        this.#committed = effect.params.lastIndex;
        return;
      case 'accept':
        this.#answers.push({
          type: 'accept',
          commands: effect.params.ids.length,
          firstIndex: effect.params.firstIndex,
          term: effect.params.term,
        });
        return;
      case 'reject':
        this.#answers.push({
          type: 'reject',
          commands: effect.params.ids.length,
          leaderId: effect.params.leaderId,
        });
        return;
    }
  }

  #applyOne(): void {
    this.#apply(this.#snapshot.context.lastApplied + 1);
  }

  #apply(index: LogIndex): void {
    const until = Math.min(index, this.#committed);
    if (until > this.#snapshot.context.lastApplied) this.#step({ type: 'Applied', index: until });
  }

  #replicate(effect: Replicate): void {
    const read = (firstIndex: LogIndex, lastIndex: LogIndex) =>
      this.#entries.slice(firstIndex - 1, lastIndex);
    const message = readReplicate({ read }, testedNode, effect);
    if (message !== null) this.#sent.push(message);
  }
}

/** `electionTimeout` of `xstate.after.electionTimeout.raft.follower`. */
const timerNameOf = (type: string): TimerName => type.split('.')[2] as TimerName;

const guardNameOf = (guard: unknown): string =>
  typeof guard === 'string' ? guard : ((guard as { type?: string }).type ?? 'inline');
