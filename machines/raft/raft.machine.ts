import { initialContext } from '../../src/raft/context.ts';
import { raftSetup } from './raft.setup.ts';

/**
 * One Raft node: Figure 2 of the Raft paper as a statechart, with PreVote (thesis §9.6), the leader's lease against
 * disruptive votes (thesis §4.2.3) and CheckQuorum (thesis §6.2). It decides whether and where; the rules in `src/raft`
 * compute what; the effects are provided by whoever runs it.
 */
export const raftMachine = raftSetup.createMachine({
  id: 'raft',
  context: ({ input }) => initialContext(input),
  options: { maxIterations: 100 },
  initial: 'follower',
  description:
    'Messages from outside arrive as Received and pass the term gate; roles see messages of the current term only.',
  meta: { rule: 'Raft paper §5.1; Figure 2, Rules for Servers' },
  on: {
    Received: [
      {
        guard: 'isNewerTerm',
        target: '.follower',
        actions: ['adoptTerm', 'deliver'],
        description: 'A newer term is adopted, and whoever this node was, it follows.',
        meta: { rule: 'Raft paper §5.1; Figure 2, All Servers' },
      },
      {
        guard: 'isStaleRequest',
        actions: 'answerStaleRequest',
        description:
          'A request of an older term is refused with the current one, so that its sender catches up.',
        meta: { rule: 'Raft paper §5.1; Figure 2, RequestVote 1 and AppendEntries 1; thesis §9.6' },
      },
      {
        guard: 'isStaleResponse',
        actions: 'ignore',
        description: 'An answer to a request of an earlier term means nothing any more.',
        meta: { rule: 'Raft paper §5.1' },
      },
      {
        actions: 'deliver',
        description: 'A message of the current term goes to the role.',
        meta: { rule: 'Raft paper §5.1' },
      },
    ],
    Applied: {
      actions: 'recordApplied',
      description: 'The state machine has caught up to this index.',
      meta: { rule: 'Raft paper §5.3; Figure 2, All Servers' },
    },
    Persisted: {
      actions: 'ignore',
      description: 'Only a leader counts its own disk; answers wait for it by the order of effects.',
      meta: { rule: 'Thesis §10.2.1' },
    },
  },
  states: {
    follower: {
      description: 'Answers candidates and leaders, and waits to hear from one of them.',
      meta: { rule: 'Raft paper §5.2; Figure 2, Followers' },
      entry: 'drawElectionTimeout',
      initial: 'unleased',
      after: {
        electionTimeout: {
          target: 'preCandidate',
          description: 'Neither a leader nor a candidate was heard for a whole election timeout.',
          meta: { rule: 'Raft paper §5.2; Figure 2, Followers; thesis §9.6' },
        },
      },
      states: {
        leased: {
          description: 'Heard from a leader less than the minimum election timeout ago.',
          meta: { rule: 'Thesis §4.2.3' },
          after: {
            leaderLease: {
              target: 'unleased',
              description: 'The leader may be gone: votes are considered again.',
              meta: { rule: 'Thesis §4.2.3' },
            },
          },
          on: {
            Received: {
              guard: 'isVoteRequest',
              actions: 'ignore',
              description: 'There is a leader: a server that was cut off must not depose it.',
              meta: { rule: 'Thesis §4.2.3' },
            },
          },
        },
        unleased: {
          description: 'No leader was heard for the minimum election timeout.',
          meta: { rule: 'Thesis §4.2.3' },
        },
      },
      on: {
        Received: {
          guard: 'isNewerTerm',
          actions: ['adoptTerm', 'deliver'],
          description:
            'A newer term is adopted in place, so that a vote that is then refused restarts no timer.',
          meta: { rule: 'Raft paper §5.1, §5.2; Figure 2, All Servers' },
        },
        AppendEntries: [
          {
            guard: 'isCommittedConflict',
            actions: 'ignore',
            description: 'A committed entry is never replaced; no correct leader asks for it.',
            meta: { rule: 'Raft paper §5.4, Figure 3, Leader Completeness' },
          },
          {
            guard: 'isLogMismatch',
            target: '.leased',
            reenter: true,
            actions: 'rejectAppend',
            description: 'The log lacks the entry before: the leader must go back.',
            meta: { rule: 'Raft paper §5.3; Figure 2, AppendEntries 2' },
          },
          {
            target: '.leased',
            reenter: true,
            actions: 'acceptAppend',
            description: 'The logs match up to here: takes what is new and commits what the leader has.',
            meta: { rule: 'Raft paper §5.3; Figure 2, AppendEntries 3 to 5' },
          },
        ],
        RequestVote: [
          {
            guard: 'votedForAnother',
            actions: 'denyVote',
            description: 'One vote per term, and it is given.',
            meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2' },
          },
          {
            guard: 'isLogBehind',
            actions: 'denyVote',
            description: 'The candidate might lack a committed entry.',
            meta: { rule: 'Raft paper §5.4.1; Figure 2, RequestVote 2' },
          },
          {
            target: '.unleased',
            reenter: true,
            actions: 'grantVote',
            description: 'Votes, durably, and gives the candidate the time of an election.',
            meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2 and Followers' },
          },
        ],
        PreVote: [
          {
            guard: 'isLogBehind',
            actions: 'denyPreVote',
            description: 'Such a candidate could not win here.',
            meta: { rule: 'Thesis §9.6; Raft paper §5.4.1' },
          },
          {
            actions: 'grantPreVote',
            description: 'Would vote for it, and promises nothing.',
            meta: { rule: 'Thesis §9.6' },
          },
        ],
        RequestVoteResponse: {
          actions: 'ignore',
          description: 'The election that this answers is over.',
          meta: { rule: 'Raft paper §5.2' },
        },
        PreVoteResponse: {
          actions: 'ignore',
          description: 'The pre-vote that this answers is over.',
          meta: { rule: 'Thesis §9.6' },
        },
        AppendEntriesResponse: {
          actions: 'ignore',
          description: 'It no longer leads.',
          meta: { rule: 'Raft paper §5.3' },
        },
        Proposed: {
          actions: 'rejectProposals',
          description: 'Only a leader appends; the client is told who leads.',
          meta: { rule: 'Raft paper §8' },
        },
      },
    },
    preCandidate: {
      description:
        'Asks whether an election could be won, in the term after the current one, without entering it.',
      meta: { rule: 'Thesis §9.6' },
      entry: ['drawElectionTimeout', 'startPreVote'],
      always: {
        guard: 'isSoleVoter',
        target: 'candidate',
        description: 'Nobody else has to be asked.',
        meta: { rule: 'Raft paper §5.2' },
      },
      after: {
        electionTimeout: {
          target: 'preCandidate',
          reenter: true,
          description: 'No majority answered: asks again.',
          meta: { rule: 'Thesis §9.6' },
        },
      },
      on: {
        PreVoteResponse: [
          {
            guard: 'isVoteRefused',
            actions: 'ignore',
            description: 'A refusal is not counted.',
            meta: { rule: 'Thesis §9.6' },
          },
          {
            guard: 'isVoteCounted',
            actions: 'ignore',
            description: 'The same voter twice is one vote.',
            meta: { rule: 'Raft paper §5.2' },
          },
          {
            guard: 'isVoteQuorum',
            target: 'candidate',
            description: 'A majority would vote for it: campaigns.',
            meta: { rule: 'Thesis §9.6' },
          },
          {
            actions: 'recordVote',
            description: 'One more grant, not yet a majority.',
            meta: { rule: 'Thesis §9.6' },
          },
        ],
        AppendEntries: {
          target: 'follower.leased',
          actions: 'redeliver',
          description: 'This term has a leader.',
          meta: { rule: 'Raft paper §5.2; Figure 2, Candidates' },
        },
        RequestVote: [
          {
            guard: 'votedForAnother',
            actions: 'denyVote',
            description: 'One vote per term, and it is given.',
            meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2' },
          },
          {
            guard: 'isLogBehind',
            actions: 'denyVote',
            description: 'The candidate might lack a committed entry.',
            meta: { rule: 'Raft paper §5.4.1; Figure 2, RequestVote 2' },
          },
          {
            target: 'follower.unleased',
            actions: 'grantVote',
            description: 'Another campaigns already: votes for it and waits.',
            meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2' },
          },
        ],
        PreVote: [
          {
            guard: 'isLogBehind',
            actions: 'denyPreVote',
            description: 'Such a candidate could not win here.',
            meta: { rule: 'Thesis §9.6; Raft paper §5.4.1' },
          },
          {
            actions: 'grantPreVote',
            description: 'Pre-candidates grant each other, or they would wait for each other for ever.',
            meta: { rule: 'Thesis §9.6' },
          },
        ],
        RequestVoteResponse: {
          actions: 'ignore',
          description: 'The election that this answers was not won in time.',
          meta: { rule: 'Raft paper §5.2' },
        },
        AppendEntriesResponse: {
          actions: 'ignore',
          description: 'It no longer leads.',
          meta: { rule: 'Raft paper §5.3' },
        },
        Proposed: {
          actions: 'rejectProposals',
          description: 'No leader is known.',
          meta: { rule: 'Raft paper §8' },
        },
      },
    },
    candidate: {
      description: 'Campaigns for currentTerm.',
      meta: { rule: 'Raft paper §5.2; Figure 2, Candidates' },
      entry: ['drawElectionTimeout', 'startElection'],
      always: {
        guard: 'isSoleVoter',
        target: 'leader',
        description: 'Its own vote is a majority.',
        meta: { rule: 'Raft paper §5.2' },
      },
      after: {
        electionTimeout: {
          target: 'preCandidate',
          description:
            'Split vote: tries again, and asks first, so that an isolated node does not raise its term.',
          meta: { rule: 'Raft paper §5.2; thesis §9.6' },
        },
      },
      on: {
        RequestVoteResponse: [
          {
            guard: 'isVoteRefused',
            actions: 'ignore',
            description: 'A refusal is not counted.',
            meta: { rule: 'Raft paper §5.2' },
          },
          {
            guard: 'isVoteCounted',
            actions: 'ignore',
            description: 'The same voter twice is one vote.',
            meta: { rule: 'Raft paper §5.2' },
          },
          {
            guard: 'isVoteQuorum',
            target: 'leader',
            description: 'A majority elects.',
            meta: { rule: 'Raft paper §5.2; Figure 2, Candidates' },
          },
          {
            actions: 'recordVote',
            description: 'One more vote, not yet a majority.',
            meta: { rule: 'Raft paper §5.2' },
          },
        ],
        AppendEntries: {
          target: 'follower.leased',
          actions: 'redeliver',
          description: 'Another won this term.',
          meta: { rule: 'Raft paper §5.2; Figure 2, Candidates' },
        },
        RequestVote: {
          actions: 'denyVote',
          description: 'It voted for itself.',
          meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2' },
        },
        PreVote: [
          {
            guard: 'isLogBehind',
            actions: 'denyPreVote',
            description: 'Such a candidate could not win here.',
            meta: { rule: 'Thesis §9.6; Raft paper §5.4.1' },
          },
          {
            actions: 'grantPreVote',
            description: 'There is no leader yet, so another may try the next term.',
            meta: { rule: 'Thesis §9.6' },
          },
        ],
        PreVoteResponse: {
          actions: 'ignore',
          description: 'The pre-vote that this answers is over.',
          meta: { rule: 'Thesis §9.6' },
        },
        AppendEntriesResponse: {
          actions: 'ignore',
          description: 'It does not lead this term.',
          meta: { rule: 'Raft paper §5.3' },
        },
        Proposed: {
          actions: 'rejectProposals',
          description: 'No leader is known.',
          meta: { rule: 'Raft paper §8' },
        },
      },
    },
    leader: {
      description: 'Replicates its log and commits what a majority holds.',
      meta: { rule: 'Raft paper §5.3, §5.4; Figure 2, Leaders' },
      type: 'parallel',
      entry: 'becomeLeader',
      exit: 'resign',
      states: {
        heartbeat: {
          initial: 'waiting',
          states: {
            waiting: {
              description: 'Waits to assert the leadership again.',
              meta: { rule: 'Raft paper §5.2' },
              after: {
                heartbeatInterval: {
                  target: 'waiting',
                  reenter: true,
                  actions: 'sendHeartbeats',
                  description: 'Keeps the followers from starting an election.',
                  meta: { rule: 'Raft paper §5.2; Figure 2, Leaders' },
                },
              },
            },
          },
        },
        quorumCheck: {
          initial: 'listening',
          states: {
            listening: {
              description: 'Collects who has answered in this period.',
              meta: { rule: 'Thesis §6.2' },
              after: {
                quorumCheck: [
                  {
                    guard: 'isQuorumLost',
                    target: '#raft.follower',
                    description: 'A leader that cannot reach a majority must not keep clients waiting.',
                    meta: { rule: 'Thesis §6.2' },
                  },
                  {
                    guard: 'isDiskStalled',
                    target: '#raft.follower',
                    description: 'A leader whose own disk hangs makes room for another.',
                    meta: { rule: 'Thesis §6.2, §10.2.1' },
                  },
                  {
                    target: 'listening',
                    reenter: true,
                    actions: 'startQuorumCheck',
                    description: 'A majority answered: starts the next period.',
                    meta: { rule: 'Thesis §6.2' },
                  },
                ],
              },
            },
          },
        },
      },
      on: {
        Received: {
          guard: 'isVoteRequest',
          actions: 'ignore',
          description: 'It leads: a server that was cut off must not depose it.',
          meta: { rule: 'Thesis §4.2.3' },
        },
        Proposed: {
          actions: 'appendProposals',
          description: 'Appends the commands and replicates them.',
          meta: { rule: 'Raft paper §5.3; Figure 2, Leaders' },
        },
        Persisted: [
          {
            guard: 'isPersistedInOtherTerm',
            actions: 'ignore',
            description: 'That write was issued before this term: what it covered may have been replaced.',
            meta: { rule: 'Thesis §10.2.1' },
          },
          {
            actions: 'recordPersisted',
            description: 'Its own disk has caught up: now the leader counts itself.',
            meta: { rule: 'Thesis §10.2.1; Raft paper §5.4.2' },
          },
        ],
        AppendEntriesResponse: [
          {
            guard: 'isUnknownFollower',
            actions: 'ignore',
            description: 'It replicates nothing to that node.',
            meta: { rule: 'Raft paper §5.3' },
          },
          {
            guard: 'isMatchBeyondLog',
            actions: 'ignore',
            description: 'No correct follower holds more than the leader sent.',
            meta: { rule: 'Raft paper §5.3, Leader Append-Only' },
          },
          {
            guard: 'isStaleRejection',
            actions: 'recordContact',
            description: 'A rejection that was acted on already, or is contradicted by what matched since.',
            meta: { rule: 'Raft paper §5.3' },
          },
          {
            guard: 'isAppendRejected',
            actions: 'backtrack',
            description: 'The follower lacks what came before: goes back a whole term at a time.',
            meta: { rule: 'Raft paper §5.3; Figure 2, Leaders' },
          },
          {
            actions: 'recordMatch',
            description: 'The follower holds these entries: commits what that allows, and sends what waits.',
            meta: { rule: 'Raft paper §5.3, §5.4.2; Figure 2, Leaders' },
          },
        ],
        AppendEntries: {
          actions: 'ignore',
          description: 'A second leader of this term cannot be.',
          meta: { rule: 'Raft paper §5.2, Election Safety' },
        },
        RequestVoteResponse: {
          actions: 'ignore',
          description: 'A vote that came after the majority.',
          meta: { rule: 'Raft paper §5.2' },
        },
        PreVoteResponse: {
          actions: 'ignore',
          description: 'The pre-vote that this answers is over.',
          meta: { rule: 'Thesis §9.6' },
        },
      },
    },
  },
});
