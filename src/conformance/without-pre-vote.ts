import type { ModelledStep } from './modelled-step.ts';
import type { AdapterState } from './protocol.ts';

/** What becomes of a step for an implementation that campaigns without asking first. */
type Allowance =
  | { readonly do: 'ask'; readonly role?: AdapterState['role'] }
  /** Instead of the step, the election timeout that was held back is given. */
  | { readonly do: 'campaign'; readonly role?: undefined }
  | { readonly do: 'skip'; readonly reason: string }
  | { readonly do: 'end'; readonly reason: string };

const hasNoPreVote = 'it has no pre-vote';

/**
 * Pre-vote (thesis §9.6) is a detour on the way from follower to candidate that changes neither term nor vote. So an
 * election timeout that only leads the chart to preCandidate is held back, and given once the chart campaigns. Meanwhile the
 * implementation is what it was: a follower, or the candidate of the election before.
 */
export class PreVoteAllowance {
  #held: { readonly role: 'follower' | 'candidate'; readonly isLeased: boolean } | null = null;

  take(step: ModelledStep, hasLease: boolean): Allowance {
    const { event, expect, stateBefore } = step;
    const held = this.#held;
    if (expect.state !== 'preCandidate') this.#held = null;
    if (event.type === 'timeout' && expect.state === 'preCandidate') {
      this.#held ??= {
        role: stateBefore === 'candidate' ? 'candidate' : 'follower',
        isLeased: stateBefore === 'follower.leased',
      };
      return { do: 'skip', reason: `${hasNoPreVote}: the timeout comes when the chart campaigns` };
    }
    // A sole voter campaigns in the same step: the timeout is given as it is.
    if (event.type !== 'deliver') return { do: 'ask', ...(this.#held && { role: this.#held.role }) };
    const { message } = event;
    if (message.type === 'PreVote') return { do: 'skip', reason: hasNoPreVote };
    if (message.type === 'PreVoteResponse') {
      if (expect.state === 'candidate' && stateBefore === 'preCandidate') return { do: 'campaign' };
      if (expect.term === step.before.snapshot.context.currentTerm) {
        return { do: 'skip', reason: hasNoPreVote };
      }
      return { do: 'end', reason: `${hasNoPreVote}, and here the chart learns a newer term from one` };
    }
    if (held !== null) {
      const isOfThisTerm = message.term === step.before.snapshot.context.currentTerm;
      if (
        held.role === 'candidate' &&
        message.type === 'RequestVoteResponse' &&
        message.voteGranted &&
        isOfThisTerm
      ) {
        return { do: 'end', reason: `${hasNoPreVote}: it still campaigns, and counts this late vote` };
      }
      if (held.isLeased && hasLease && message.type === 'RequestVote') {
        return { do: 'end', reason: `${hasNoPreVote}: its lease has not run out` };
      }
    }
    return { do: 'ask', ...(this.#held && { role: this.#held.role }) };
  }
}
