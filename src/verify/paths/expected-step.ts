import type { Fact, NodeStep } from '../../node/machine-node.ts';
import { type Taken, type TimerName, timerNameOf } from '../../node/step.ts';
import { assert } from '../../raft/assert.ts';
import type { Effect } from '../../raft/effects.ts';
import type { Message } from '../../raft/messages.ts';
import { stateNameOf, topOf } from '../../statechart/read/state-name.ts';
import { guardNameOf, transitionIdOf } from '../../statechart/read/walk.ts';
import type { ModelNode, ModelStep } from './modelled-node.ts';
import type { Expectation, PathAnswer, PathTransition } from './path.ts';
import { toPathMessage } from './path-message.ts';

/** Collects what a test sees of one step of a path. */
export class ExpectedStep {
  readonly #sent: Message[] = [];
  readonly #answers: PathAnswer[] = [];
  readonly #started = new Set<TimerName>();
  readonly #transitions: PathTransition[] = [];
  readonly #effects: Effect[] = [];

  /** Takes one step of the node, and returns the node. Throws whatever stopped it. */
  take({ node, outputs }: NodeStep): NodeStep['node'] {
    for (const output of outputs) this.#note(output);
    return node;
  }

  end(node: ModelNode): ModelStep {
    const { context } = node.snapshot;
    const state = stateNameOf(node.snapshot);
    return {
      node,
      expect: {
        state,
        role: topOf(state) as Expectation['role'],
        term: context.currentTerm,
        votedFor: context.votedFor,
        commitIndex: context.commitIndex,
        lastApplied: context.lastApplied,
        logBegin: { index: node.log.base, term: node.log.baseTerm },
        log: node.log.entries.map(({ term }) => term),
        sent: this.#sent.map(toPathMessage),
        answers: this.#answers,
        timers: [...this.#started].sort(),
      },
      transitions: this.#transitions,
      effects: this.#effects,
    };
  }

  #note(fact: Fact): void {
    switch (fact.type) {
      case 'stepped': {
        const { timers, taken, effects } = fact.step;
        for (const { change, id } of timers) if (change === 'start') this.#started.add(timerNameOf(id));
        this.#transitions.push(...taken.map(pathTransition));
        this.#effects.push(...effects);
        return;
      }
      case 'left':
        this.#sent.push(fact.message);
        return;
      case 'accepted': {
        const { ids, firstIndex, term } = fact.answer;
        this.#answers.push({ type: 'accept', commands: ids.length, firstIndex, term });
        return;
      }
      case 'rejected': {
        const { ids, leaderId } = fact.answer;
        this.#answers.push({ type: 'reject', commands: ids.length, leaderId });
        return;
      }
      case 'requestAccepted': {
        this.#answers.push({ type: 'acceptRequest', index: fact.answer.index });
        return;
      }
      case 'requestRefused': {
        const { leaderId, reason } = fact.answer;
        this.#answers.push({ type: 'rejectRequest', leaderId, reason });
        return;
      }
      case 'readConfirmed': {
        this.#answers.push({ type: 'confirmRead', ...fact.answer });
        return;
      }
      case 'readRejected': {
        this.#answers.push({ type: 'rejectRead', ...fact.answer });
        return;
      }
      case 'committed':
        assert(fact.lastIndex > fact.before, 'each apply reaches further', fact.lastIndex, fact.before);
        return;
      case 'failed':
        throw fact.error;
      case 'wrote':
      case 'held':
      case 'dropped':
      case 'synced':
      case 'applied':
      case 'restored':
      case 'compacted':
      case 'chunkStored':
      case 'snapshotKept':
      case 'reported':
        // Seen in no test of a path but by what comes of it.
        return;
      default:
        fact satisfies never;
    }
  }
}

/** By transition and state: a search takes each many thousands of times. */
const pathTransitions = new WeakMap<Taken['transition'], Map<string, PathTransition>>();

const pathTransition = ({ transition, state }: Taken): PathTransition => {
  const known = pathTransitions.get(transition) ?? new Map<string, PathTransition>();
  pathTransitions.set(transition, known);
  const told = known.get(state) ?? {
    id: transitionIdOf(transition),
    state,
    event: transition.eventType,
    guard: transition.guard === undefined ? null : guardNameOf(transition.guard),
    rule: (transition.meta as { rule?: string } | undefined)?.rule ?? null,
    description: transition.description ?? null,
  };
  known.set(state, told);
  return told;
};
