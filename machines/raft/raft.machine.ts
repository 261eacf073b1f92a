import { initialContext } from '../../src/raft/context.ts';
import { raftSetup } from './raft.setup.ts';

/**
 * One Raft node: Figure 2 of the Raft paper as a statechart, with PreVote (thesis §9.6), the leader's lease against
 * disruptive votes (thesis §4.2.3) and CheckQuorum (thesis §6.2). It decides whether and where; the rules in `src/raft`
 * compute what; its runner provides the effects.
 */
export const raftMachine = raftSetup.createMachine({
  id: 'raft',
  context: ({ input }) => initialContext(input),
  options: { maxIterations: 100 },
  initial: 'follower',
  description:
    'Every message from outside arrives as Received and passes the term gate; roles see only messages of the current term.',
  meta: { rule: 'Raft paper §5.1; Figure 2, Rules for Servers' },
  on: {
    Received: [
      {
        guard: 'isTermTooFar',
        actions: 'reportTerm',
        description:
          'A term that no correct cluster gets to is not believed: one message must not use up all terms.',
        meta: { rule: 'Raft paper §5.1' },
      },
      {
        guard: 'isNewerTerm',
        target: '.follower.unleased',
        actions: ['adoptTerm', 'deliver'],
        description: 'A newer term: adopts it and becomes a follower, whatever its role was.',
        meta: { rule: 'Raft paper §5.1; Figure 2, All Servers' },
      },
      {
        guard: 'isStaleRequest',
        actions: 'answerStaleRequest',
        description:
          'A request from an older term is refused with the current term, so that its sender can catch up.',
        meta: { rule: 'Raft paper §5.1; Figure 2, RequestVote 1 and AppendEntries 1; thesis §9.6' },
      },
      {
        guard: 'isStaleResponse',
        actions: 'ignore',
        description:
          'A response from an earlier term, or a request that needs no answer, is dropped: it no longer means anything.',
        meta: { rule: 'Raft paper §5.1' },
      },
      {
        guard: 'keepsTime',
        actions: ['recordTime', 'deliver'],
        description:
          'With lease reads it notes the time as well: a message of the current term is handed to the role.',
        meta: { rule: 'Thesis §6.4.1' },
      },
      {
        actions: 'deliver',
        description: 'A message of the current term is handed to the role.',
        meta: { rule: 'Raft paper §5.1' },
      },
    ],
    Applied: {
      actions: 'recordApplied',
      description: 'The state machine has applied the log up to this index.',
      meta: { rule: 'Raft paper §5.3; Figure 2, All Servers' },
    },
    SnapshotSaved: [
      {
        guard: 'isSnapshotOlder',
        actions: 'ignore',
        description: 'A snapshot that reaches as far is durable already: the log never goes back.',
        meta: { rule: 'Raft paper §7' },
      },
      {
        actions: 'compactLog',
        description: 'Drops the entries that the snapshot stands for, but for the last ones.',
        meta: { rule: 'Raft paper §7' },
      },
    ],
    SnapshotReceived: {
      actions: 'forgetSnapshot',
      description: 'The snapshot is durable: as soon as all of it is committed, it is the one to send.',
      meta: { rule: 'Raft paper §7' },
    },
    SnapshotFailed: {
      actions: 'forgetSnapshot',
      description: 'What was received is of no use: asks for all of it again when the next chunk comes.',
      meta: { rule: 'Raft paper §7' },
    },
    InstallSnapshotResponse: {
      actions: 'ignore',
      description: 'Only the leader of this term sends snapshots: this node does not lead it.',
      meta: { rule: 'Raft paper §7' },
    },
    RequestVoteResponse: {
      actions: 'ignore',
      description: 'Only a candidate counts votes: anywhere else the election that this answers is over.',
      meta: { rule: 'Raft paper §5.2' },
    },
    PreVoteResponse: {
      actions: 'ignore',
      description:
        'Only a pre-candidate counts pre-votes: anywhere else the pre-vote that this answers is over.',
      meta: { rule: 'Thesis §9.6' },
    },
    AppendEntriesResponse: {
      actions: 'ignore',
      description: 'Only the leader of this term counts replicas: this node does not lead it.',
      meta: { rule: 'Raft paper §5.3' },
    },
    Persisted: {
      actions: 'ignore',
      description:
        'Only a leader counts its own disk; replies already wait for the writes issued before them.',
      meta: { rule: 'Thesis §10.2.1' },
    },
    TimeoutNow: {
      actions: 'ignore',
      description: 'Only a follower takes over: this node campaigns or leads already.',
      meta: { rule: 'Thesis §3.10' },
    },
    ReadRequested: {
      actions: 'refuseRead',
      description: 'No leader is known that could confirm the read: the client has to ask again.',
      meta: { rule: 'Thesis §6.4' },
    },
    ReadIndex: {
      actions: 'refuseReadIndex',
      description:
        'Only the leader knows how far a read must go: the follower that asks is told that this is not it.',
      meta: { rule: 'Thesis §6.4' },
    },
    ReadIndexResponse: [
      {
        guard: 'isReadRefused',
        actions: 'rejectForwardedRead',
        description: 'The node that was asked does not lead, or no longer does: the client has to ask again.',
        meta: { rule: 'Thesis §6.4' },
      },
      {
        actions: 'confirmForwardedRead',
        description: 'The leader has confirmed the read: it can be answered here once that much is applied.',
        meta: { rule: 'Thesis §6.4' },
      },
    ],
  },
  states: {
    follower: {
      description: 'Responds to candidates and leaders, and waits to hear from one of them.',
      meta: { rule: 'Raft paper §5.2; Figure 2, Followers' },
      entry: 'drawElectionTimeout',
      initial: 'starting',
      after: {
        electionTimeout: [
          {
            guard: 'isNotVoter',
            target: 'follower.unleased',
            reenter: true,
            description:
              'Has no vote, as far as its log says, so it does not campaign: waits on, since it may have one by then.',
            meta: { rule: 'Thesis §4.2.1, §4.2.2' },
          },
          {
            target: 'preCandidate',
            description: 'A whole election timeout passed without hearing from a leader or granting a vote.',
            meta: { rule: 'Raft paper §5.2; Figure 2, Followers; thesis §9.6' },
          },
        ],
      },
      states: {
        starting: {
          description: 'Has just started, and does not remember from whom it last heard.',
          meta: { rule: 'Raft paper §5.2' },
          always: [
            {
              guard: 'mayOweLease',
              target: 'leased',
              description:
                'A leader may still rely on this node not to vote for another: waits as if it had just heard from it.',
              meta: { rule: 'Thesis §6.4.1' },
            },
            {
              target: 'unleased',
              description: 'No leader relies on clocks: considers vote requests at once.',
              meta: { rule: 'Raft paper §5.2' },
            },
          ],
        },
        leased: {
          description: 'Has heard from a leader within the minimum election timeout.',
          meta: { rule: 'Thesis §4.2.3' },
          after: {
            leaderLease: {
              target: 'unleased',
              description: 'The leader may be gone: considers vote requests again.',
              meta: { rule: 'Thesis §4.2.3' },
            },
          },
          on: {
            Received: {
              guard: 'isDisruptiveVote',
              actions: 'ignore',
              description:
                'There is a leader: ignores vote requests that it did not ask for, so that a disruptive server cannot depose it.',
              meta: { rule: 'Thesis §4.2.3' },
            },
          },
        },
        unleased: {
          description: 'Has not heard from a leader within the minimum election timeout.',
          meta: { rule: 'Thesis §4.2.3' },
        },
      },
      on: {
        Received: {
          guard: 'isNewerTerm',
          actions: ['adoptTerm', 'deliver'],
          description:
            'A newer term: adopts it in place, so that refusing a vote does not restart the election timer.',
          meta: { rule: 'Raft paper §5.1, §5.2; Figure 2, All Servers' },
        },
        AppendEntries: [
          {
            guard: 'isCommittedConflict',
            actions: 'ignore',
            description: 'A committed entry is never replaced: no correct leader would ask for that.',
            meta: { rule: 'Raft paper §5.4, Figure 3, Leader Completeness' },
          },
          {
            guard: 'isLogMismatch',
            target: '.leased',
            reenter: true,
            actions: 'rejectAppend',
            description: 'The log has no matching entry at prevLogIndex: the leader must go back.',
            meta: { rule: 'Raft paper §5.3; Figure 2, AppendEntries 2' },
          },
          {
            target: '.leased',
            reenter: true,
            actions: 'acceptAppend',
            description:
              'The logs match at prevLogIndex: appends what is new and commits what the leader has committed.',
            meta: { rule: 'Raft paper §5.3; Figure 2, AppendEntries 3 to 5' },
          },
        ],
        InstallSnapshot: [
          {
            guard: 'isSnapshotStale',
            target: '.leased',
            reenter: true,
            actions: 'answerStaleSnapshot',
            description: 'Has committed all that the snapshot stands for: tells the leader where to go on.',
            meta: { rule: 'Raft paper §7' },
          },
          {
            guard: 'isSnapshotComplete',
            target: '.leased',
            reenter: true,
            actions: 'awaitSnapshot',
            description: 'All of it has arrived and is being checked: the answer comes after that.',
            meta: { rule: 'Raft paper §7' },
          },
          {
            guard: 'isChunkOutOfOrder',
            target: '.leased',
            reenter: true,
            actions: 'askForChunk',
            description: 'Not the chunk that comes next: says which one does.',
            meta: { rule: 'Raft paper §7, Figure 13' },
          },
          {
            target: '.leased',
            reenter: true,
            actions: 'keepChunk',
            description:
              'Keeps the chunk and asks for the next; the last one is checked before it is answered.',
            meta: { rule: 'Raft paper §7, Figure 13' },
          },
        ],
        SnapshotReceived: [
          {
            guard: 'isReceivedStale',
            actions: 'forgetSnapshot',
            description: 'Waits for another one, or has committed all of it by other means meanwhile.',
            meta: { rule: 'Raft paper §7' },
          },
          {
            actions: 'adoptSnapshot',
            description: 'Begins its log with the snapshot; the entries after it stay if they continue it.',
            meta: { rule: 'Raft paper §7, Figure 13' },
          },
        ],
        RequestVote: [
          {
            guard: 'votedForAnother',
            actions: 'denyVote',
            description: 'Has already voted for another candidate in this term.',
            meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2' },
          },
          {
            guard: 'isLogBehind',
            actions: 'denyVote',
            description: 'The candidate has a less up-to-date log and might lack a committed entry.',
            meta: { rule: 'Raft paper §5.4.1; Figure 2, RequestVote 2' },
          },
          {
            target: '.unleased',
            reenter: true,
            actions: 'grantVote',
            description:
              'Grants its vote, durably, and restarts its election timer to give the candidate time to win.',
            meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2 and Followers' },
          },
        ],
        PreVote: [
          {
            guard: 'isLogBehind',
            actions: 'denyPreVote',
            description: 'The pre-candidate has a less up-to-date log and would not get this vote.',
            meta: { rule: 'Thesis §9.6; Raft paper §5.4.1' },
          },
          {
            actions: 'grantPreVote',
            description: 'Would vote for it in the next term; the grant is not a vote and promises nothing.',
            meta: { rule: 'Thesis §9.6' },
          },
        ],
        Proposed: {
          actions: 'rejectProposals',
          description: 'Only the leader accepts commands: the client is told who leads, if that is known.',
          meta: { rule: 'Raft paper §8' },
        },
        TransferRequested: {
          actions: 'redirectTransfer',
          description: 'Only the leader hands over: the client is told who leads, if that is known.',
          meta: { rule: 'Thesis §3.10' },
        },
        ConfigurationProposed: {
          actions: 'redirectChange',
          description: 'Only the leader changes the members: the client is told who leads, if that is known.',
          meta: { rule: 'Thesis §4.1' },
        },
        TimeoutNow: [
          {
            guard: 'isNotVoter',
            actions: 'ignore',
            description: 'Has no vote, as far as its log says, so it does not campaign.',
            meta: { rule: 'Thesis §3.10, §4.2.1' },
          },
          {
            target: 'candidate',
            actions: 'markTransfer',
            description: 'The leader wants this node to lead: campaigns at once, without a pre-vote.',
            meta: { rule: 'Thesis §3.10' },
          },
        ],
        ReadRequested: [
          {
            guard: 'isLeaderUnknown',
            actions: 'refuseRead',
            description: 'No leader is known that could confirm the read: the client has to ask again.',
            meta: { rule: 'Thesis §6.4' },
          },
          {
            actions: 'forwardRead',
            description: 'Asks the leader how far the read must go; the state machine here answers it.',
            meta: { rule: 'Thesis §6.4' },
          },
        ],
      },
    },
    preCandidate: {
      description: 'Asks whether it could win an election in the next term, without entering that term.',
      meta: { rule: 'Thesis §9.6' },
      entry: ['drawElectionTimeout', 'startPreVote'],
      always: {
        guard: 'isSoleVoter',
        target: 'candidate',
        description: 'It is the only voter: there is nobody else to ask.',
        meta: { rule: 'Raft paper §5.2' },
      },
      after: {
        electionTimeout: {
          target: 'preCandidate',
          reenter: true,
          description: 'No majority granted a pre-vote in time: asks again.',
          meta: { rule: 'Thesis §9.6' },
        },
      },
      on: {
        PreVoteResponse: [
          {
            guard: 'isVoteRefused',
            actions: 'ignore',
            description: 'A refusal does not count towards the majority.',
            meta: { rule: 'Thesis §9.6' },
          },
          {
            guard: 'isVoteCounted',
            actions: 'ignore',
            description: 'A duplicate: each voter counts only once.',
            meta: { rule: 'Raft paper §5.2' },
          },
          {
            guard: 'isVoteQuorum',
            target: 'candidate',
            description: 'A majority would vote for it: starts an election.',
            meta: { rule: 'Thesis §9.6' },
          },
          {
            actions: 'recordVote',
            description: 'One more grant, but not yet a majority.',
            meta: { rule: 'Thesis §9.6' },
          },
        ],
        AppendEntries: {
          target: 'follower.leased',
          actions: 'redeliver',
          description: 'This term has a leader: becomes its follower.',
          meta: { rule: 'Raft paper §5.2; Figure 2, Candidates' },
        },
        InstallSnapshot: {
          target: 'follower.leased',
          actions: 'redeliver',
          description: 'This term has a leader, which sends a snapshot: becomes its follower.',
          meta: { rule: 'Raft paper §5.2; Figure 2, Candidates' },
        },
        RequestVote: [
          {
            guard: 'votedForAnother',
            actions: 'denyVote',
            description: 'Has already voted for another candidate in this term.',
            meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2' },
          },
          {
            guard: 'isLogBehind',
            actions: 'denyVote',
            description: 'The candidate has a less up-to-date log and might lack a committed entry.',
            meta: { rule: 'Raft paper §5.4.1; Figure 2, RequestVote 2' },
          },
          {
            target: 'follower.unleased',
            actions: 'grantVote',
            description: 'Another candidate is already running: votes for it and waits as a follower.',
            meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2' },
          },
        ],
        PreVote: [
          {
            guard: 'isLogBehind',
            actions: 'denyPreVote',
            description: 'The pre-candidate has a less up-to-date log and would not get this vote.',
            meta: { rule: 'Thesis §9.6; Raft paper §5.4.1' },
          },
          {
            actions: 'grantPreVote',
            description:
              'Grants it even as a pre-candidate: otherwise pre-candidates could block each other forever.',
            meta: { rule: 'Thesis §9.6' },
          },
        ],
        Proposed: {
          actions: 'rejectProposals',
          description: 'No leader is known, so the command is rejected.',
          meta: { rule: 'Raft paper §8' },
        },
        TransferRequested: {
          actions: 'redirectTransfer',
          description: 'No leader is known that could hand over.',
          meta: { rule: 'Thesis §3.10' },
        },
        ConfigurationProposed: {
          actions: 'redirectChange',
          description: 'No leader is known that could change the members.',
          meta: { rule: 'Thesis §4.1' },
        },
        TimeoutNow: {
          target: 'candidate',
          actions: 'markTransfer',
          description: 'This term has a leader, which wants this node to lead: campaigns at once.',
          meta: { rule: 'Thesis §3.10' },
        },
      },
    },
    candidate: {
      description: 'Asks for votes to become the leader of currentTerm.',
      meta: { rule: 'Raft paper §5.2; Figure 2, Candidates' },
      entry: ['drawElectionTimeout', 'startElection'],
      after: {
        electionTimeout: {
          target: 'preCandidate',
          description:
            'Split vote: tries again, but with a pre-vote first, so that an isolated node does not raise its term.',
          meta: { rule: 'Raft paper §5.2; thesis §9.6' },
        },
      },
      on: {
        RequestVoteResponse: [
          {
            guard: 'isVoteRefused',
            actions: 'ignore',
            description: 'A refusal does not count towards the majority.',
            meta: { rule: 'Raft paper §5.2' },
          },
          {
            guard: 'isVoteCounted',
            actions: 'ignore',
            description: 'A duplicate: each voter counts only once.',
            meta: { rule: 'Raft paper §5.2' },
          },
          {
            guard: 'isVoteQuorum',
            target: 'leader',
            description: 'A majority voted for it: becomes the leader.',
            meta: { rule: 'Raft paper §5.2; Figure 2, Candidates' },
          },
          {
            actions: 'recordVote',
            description: 'One more vote, but not yet a majority.',
            meta: { rule: 'Raft paper §5.2' },
          },
        ],
        Persisted: [
          {
            guard: 'isPersistedInOtherTerm',
            actions: 'ignore',
            description: 'A write of an earlier term says nothing about its vote in this one.',
            meta: { rule: 'Raft paper §5.2' },
          },
          {
            guard: 'isSoleVoter',
            target: 'leader',
            description: 'It is the only voter, and its vote is durable: that is a majority.',
            meta: { rule: 'Raft paper §5.2; Figure 2' },
          },
          {
            actions: 'ignore',
            description:
              'Its vote is durable, but not the only one that counts: waits for those of the others.',
            meta: { rule: 'Raft paper §5.2' },
          },
        ],
        AppendEntries: {
          target: 'follower.leased',
          actions: 'redeliver',
          description: 'Another candidate won this term: becomes its follower.',
          meta: { rule: 'Raft paper §5.2; Figure 2, Candidates' },
        },
        InstallSnapshot: {
          target: 'follower.leased',
          actions: 'redeliver',
          description: 'Another candidate won this term and sends a snapshot: becomes its follower.',
          meta: { rule: 'Raft paper §5.2; Figure 2, Candidates' },
        },
        RequestVote: {
          actions: 'denyVote',
          description: 'Has already voted for itself in this term.',
          meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2' },
        },
        PreVote: [
          {
            guard: 'isLogBehind',
            actions: 'denyPreVote',
            description: 'The pre-candidate has a less up-to-date log and would not get this vote.',
            meta: { rule: 'Thesis §9.6; Raft paper §5.4.1' },
          },
          {
            actions: 'grantPreVote',
            description: 'There is no leader yet, so another node may run in the next term.',
            meta: { rule: 'Thesis §9.6' },
          },
        ],
        Proposed: {
          actions: 'rejectProposals',
          description: 'No leader is known, so the command is rejected.',
          meta: { rule: 'Raft paper §8' },
        },
        TransferRequested: {
          actions: 'redirectTransfer',
          description: 'No leader is known that could hand over.',
          meta: { rule: 'Thesis §3.10' },
        },
        ConfigurationProposed: {
          actions: 'redirectChange',
          description: 'No leader is known that could change the members.',
          meta: { rule: 'Thesis §4.1' },
        },
      },
    },
    leader: {
      description: 'Replicates its log and commits the entries that a majority holds.',
      meta: { rule: 'Raft paper §5.3, §5.4; Figure 2, Leaders' },
      type: 'parallel',
      entry: 'becomeLeader',
      exit: 'resign',
      states: {
        heartbeat: {
          initial: 'waiting',
          states: {
            waiting: {
              description: 'Waits until the next heartbeat is due.',
              meta: { rule: 'Raft paper §5.2' },
              after: {
                heartbeatInterval: {
                  target: 'waiting',
                  reenter: true,
                  actions: 'sendHeartbeats',
                  description: 'Sends heartbeats, so that followers do not start an election.',
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
              description: 'Records which followers respond in this period.',
              meta: { rule: 'Thesis §6.2' },
              after: {
                quorumCheck: [
                  {
                    guard: 'isQuorumLost',
                    target: '#raft.follower.unleased',
                    description:
                      'No majority responded in this period: steps down rather than keep clients waiting.',
                    meta: { rule: 'Thesis §6.2' },
                  },
                  {
                    guard: 'isDiskStalled',
                    target: '#raft.follower.unleased',
                    description: 'Its own disk has stalled: steps down to make room for another leader.',
                    meta: { rule: 'Thesis §6.2, §10.2.1' },
                  },
                  {
                    target: 'listening',
                    reenter: true,
                    actions: 'startQuorumCheck',
                    description: 'A majority responded: starts the next period.',
                    meta: { rule: 'Thesis §6.2' },
                  },
                ],
              },
            },
          },
        },
        transfer: {
          initial: 'idle',
          states: {
            idle: {
              description: 'Takes commands.',
              meta: { rule: 'Raft paper §5.3' },
              on: {
                Proposed: {
                  actions: 'appendProposals',
                  description: 'Appends the commands to its log and replicates them.',
                  meta: { rule: 'Raft paper §5.3; Figure 2, Leaders' },
                },
                TransferRequested: [
                  {
                    guard: 'isTransferTargetSelf',
                    actions: 'rejectTransferToSelf',
                    description: 'It leads already: there is nothing to hand over.',
                    meta: { rule: 'Thesis §3.10' },
                  },
                  {
                    guard: 'isTransferTargetUnknown',
                    actions: 'rejectUnknownTarget',
                    description: 'There is no such voter to hand over to.',
                    meta: { rule: 'Thesis §3.10' },
                  },
                  {
                    guard: 'isTransferTargetReady',
                    target: 'handedOver',
                    actions: ['startTransfer', 'sendTimeoutNow'],
                    description: 'The target holds the whole log: tells it to campaign at once.',
                    meta: { rule: 'Thesis §3.10' },
                  },
                  {
                    target: 'catchingUp',
                    actions: 'startTransfer',
                    description: 'The target lacks entries: sends it the rest first.',
                    meta: { rule: 'Thesis §3.10' },
                  },
                ],
              },
            },
            catchingUp: {
              description: 'Brings the target up to date, and takes no commands meanwhile.',
              meta: { rule: 'Thesis §3.10' },
              after: {
                transferTimeout: {
                  target: 'idle',
                  actions: 'abandonTransfer',
                  description: 'The target did not catch up in time: takes commands again.',
                  meta: { rule: 'Thesis §3.10' },
                },
              },
              on: {
                TargetReady: {
                  target: 'handedOver',
                  actions: 'sendTimeoutNow',
                  description: 'The target holds the whole log: tells it to campaign at once.',
                  meta: { rule: 'Thesis §3.10' },
                },
                Proposed: {
                  actions: 'rejectProposals',
                  description:
                    'Appends nothing that the next leader might lack: the client is told who that will be.',
                  meta: { rule: 'Thesis §3.10' },
                },
                TransferRequested: {
                  actions: 'rejectSecondTransfer',
                  description: 'One transfer at a time.',
                  meta: { rule: 'Thesis §3.10' },
                },
              },
            },
            handedOver: {
              description: 'Waits for the term of the target, and takes no commands meanwhile.',
              meta: { rule: 'Thesis §3.10' },
              after: {
                transferTimeout: {
                  target: 'idle',
                  actions: 'abandonTransfer',
                  description: 'The target did not take over in time: takes commands again.',
                  meta: { rule: 'Thesis §3.10' },
                },
              },
              on: {
                TargetReady: {
                  actions: 'ignore',
                  description:
                    'The target has been told already: it merely answers once more that it holds the whole log.',
                  meta: { rule: 'Thesis §3.10' },
                },
                Proposed: {
                  actions: 'rejectProposals',
                  description:
                    'Appends nothing that the next leader might lack: the client is told who that will be.',
                  meta: { rule: 'Thesis §3.10' },
                },
                TransferRequested: {
                  actions: 'rejectSecondTransfer',
                  description: 'One transfer at a time.',
                  meta: { rule: 'Thesis §3.10' },
                },
              },
            },
          },
        },
        configuration: {
          initial: 'entering',
          states: {
            entering: {
              description: 'Takes over the members that its log names, and any change that is under way.',
              meta: { rule: 'Thesis §4.3' },
              always: [
                {
                  guard: 'isJointInForce',
                  target: 'joint',
                  description:
                    'Its predecessor began a change: old and new voters decide together until it is left.',
                  meta: { rule: 'Thesis §4.3' },
                },
                {
                  guard: 'isConfigurationUncommitted',
                  target: 'leaving',
                  description: 'Its predecessor appended a configuration that may not be committed yet.',
                  meta: { rule: 'Thesis §4.1' },
                },
                {
                  target: 'settled',
                  description: 'No change is under way.',
                  meta: { rule: 'Thesis §4.1' },
                },
              ],
            },
            settled: {
              description: 'The configuration in force is committed: takes changes.',
              meta: { rule: 'Thesis §4.1' },
              on: {
                ConfigurationProposed: [
                  {
                    guard: 'isTransferring',
                    actions: 'rejectWhileTransferring',
                    description:
                      'The leadership is being handed over: appends nothing that the next leader might lack.',
                    meta: { rule: 'Thesis §3.10' },
                  },
                  {
                    guard: 'isOwnTermUncommitted',
                    actions: 'rejectUntilReady',
                    description:
                      'May not know the latest committed configuration until an entry of its own term is committed.',
                    meta: { rule: 'Thesis §4.1; Raft paper §5.4.2' },
                  },
                  {
                    guard: 'namesUnknownMember',
                    actions: 'rejectUnknownMember',
                    description: 'Names a node that is not a member.',
                    meta: { rule: 'Thesis §4.1' },
                  },
                  {
                    guard: 'isConfigurationUnchanged',
                    actions: 'rejectUnchanged',
                    description: 'The members are already as asked for.',
                    meta: { rule: 'Thesis §4.1' },
                  },
                  {
                    guard: 'hasNoVoter',
                    actions: 'rejectWithoutVoter',
                    description: 'Nobody would be left to vote.',
                    meta: { rule: 'Thesis §4.1' },
                  },
                  {
                    guard: 'putsVoterOnOtherDisk',
                    actions: 'rejectDiskOfVoter',
                    description:
                      'Would put a voter on another disk, whose votes and acknowledgements must not count beside those of the old one: only a learner changes disks.',
                    meta: { rule: 'Raft paper §5.2, §5.4; thesis §4.2.1' },
                  },
                  {
                    guard: 'needsCatchUp',
                    target: 'catchingUp',
                    actions: 'startCatchUp',
                    description:
                      'A learner that is to vote lacks entries, or has not answered of late: brings it up to date first.',
                    meta: { rule: 'Thesis §4.2.1' },
                  },
                  {
                    guard: 'keepsVoters',
                    target: 'leaving',
                    actions: 'appendConfiguration',
                    description: 'The voters stay as they are, so no majority changes: one entry is enough.',
                    meta: { rule: 'Thesis §4.2.1' },
                  },
                  {
                    target: 'joint',
                    actions: 'appendJoint',
                    description:
                      'From now on every decision takes a majority of the old voters and one of the new.',
                    meta: { rule: 'Thesis §4.3; Raft paper §6' },
                  },
                ],
              },
            },
            catchingUp: {
              description:
                'Brings the learners that are to vote up to date, before any decision depends on them.',
              meta: { rule: 'Thesis §4.2.1' },
              initial: 'inTime',
              on: {
                ConfigurationProposed: {
                  actions: 'rejectSecondChange',
                  description: 'One change at a time.',
                  meta: { rule: 'Thesis §4.1' },
                },
              },
              states: {
                inTime: {
                  description: 'This round has taken less than an election timeout so far.',
                  meta: { rule: 'Thesis §4.2.1' },
                  after: {
                    catchUpRound: {
                      target: 'late',
                      description:
                        'This round takes longer than an election timeout, so the learners are not up to date when it ends.',
                      meta: { rule: 'Thesis §4.2.1' },
                    },
                  },
                  on: {
                    CaughtUp: [
                      {
                        guard: 'isTransferring',
                        actions: 'ignore',
                        description:
                          'The leadership is being handed over: appends nothing that the next leader might lack.',
                        meta: { rule: 'Thesis §3.10' },
                      },
                      {
                        target: '#raft.leader.configuration.joint',
                        actions: 'appendAwaitedJoint',
                        description:
                          'The learners are almost up to date: from now on every decision takes a majority of the old voters and one of the new.',
                        meta: { rule: 'Thesis §4.2.1, §4.3' },
                      },
                    ],
                  },
                },
                late: {
                  description: 'This round has taken longer than an election timeout.',
                  meta: { rule: 'Thesis §4.2.1' },
                  after: {
                    catchUpTimeout: [
                      {
                        guard: 'isCatchUpStuck',
                        target: '#raft.leader.configuration.settled',
                        actions: 'abandonChange',
                        description: 'The learners make no progress: gives up, and they stay learners.',
                        meta: { rule: 'Thesis §4.2.1' },
                      },
                      {
                        target: 'late',
                        reenter: true,
                        actions: 'noteCatchUp',
                        description: 'The learners make progress, however slowly: waits on.',
                        meta: { rule: 'Thesis §4.2.1' },
                      },
                    ],
                  },
                  on: {
                    CaughtUp: [
                      {
                        guard: 'isCatchUpExhausted',
                        target: '#raft.leader.configuration.settled',
                        actions: 'abandonChange',
                        description:
                          'The last round took too long as well: gives up, since the learners do not keep up.',
                        meta: { rule: 'Thesis §4.2.1' },
                      },
                      {
                        target: 'inTime',
                        actions: 'startNextRound',
                        description:
                          'The next round sends what was appended meanwhile, and should be shorter.',
                        meta: { rule: 'Thesis §4.2.1' },
                      },
                    ],
                  },
                },
              },
            },
            joint: {
              description:
                'Old and new voters decide together: nothing is decided without a majority of each.',
              meta: { rule: 'Thesis §4.3; Raft paper §6' },
              on: {
                JointCommitted: [
                  {
                    guard: 'isTransferring',
                    actions: 'ignore',
                    description:
                      'The leadership is being handed over: appends nothing that the next leader might lack, which leaves the joint configuration itself.',
                    meta: { rule: 'Thesis §3.10, §4.3' },
                  },
                  {
                    target: 'leaving',
                    actions: 'appendFinal',
                    description:
                      'Both majorities hold the joint configuration: from now on the new voters decide alone.',
                    meta: { rule: 'Thesis §4.3; Raft paper §6' },
                  },
                ],
                ConfigurationProposed: {
                  actions: 'rejectSecondChange',
                  description: 'One change at a time.',
                  meta: { rule: 'Thesis §4.1' },
                },
              },
            },
            leaving: {
              description: 'The new configuration is in force, but not known to be committed yet.',
              meta: { rule: 'Thesis §4.1' },
              on: {
                FinalCommitted: [
                  {
                    guard: 'isSelfRemoved',
                    target: 'removed',
                    actions: ['completeChange', 'handOver'],
                    description:
                      'The change is complete, and leaves this leader without a vote: tells the best follower to campaign.',
                    meta: { rule: 'Thesis §4.2.2' },
                  },
                  {
                    target: 'settled',
                    actions: 'completeChange',
                    description:
                      'The change is complete: answers the client, and stops sending to members that were removed.',
                    meta: { rule: 'Thesis §4.1' },
                  },
                ],
                ConfigurationProposed: {
                  actions: 'rejectSecondChange',
                  description: 'One change at a time.',
                  meta: { rule: 'Thesis §4.1' },
                },
              },
            },
            removed: {
              description: 'Led until the configuration that leaves it without a vote was committed.',
              meta: { rule: 'Thesis §4.2.2' },
              always: {
                target: '#raft.follower.unleased',
                description: 'Steps down, and does not campaign.',
                meta: { rule: 'Thesis §4.2.2' },
              },
            },
          },
        },
      },
      on: {
        Received: {
          guard: 'isDisruptiveVote',
          actions: 'ignore',
          description:
            'It leads: ignores vote requests that it did not ask for, so that a disruptive server cannot depose it.',
          meta: { rule: 'Thesis §4.2.3' },
        },
        ReadRequested: [
          {
            guard: 'isOwnTermUncommitted',
            actions: 'holdRead',
            description:
              'May not know the latest commit index yet: the read waits for an entry of its own term to commit.',
            meta: { rule: 'Thesis §6.4; Raft paper §8' },
          },
          {
            guard: 'isLeaseHeld',
            actions: 'answerByLease',
            description:
              'A majority has heard from it so recently that no other leader can have been elected: answers at once.',
            meta: { rule: 'Thesis §6.4.1' },
          },
          {
            guard: 'isRoundUnderWay',
            actions: 'holdRead',
            description: 'A round is under way that began before this read: it shares the next one.',
            meta: { rule: 'Thesis §6.4' },
          },
          {
            actions: 'startReadRound',
            description: 'Asks the followers at once whether it still leads.',
            meta: { rule: 'Thesis §6.4' },
          },
        ],
        ReadIndex: [
          {
            guard: 'isOwnTermUncommitted',
            actions: 'holdRead',
            description:
              'May not know the latest commit index yet: the read waits for an entry of its own term to commit.',
            meta: { rule: 'Thesis §6.4; Raft paper §8' },
          },
          {
            guard: 'isLeaseHeld',
            actions: 'answerByLease',
            description:
              'A majority has heard from it so recently that no other leader can have been elected: answers at once.',
            meta: { rule: 'Thesis §6.4.1' },
          },
          {
            guard: 'isRoundUnderWay',
            actions: 'holdRead',
            description: 'A round is under way that began before this read: it shares the next one.',
            meta: { rule: 'Thesis §6.4' },
          },
          {
            actions: 'startReadRound',
            description:
              "For a follower's read as for its own, asks the followers at once whether it still leads.",
            meta: { rule: 'Thesis §6.4' },
          },
        ],
        RoundConfirmed: {
          actions: 'confirmReads',
          description:
            'A majority has answered since the round began, so it led then: answers the reads of that round.',
          meta: { rule: 'Thesis §6.4' },
        },
        TermCommitted: {
          actions: 'startHeldReads',
          description: 'It knows the latest commit index now: begins a round for the reads that waited.',
          meta: { rule: 'Thesis §6.4' },
        },
        Persisted: [
          {
            guard: 'isPersistedInOtherTerm',
            actions: 'ignore',
            description:
              'The write was issued in an earlier term: the entries it covered may have been replaced.',
            meta: { rule: 'Thesis §10.2.1' },
          },
          {
            actions: 'recordPersisted',
            description:
              'Its own disk has these entries now: the leader counts itself among those that hold them.',
            meta: { rule: 'Thesis §10.2.1; Raft paper §5.4.2' },
          },
        ],
        AppendEntriesResponse: [
          {
            guard: 'isUnknownFollower',
            actions: 'ignore',
            description: 'The sender is not a node that it replicates to.',
            meta: { rule: 'Raft paper §5.3' },
          },
          {
            guard: 'isMatchBeyondLog',
            actions: 'ignore',
            description:
              'The match lies beyond the end of its log: no correct follower claims more than it was sent.',
            meta: { rule: 'Raft paper §5.3, Leader Append-Only' },
          },
          {
            guard: 'isRoundNotBegun',
            actions: 'ignore',
            description:
              'It answers a round that has not begun: no correct follower does, and it would confirm what nobody was asked.',
            meta: { rule: 'Thesis §6.4' },
          },
          {
            guard: 'isQuarantined',
            actions: 'ignore',
            description:
              'The follower has lost entries: what it says is believed no more, and it does not count as heard.',
            meta: { rule: 'Raft paper §5.3, Leader Completeness' },
          },
          {
            guard: 'hasLostEntries',
            actions: 'quarantine',
            description:
              'The follower lacks entries that it had acknowledged, so its disk has lost them: counts it no more, and reports it.',
            meta: { rule: 'Raft paper §5.3, Leader Completeness' },
          },
          {
            guard: 'isStaleRejection',
            actions: 'recordContact',
            description: 'A stale rejection: already acted on, or contradicted by a later match.',
            meta: { rule: 'Raft paper §5.3' },
          },
          {
            guard: 'isAppendRejected',
            actions: 'backtrack',
            description:
              'The follower has no matching entry at prevLogIndex: goes back, a whole term at a time.',
            meta: { rule: 'Raft paper §5.3; Figure 2, Leaders' },
          },
          {
            actions: 'recordMatch',
            description:
              'The follower holds these entries: commits what that allows and sends what is waiting.',
            meta: { rule: 'Raft paper §5.3, §5.4.2; Figure 2, Leaders' },
          },
        ],
        InstallSnapshotResponse: [
          {
            guard: 'isUnknownFollower',
            actions: 'ignore',
            description: 'The sender is not a node that it replicates to.',
            meta: { rule: 'Raft paper §5.3' },
          },
          {
            guard: 'isQuarantined',
            actions: 'ignore',
            description: 'The follower has lost entries: what it says is believed no more.',
            meta: { rule: 'Raft paper §5.3, Leader Completeness' },
          },
          {
            guard: 'isInstallBeyondLog',
            actions: 'ignore',
            description:
              'The match lies beyond the end of its log: no correct follower claims more than it was sent.',
            meta: { rule: 'Raft paper §5.3, Leader Append-Only' },
          },
          {
            guard: 'isRoundNotBegun',
            actions: 'ignore',
            description: 'It answers a round that has not begun: no correct follower does.',
            meta: { rule: 'Thesis §6.4' },
          },
          {
            guard: 'isStaleSnapshotAnswer',
            actions: 'recordSnapshotContact',
            description: 'An answer about a snapshot that is no longer being sent.',
            meta: { rule: 'Raft paper §7' },
          },
          {
            guard: 'isSnapshotDone',
            actions: 'resumeReplication',
            description:
              'The follower holds all that the snapshot stands for: goes on with the entries after it.',
            meta: { rule: 'Raft paper §7' },
          },
          {
            guard: 'isChunkUnderWay',
            actions: 'recordSnapshotContact',
            description:
              'The chunk that it asks for is under way: a repeated answer must not double all that follows.',
            meta: { rule: 'Raft paper §7' },
          },
          {
            actions: 'sendNextChunk',
            description: 'Sends the chunk that the follower waits for.',
            meta: { rule: 'Raft paper §7, Figure 13' },
          },
        ],
        InstallSnapshot: {
          actions: 'ignore',
          description: 'There cannot be a second leader in one term, so no correct node sends this.',
          meta: { rule: 'Raft paper §5.2, Election Safety' },
        },
        AppendEntries: {
          actions: 'ignore',
          description: 'There cannot be a second leader in one term, so no correct node sends this.',
          meta: { rule: 'Raft paper §5.2, Election Safety' },
        },
        RequestVote: {
          actions: 'denyVote',
          description: 'Another node that was asked to take over lost the election of this term.',
          meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2' },
        },
      },
    },
  },
});
