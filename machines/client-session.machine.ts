import { clientSessionSetup, initialClientSession } from './client-session.setup.ts';

/**
 * What a client does until its one request is decided: finds the leader, follows redirects, and sends the request again, under the same
 * key, until somebody knows what became of it.
 */
export const clientSessionMachine = clientSessionSetup.createMachine({
  id: 'clientSession',
  context: ({ input }) => initialClientSession(input),
  options: { maxIterations: 100 },
  initial: 'working',
  description: 'One request of a client, from the first endpoint tried until the outcome is decided.',
  meta: { rule: 'Raft paper §8; docs/http-api.md' },
  states: {
    working: {
      description: 'The session has time left.',
      meta: { rule: 'Raft paper §8' },
      initial: 'choosingEndpoint',
      after: {
        sessionTimeout: {
          actions: 'expire',
          description: 'The session has timed out; what that means depends on whether a request is open.',
          meta: { rule: 'docs/http-api.md, Retrying' },
        },
      },
      on: {
        Expired: [
          {
            guard: 'isInDoubt',
            target: 'outcomeUnknown',
            description: 'Timed out before anybody could say what became of the write.',
            meta: { rule: 'Raft paper §8' },
          },
          {
            guard: 'hasBeenOverwritten',
            target: 'inconsistent',
            description: 'Timed out after the write was overwritten; no attempt has taken effect.',
            meta: { rule: 'Raft paper §5.3' },
          },
          {
            target: 'timedOut',
            description:
              'Timed out with no request open, and every request sent is known to have done nothing.',
            meta: { rule: 'docs/http-api.md, Retrying' },
          },
        ],
        Answered: [
          {
            guard: 'isLateValue',
            target: 'succeeded',
            actions: 'recordAnswer',
            description: 'A node that had been silent has answered the read after all.',
            meta: { rule: 'docs/http-api.md, Retrying' },
          },
          {
            actions: 'ignore',
            description: 'The answer to a request that was already given up.',
            meta: { rule: 'docs/http-api.md, Retrying' },
          },
        ],
        Sent: {
          actions: 'ignore',
          description: 'A request that was already given up has got its connection.',
          meta: { rule: 'docs/http-api.md, Retrying' },
        },
        Refused: {
          actions: 'ignore',
          description: 'A request that was already given up could not be sent.',
          meta: { rule: 'docs/http-api.md, Retrying' },
        },
        Broken: {
          actions: 'ignore',
          description: 'The connection of a request that was already given up broke.',
          meta: { rule: 'docs/http-api.md, Retrying' },
        },
      },
      states: {
        choosingEndpoint: {
          description: 'Picks the next endpoint in turn, or waits once all have been tried.',
          meta: { rule: 'Raft paper §8' },
          always: [
            {
              guard: 'isHopeless',
              target: '#clientSession.unreachable',
              description:
                'Every endpoint has led to a problem that trying again does not change, and nothing was done.',
              meta: { rule: 'docs/http-api.md, Retrying' },
            },
            {
              guard: 'isRoundOver',
              target: 'waitingToRetry',
              description: 'Every endpoint has been tried: waits before the next round.',
              meta: { rule: 'docs/http-api.md, Retrying' },
            },
            {
              target: 'requesting',
              actions: 'chooseEndpoint',
              description: 'Sends the request to the next endpoint.',
              meta: { rule: 'Raft paper §8' },
            },
          ],
        },
        requesting: {
          description: 'One request is open.',
          meta: { rule: 'Raft paper §8' },
          entry: 'sendRequest',
          after: {
            answerTimeout: [
              {
                guard: 'isUnsentWrite',
                target: 'choosingEndpoint',
                actions: ['noteProblem', 'noteSilence', 'cancelRequest'],
                description: 'No connection in time, so nothing happened: sends the write to another node.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                guard: 'isWrite',
                target: 'choosingEndpoint',
                actions: ['noteProblem', 'noteDoubt', 'noteSilence', 'cancelRequest'],
                description: 'The node stays silent: sends the write to another one, under the same key.',
                meta: { rule: 'docs/http-api.md, Exactly once' },
              },
              {
                target: 'choosingEndpoint',
                actions: ['noteProblem', 'noteSilence'],
                description: 'The node stays silent: sends the read to another one as well.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
            ],
          },
          on: {
            Answered: [
              {
                guard: 'isLateValue',
                target: '#clientSession.succeeded',
                actions: 'recordAnswer',
                description: 'A node that had been silent has answered the read after all.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                guard: 'isEarlierAttempt',
                actions: 'ignore',
                description: 'The answer to a request that was already given up.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                guard: 'isTargetLostInDoubt',
                target: '#clientSession.outcomeUnknown',
                actions: ['recordAnswer', 'noteProblem'],
                description:
                  'Only this node was to be asked. It no longer leads, and an earlier attempt may have arrived.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'isTargetNotLeader',
                target: '#clientSession.notLeader',
                actions: 'recordAnswer',
                description: 'Only this node was to be asked, and it is not the leader.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'isRedirectDistrusted',
                target: 'choosingEndpoint',
                actions: ['noteDistrust', 'noteProblem', 'noteBarred'],
                description:
                  'A follower names a leader that this client must not ask, and trying again does not change that: tries another endpoint.',
                meta: { rule: 'docs/security.md, Clients prove who they are' },
              },
              {
                guard: 'isRedirect',
                target: 'requesting',
                reenter: true,
                actions: ['noteProblem', 'followRedirect'],
                description: 'A follower names the leader: sends the request there.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'isNotLeader',
                target: 'choosingEndpoint',
                actions: 'noteProblem',
                description: 'A follower cannot say where the leader is, or redirects go round in circles.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'isNoLeader',
                target: 'choosingEndpoint',
                actions: 'noteProblem',
                description: 'This node knows of no leader: another one may, or an election is under way.',
                meta: { rule: 'Raft paper §5.2' },
              },
              {
                guard: 'isOverloaded',
                target: 'waitingToRetry',
                actions: 'noteProblem',
                description: 'The leader is overloaded and did nothing: waits before trying again.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                guard: 'isWriteUndecided',
                target: 'choosingEndpoint',
                actions: ['noteProblem', 'noteDoubt'],
                description:
                  'The leader lost track of the write: sends it again under the same key, so that it takes effect once.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'isWriteOverwritten',
                target: 'choosingEndpoint',
                actions: ['recordAnswer', 'noteProblem'],
                description:
                  'Another leader overwrote the entry, so this attempt will never take effect: sends the write again.',
                meta: { rule: 'Raft paper §5.3' },
              },
              {
                guard: 'isReadUndecided',
                target: 'choosingEndpoint',
                actions: 'noteProblem',
                description: 'The read was lost and changed nothing: sends it again.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'isRefusedInDoubt',
                target: '#clientSession.outcomeUnknown',
                actions: ['recordAnswer', 'noteProblem'],
                description:
                  'This attempt was refused, as when the session has expired, but an earlier one may have taken effect.',
                meta: { rule: 'docs/http-api.md, Exactly once' },
              },
              {
                guard: 'isSuccess',
                target: '#clientSession.succeeded',
                actions: 'recordAnswer',
                description: 'The command is committed and applied.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                target: '#clientSession.failed',
                actions: 'recordAnswer',
                description: 'The answer is a final no: asking again would not change it.',
                meta: { rule: 'docs/http-api.md, Errors' },
              },
            ],
            Sent: [
              {
                guard: 'isEarlierAttempt',
                actions: 'ignore',
                description: 'A request that was already given up has got its connection.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                actions: 'noteSent',
                description: 'There is a connection: from now on the request may arrive.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
            ],
            Refused: [
              {
                guard: 'isEarlierAttempt',
                actions: 'ignore',
                description: 'A request that was already given up could not be sent.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                guard: 'isLasting',
                target: 'choosingEndpoint',
                actions: ['noteProblem', 'noteBarred'],
                description:
                  'It could not be sent, and trying again does not change that: tries another endpoint.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                target: 'choosingEndpoint',
                actions: 'noteProblem',
                description: 'No connection, so nothing happened: tries another endpoint.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
            ],
            Broken: [
              {
                guard: 'isEarlierAttempt',
                actions: 'ignore',
                description: 'The connection of a request that was already given up broke.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                guard: 'isWrite',
                target: 'choosingEndpoint',
                actions: ['noteProblem', 'noteDoubt'],
                description:
                  'The connection broke during a write, which may have arrived: sends it again under the same key.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                target: 'choosingEndpoint',
                actions: 'noteProblem',
                description: 'The read was lost and changed nothing: sends it again.',
                meta: { rule: 'Raft paper §8' },
              },
            ],
            Expired: [
              {
                guard: 'mayHaveArrived',
                target: '#clientSession.outcomeUnknown',
                actions: ['noteProblem', 'cancelRequest'],
                description: 'Timed out waiting for the answer to a write, which may have happened.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'hasBeenOverwritten',
                target: '#clientSession.inconsistent',
                actions: ['noteProblem', 'cancelRequest'],
                description: 'Timed out after the write was overwritten; the last attempt was not sent.',
                meta: { rule: 'Raft paper §5.3' },
              },
              {
                target: '#clientSession.timedOut',
                actions: ['noteProblem', 'cancelRequest'],
                description:
                  'Timed out waiting for the answer to a read, which changes nothing, or for the connection of a write.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
            ],
          },
        },
        waitingToRetry: {
          description: 'Nothing is decided yet: waits a little, longer each time.',
          meta: { rule: 'docs/http-api.md, Retrying' },
          entry: ['drawRetryDelay', 'startRound'],
          after: {
            retryDelay: {
              target: 'choosingEndpoint',
              description: 'The wait is over: tries all endpoints once more.',
              meta: { rule: 'docs/http-api.md, Retrying' },
            },
          },
        },
      },
    },
    succeeded: { type: 'final', description: 'Done.' },
    failed: {
      type: 'final',
      description: 'The answer is a final no: key not found, cas failed or bad request.',
    },
    notLeader: { type: 'final', description: 'The target is not the leader.' },
    inconsistent: { type: 'final', description: 'The write was overwritten, and no attempt took effect.' },
    timedOut: { type: 'final', description: 'Timed out, and nothing happened.' },
    unreachable: {
      type: 'final',
      description: 'No endpoint leads to a node that could decide, and nothing happened.',
    },
    outcomeUnknown: { type: 'final', description: 'The write may have happened.' },
  },
});
