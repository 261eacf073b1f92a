import { clientSessionSetup, initialClientSession } from './client-session.setup.ts';

/**
 * What a client does until its one request is decided: finds the leader, follows redirects, retries what certainly did
 * not happen, and stops as soon as a write may have happened and nobody can say so.
 */
export const clientSessionMachine = clientSessionSetup.createMachine({
  id: 'clientSession',
  context: ({ input }) => initialClientSession(input),
  options: { maxIterations: 100 },
  initial: 'working',
  description: 'One request of one client, from the first endpoint that is tried to its end.',
  meta: { rule: 'Raft paper §8; docs/http-api.md' },
  states: {
    working: {
      description: 'The session has time left.',
      meta: { rule: 'Raft paper §8' },
      initial: 'choosingEndpoint',
      after: {
        sessionTimeout: {
          actions: 'expire',
          description: 'The time is over; what that means depends on whether a request is open.',
          meta: { rule: 'docs/http-api.md, Retrying' },
        },
      },
      on: {
        Expired: {
          target: 'timedOut',
          description: 'No request is open, and all that were sent are known to have done nothing.',
          meta: { rule: 'docs/http-api.md, Retrying' },
        },
        Answered: {
          actions: 'ignore',
          description: 'The answer to a request that was given up.',
          meta: { rule: 'docs/http-api.md, Retrying' },
        },
        Refused: {
          actions: 'ignore',
          description: 'A request that was given up could not be sent.',
          meta: { rule: 'docs/http-api.md, Retrying' },
        },
        Broken: {
          actions: 'ignore',
          description: 'A request that was given up broke off.',
          meta: { rule: 'docs/http-api.md, Retrying' },
        },
      },
      states: {
        choosingEndpoint: {
          description: 'Takes the next endpoint in turn, or waits if each was tried.',
          meta: { rule: 'Raft paper §8' },
          always: [
            {
              guard: 'isRoundOver',
              target: 'waitingToRetry',
              description: 'Every endpoint was tried: waits before the next round.',
              meta: { rule: 'docs/http-api.md, Retrying' },
            },
            {
              target: 'requesting',
              actions: 'chooseEndpoint',
              description: 'Asks the next endpoint.',
              meta: { rule: 'Raft paper §8' },
            },
          ],
        },
        requesting: {
          description: 'One request is open.',
          meta: { rule: 'Raft paper §8' },
          entry: 'sendRequest',
          after: {
            readTimeout: [
              {
                guard: 'isWrite',
                actions: 'ignore',
                description: 'A write may be under way: only its own answer can tell.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                target: 'choosingEndpoint',
                actions: 'cancelRequest',
                description: 'A read is asked elsewhere when a node stays silent.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
            ],
          },
          on: {
            Answered: [
              {
                guard: 'isEarlierAttempt',
                actions: 'ignore',
                description: 'The answer to a request that was given up.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                guard: 'isTargetNotLeader',
                target: '#clientSession.notLeader',
                actions: 'recordAnswer',
                description: 'Only this node was to be asked, and it does not lead.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'isRedirect',
                target: 'requesting',
                reenter: true,
                actions: ['noteProblem', 'followRedirect'],
                description: 'A follower names the leader: asks that one.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'isNotLeader',
                target: 'choosingEndpoint',
                actions: 'noteProblem',
                description: 'A follower that cannot say where the leader is, or redirects that go round.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'isNoLeader',
                target: 'choosingEndpoint',
                actions: 'noteProblem',
                description: 'This node knows no leader; another one may, or an election is under way.',
                meta: { rule: 'Raft paper §5.2' },
              },
              {
                guard: 'isOverloaded',
                target: 'waitingToRetry',
                actions: 'noteProblem',
                description: 'The leader has too much to do and did nothing: waits.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                guard: 'isWriteUndecided',
                target: '#clientSession.outcomeUnknown',
                actions: ['recordAnswer', 'noteProblem'],
                description: 'The leader was lost with the write: sending it again could write it twice.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'isWriteOverwritten',
                target: '#clientSession.inconsistent',
                actions: 'recordAnswer',
                description:
                  'Another leader put its own entry in the place of the write, which will never happen.',
                meta: { rule: 'Raft paper §5.3' },
              },
              {
                guard: 'isReadUndecided',
                target: 'choosingEndpoint',
                actions: 'noteProblem',
                description: 'A read that was lost is asked again.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                guard: 'isSuccess',
                target: '#clientSession.succeeded',
                actions: 'recordAnswer',
                description: 'It is committed and applied.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                target: '#clientSession.failed',
                actions: 'recordAnswer',
                description: 'The answer is final and says no: asking again would not change it.',
                meta: { rule: 'docs/http-api.md, Errors' },
              },
            ],
            Refused: [
              {
                guard: 'isEarlierAttempt',
                actions: 'ignore',
                description: 'A request that was given up could not be sent.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                target: 'choosingEndpoint',
                actions: 'noteProblem',
                description: 'No connection, so nothing happened: asks elsewhere.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
            ],
            Broken: [
              {
                guard: 'isEarlierAttempt',
                actions: 'ignore',
                description: 'A request that was given up broke off.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
              {
                guard: 'isWrite',
                target: '#clientSession.outcomeUnknown',
                actions: 'noteProblem',
                description: 'The connection broke under a write that may have arrived.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                target: 'choosingEndpoint',
                actions: 'noteProblem',
                description: 'A read that was lost is asked again.',
                meta: { rule: 'Raft paper §8' },
              },
            ],
            Expired: [
              {
                guard: 'isWrite',
                target: '#clientSession.outcomeUnknown',
                actions: ['noteProblem', 'cancelRequest'],
                description: 'The write was sent and not answered.',
                meta: { rule: 'Raft paper §8' },
              },
              {
                target: '#clientSession.timedOut',
                actions: ['noteProblem', 'cancelRequest'],
                description: 'The read was not answered; it changed nothing.',
                meta: { rule: 'docs/http-api.md, Retrying' },
              },
            ],
          },
        },
        waitingToRetry: {
          description: 'Nothing decided yet: waits a little, longer each time.',
          meta: { rule: 'docs/http-api.md, Retrying' },
          entry: ['drawRetryDelay', 'startRound'],
          after: {
            retryDelay: {
              target: 'choosingEndpoint',
              description: 'Tries all endpoints once more.',
              meta: { rule: 'docs/http-api.md, Retrying' },
            },
          },
        },
      },
    },
    succeeded: { type: 'final', description: 'Done.' },
    failed: { type: 'final', description: 'A final no: key not found, cas failed, bad request.' },
    notLeader: { type: 'final', description: 'The target does not lead.' },
    inconsistent: { type: 'final', description: 'The write was overwritten. It did not happen.' },
    timedOut: { type: 'final', description: 'The time is over, and nothing happened.' },
    outcomeUnknown: { type: 'final', description: 'The write may have happened.' },
  },
});
