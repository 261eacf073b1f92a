import type { RaftContext } from '../../raft/context.ts';
import type { Message } from '../../raft/messages.ts';
import type { Round } from '../../raft/types.ts';
import type { Checked } from './local-node.ts';

/**
 * A leader begins a round with each quorum check, so its rounds would rise without end. Here only those that reads wait for count:
 * a round that none waits for falls back to the one before, in the context and in what is sent.
 *
 * - Reads cannot tell. Where a round is compared with one that a read waits for, the order stays: falling back never changes the order of
 *   two rounds, and a read's round is above all that came before it, folded or not. So it is answered by the same messages.
 * - Nor is any follower taken for one that has lost entries, unless it is on a real node: a round that is above `matchRound` here is
 *   above it there.
 * - The quorum check counts late answers as well (`checkedRound` stays 0). That takes no behaviour away: a leader that would not have counted
 *   one and steps down begins one more period here, hears nothing in it and steps down then, with nothing else changed that outlives its
 *   leadership. And it adds none that Raft relies on not to happen: such a leader is one whose timer has not expired yet.
 */
export class FoldedRounds {
  readonly #last: Round;
  readonly #folds: boolean;

  /** `before` and `after` the whole event. */
  constructor(before: RaftContext, after: RaftContext) {
    this.#last = before.round;
    this.#folds = after.round > before.round && !isAwaited(after);
  }

  context(context: RaftContext): RaftContext {
    const round = this.#roundOf(context.round);
    return round === context.round && context.checkedRound === 0
      ? context
      : { ...context, round, checkedRound: 0 };
  }

  messages(messages: readonly Message[]): readonly Message[] {
    return this.#folds ? messages.map((message) => this.#message(message)) : messages;
  }

  checked(checked: readonly Checked[]): readonly Checked[] {
    if (!this.#folds) return checked;
    return checked.map((each) =>
      each.step.type === 'sent'
        ? { ...each, step: { ...each.step, message: this.#message(each.step.message) } }
        : each,
    );
  }

  #message(message: Message): Message {
    return message.type === 'AppendEntries' || message.type === 'InstallSnapshot'
      ? { ...message, round: this.#roundOf(message.round) }
      : message;
  }

  #roundOf(round: Round): Round {
    return this.#folds && round > this.#last ? this.#last : round;
  }
}

/** Whether a read waits for the leader's latest round. */
export const isAwaited = ({ reads, round }: Pick<RaftContext, 'reads' | 'round'>): boolean =>
  round > 0 && reads.some((read) => read.round === round);
