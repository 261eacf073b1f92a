/**
 * Shortest paths through the chart by `xstate/graph`. It finds no timer and no message by itself, so it is given the events: a timer
 * is `xstate.after.NAME.STATE`, a message comes as `Received`. Run it: `node examples/xstate-graph.ts`
 */
import { type RaftEvent, raftMachine } from 'raftchart/chart';
import { getShortestPaths } from 'xstate/graph';

const timer = (name: string) => ({ type: name }) as unknown as RaftEvent;
const from2 = { from: 2, to: 1, term: 1 } as const;
const events: RaftEvent[] = [
  timer('xstate.after.electionTimeout.raft.follower'),
  timer('xstate.after.electionTimeout.raft.preCandidate'),
  timer('xstate.after.electionTimeout.raft.candidate'),
  timer('xstate.after.leaderLease.raft.follower.leased'),
  { type: 'Received', message: { type: 'PreVoteResponse', ...from2, voteGranted: true } },
  { type: 'Received', message: { type: 'RequestVoteResponse', ...from2, voteGranted: true } },
  {
    type: 'Received',
    message: {
      type: 'AppendEntries',
      ...from2,
      prevLogIndex: 0,
      prevLogTerm: 0,
      entries: [],
      leaderCommit: 0,
      round: 0,
    },
  },
];

const nameOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value as object)
        .map(([key, inside]) => (typeof inside === 'string' ? `${key}.${inside}` : key))
        .join();

const paths = getShortestPaths(raftMachine, {
  input: { id: 1, voters: [1, 2, 3] },
  events,
  // Without the context, which counts: each state once.
  serializeState: ({ value }) => nameOf(value),
});
for (const { state, steps } of paths) {
  console.log(`${nameOf(state.value)}: ${steps.map(({ event }) => event.type).join(' → ')}`);
}
