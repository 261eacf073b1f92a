/**
 * The conformance tests run in code against an implementation in the same process: here a node that never votes.
 * Run it: `node examples/conformance-in-code.ts`. For another process: `raftchart conformance`.
 */
import {
  type Adapter,
  type AdapterRequest,
  pathsFor,
  reportText,
  runConformance,
} from 'raftchart/conformance';

/** A follower that adopts terms and refuses everything. */
class NeverVotes implements Adapter {
  #term = 0;
  #self = 1;

  async ask(request: AdapterRequest) {
    const sent = [];
    if (request.do === 'init') {
      this.#term = 0;
      this.#self = request.id;
    }
    if (request.do === 'deliver') {
      const { type, from, term } = request.message;
      if (term > this.#term && type !== 'PreVote') this.#term = term;
      if (type === 'RequestVote') {
        const answer = { from: this.#self, to: from, term: this.#term, voteGranted: false };
        sent.push({ type: 'RequestVoteResponse', ...answer } as const);
      }
    }
    return {
      ok: true,
      state: { role: 'follower', term: this.#term, votedFor: null, commitIndex: 0 },
      sent,
      ...(request.do === 'init' && { implementation: { name: 'never-votes', version: '1' } }),
    } as const;
  }
}

// For what the node says it is: without pre-vote, without a no-op. Those of two voters are generated in a second; without `voters`, those of all sizes in a minute.
const report = await runConformance(new NeverVotes(), (has) =>
  pathsFor(has, { cover: 'transitions', voters: 2 }),
);
const summary = reportText(report).trimEnd().split('\n').slice(-3);
console.log(summary.join('\n'));
console.log(
  report.rules.some(({ rule, status }) => rule.includes('§5.2') && status === 'failed')
    ? 'elections: failed'
    : 'elections: passed',
);
