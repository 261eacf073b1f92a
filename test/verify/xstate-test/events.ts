import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { TimerEvent } from '../../../src/node/step.ts';
import type { Input } from '../../../src/raft/inputs.ts';
import type { Message } from '../../../src/raft/messages.ts';
import { transitionsOf } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { appendEntries, appendResponse, command, requestVote } from '../../raft/contexts.ts';

export type ChartEvent = Input | TimerEvent;

const received = (message: Message): ChartEvent => ({ type: 'Received', message });

/** The timers of the chart: `@xstate/test` finds none of them by itself. */
const timers: readonly ChartEvent[] = transitionsOf(walk(raftMachine))
  .filter(({ kind, branch }) => kind === 'after' && branch === 0)
  .map(({ eventType }) => ({ type: eventType as TimerEvent['type'] }));

/** What node 1 of three is told by node 2, in terms 1 and 2: enough for every role, small enough to exhaust. */
export const events: readonly ChartEvent[] = [
  ...timers,
  ...[1, 2].flatMap((term): readonly ChartEvent[] => {
    const vote = { from: 2, to: 1, term, voteGranted: true } as const;
    return [
      received(requestVote({ term })),
      received({ type: 'RequestVoteResponse', ...vote }),
      received({ type: 'PreVote', from: 2, to: 1, term, lastLogIndex: 0, lastLogTerm: 0 }),
      received({ type: 'PreVoteResponse', ...vote }),
      received(appendEntries({ term, entries: [command(term)], leaderCommit: 1 })),
      received(appendResponse({ term, matchIndex: 1 })),
      received(appendResponse({ term, success: false, prevLogIndex: 1, conflictIndex: 1 })),
    ];
  }),
  { type: 'Proposed', proposals: [] },
  { type: 'TransferRequested', id: 1, target: 2 },
];
