import { answersEarlyHeartbeat } from '../../raft/early-heartbeat.ts';
import type { AppendEntries, AppendEntriesResponse } from '../../raft/messages.ts';
import type { LogIndex, Round, Term } from '../../raft/types.ts';

/** An AppendEntries that the follower has not answered yet. */
interface Unanswered {
  readonly round: Round;
  readonly prevLogIndex: LogIndex;
  readonly lastIndex: LogIndex;
  readonly bytes: number;
  readonly sentMs: number;
}

/** No leader has more under way for one follower; what is older is forgotten. */
const maxUnanswered = 4096;

/** How long one follower takes to acknowledge what a leader sends it, and how much is under way. */
export class AppendRoundTrips {
  readonly #took: (ms: number) => void;
  /** In the order in which they left, which is that of the answers. */
  readonly #underWay: Unanswered[] = [];
  /** Another term is another leadership: nothing of the one before counts. */
  #term: Term = 0;

  /** `took` is called for each answer that acknowledges something. */
  constructor(took: (ms: number) => void) {
    this.#took = took;
  }

  /** `bytes`: of the payloads. */
  sent({ term, round, prevLogIndex, entries }: AppendEntries, bytes: number, nowMs: number): void {
    if (term !== this.#term) {
      this.#term = term;
      this.#underWay.length = 0;
    }
    if (this.#underWay.length >= maxUnanswered) this.#underWay.shift();
    const lastIndex = prevLogIndex + entries.length;
    this.#underWay.push({ round, prevLogIndex, lastIndex, bytes, sentMs: nowMs });
  }

  /** What was sent last never left. */
  lost(): void {
    this.#underWay.pop();
  }

  answered(answer: AppendEntriesResponse, nowMs: number): void {
    if (answer.term !== this.#term || answersEarlyHeartbeat(answer)) return;
    if (!answer.success) {
      // The leader goes back, and sends again: what is under way is rejected as well, or sent twice.
      this.#underWay.length = 0;
      return;
    }
    // Two heartbeats of one round look alike. The first of them is meant: answers come in order.
    const at = this.#underWay.findIndex(
      ({ round, prevLogIndex, lastIndex }) =>
        round === answer.round && prevLogIndex === answer.prevLogIndex && lastIndex === answer.matchIndex,
    );
    // A duplicate, or an answer to what was forgotten.
    if (at === -1) return;
    const { sentMs } = this.#underWay[at]!;
    // The answers to those before were lost.
    this.#underWay.splice(0, at + 1);
    this.#took(nowMs - sentMs);
  }

  /** Payload bytes that the follower was sent and has not answered. */
  get bytesUnderWay(): number {
    return this.#underWay.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
