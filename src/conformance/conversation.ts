import type { Adapter } from './adapter.ts';
import { AdapterBroken, AdapterHung, AdapterMalformed } from './adapter.ts';
import { inOneLine } from './adapter-line.ts';
import { compareSent, compareState } from './compare.ts';
import type { Difference } from './difference.ts';
import type { Expected } from './expected.ts';
import { isPrecise } from './expected-messages.ts';
import { HonestPeers } from './honest-peers.ts';
import type { Question } from './plan.ts';
import type { AdapterRequest, AdapterResponse, Capabilities } from './protocol.ts';

/** One request, and what came back: an answer, or the error that came instead. */
export interface Exchange {
  readonly request: AdapterRequest;
  readonly answer: AdapterResponse | Error;
}

/** What is wrong with an answer. */
export interface Differences {
  readonly state: readonly Difference[];
  readonly sent: readonly Difference[];
}

/** All that is said to an adapter along one path, and what its node has sent to whom. */
export class Conversation {
  readonly has: Capabilities;
  readonly exchanges: Exchange[] = [];
  readonly peers: HonestPeers;
  readonly #adapter: Adapter;

  constructor(adapter: Adapter, has: Capabilities) {
    this.#adapter = adapter;
    this.has = has;
    this.peers = new HonestPeers(has);
  }

  /** Asks, and holds what comes back against what must. A node that breaks has no state any more. */
  async ask({ request, expected }: Question): Promise<Differences> {
    if (request.do === 'deliver') this.peers.answered(request.message);
    else if (request.do === 'restart') this.peers.restarted();
    try {
      const answer = await this.#adapter.ask(request);
      this.exchanges.push({ request, answer });
      if (!answer.ok) return broken(`it cannot do that: ${inOneLine(answer.error)}`);
      this.peers.sent(answer.state.term, answer.sent);
      const sent = [...compareSent(expected, answer), ...this.#heldBack(request, expected)];
      return { state: compareState(expected, answer), sent };
    } catch (error) {
      this.exchanges.push({ request, answer: error as Error });
      if (!(error instanceof AdapterBroken)) throw error;
      return broken(error.message, kindOf(error));
    }
  }

  /** The same, where it does not matter what of it is wrong. */
  readonly askMore = async (question: Question): Promise<readonly Difference[]> => {
    const { state, sent } = await this.ask(question);
    return [...state, ...sent];
  };

  /** What a follower lacks that has just acknowledged something, and was not sent more, where a leader does not wait for its next heartbeat. */
  #heldBack(request: AdapterRequest, { messages }: Expected): readonly Difference[] {
    const { has, peers } = this;
    const mayWait = isPrecise(has) || has.retriesAtHeartbeat || has.separateHeartbeats;
    if (mayWait || messages.leader === null) return [];
    if (request.do !== 'deliver' || request.message.type !== 'AppendEntriesResponse') return [];
    const { from, term, success, matchIndex } = request.message;
    const { begin, entries, term: own } = messages.leader;
    const last = begin.index + entries.length;
    if (term !== own || !success || begin.index > 0) return [];
    // Another request may be under way.
    const isIdle =
      !peers.isOpen('AppendEntries', from, term) &&
      peers.sentUpTo(from, matchIndex) === matchIndex &&
      matchIndex < last;
    if (!isIdle || !messages.appends.some(({ to }) => to === from)) return [];
    const text = `to ${from} expected the entries behind ${matchIndex}, which it has acknowledged, got nothing of that`;
    return [{ kind: 'missing', text }];
  }
}

/** After this there is no node to ask. */
type Gone = Extract<Difference['kind'], 'broken' | 'hang' | 'malformed'>;

const kindOf = (error: AdapterBroken): Gone => {
  if (error instanceof AdapterHung) return 'hang';
  return error instanceof AdapterMalformed ? 'malformed' : 'broken';
};

const broken = (text: string, kind: Gone = 'broken'): Differences => ({ state: [{ kind, text }], sent: [] });

export const isGone = ({ kind }: Difference): boolean =>
  kind === 'broken' || kind === 'hang' || kind === 'malformed';
