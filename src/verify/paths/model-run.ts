import { readReplicate } from '../../node/replication-reader.ts';
import type { RaftSnapshot, Step, Stepper, TimerEvent } from '../../node/step.ts';
import { type TimerName, timerNameOf } from '../../node/step.ts';
import { assert } from '../../raft/assert.ts';
import type { Effect, Replicate } from '../../raft/effects.ts';
import type { Persisted, RaftEvent } from '../../raft/inputs.ts';
import type { Message } from '../../raft/messages.ts';
import type { Entry, LogIndex } from '../../raft/types.ts';
import { stateNameOf, topOf } from '../../statechart/read/state-name.ts';
import { guardNameOf, transitionIdOf } from '../../statechart/read/walk.ts';
import type { Disk, ModelNode, ModelStep, Queued } from './modelled-node.ts';
import type { Expectation, PathAnswer, PathTransition } from './path.ts';
import { toPathMessage } from './path-message.ts';

/** One step of a path while it happens. */
export class ModelRun {
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
    const { context } = this.#snapshot;
    const state = stateNameOf(this.#snapshot);
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
        role: topOf(state) as Expectation['role'],
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
        assert(
          effect.params.lastIndex > this.#committed,
          'each apply reaches further',
          effect.params.lastIndex,
          this.#committed,
        );
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
    const message = readReplicate({ read }, this.#snapshot.context.id, effect);
    if (message !== null) this.#sent.push(message);
  }
}
