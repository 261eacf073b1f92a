import { defaultPeerLinkSettings, peerLinkSetup } from './peer-link.setup.ts';

/** What both states do that wait before the next attempt. */
const waitsToDial = peerLinkSetup.createStateConfig({
  entry: [
    { type: 'hangUp', params: ({ context }) => ({ peer: context.peer }) },
    'countFailure',
    'drawBackoff',
    'tryLatestVersion',
  ],
  after: {
    backoff: {
      target: 'connecting',
      description: 'The wait is over: dials again.',
      meta: { rule: 'docs/wire.md, Handshake' },
    },
  },
  on: {
    PeerHeard: {
      target: 'connecting',
      description: 'The peer has connected to this node, so it is up: dials at once.',
      meta: { rule: 'docs/wire.md, Handshake' },
    },
  },
});

/** Both states with a connection need this: the connection may be to the process that ran there before. */
const noticesUpgrade = peerLinkSetup.createStateConfig({
  on: {
    PeerHeard: {
      guard: 'speaksLaterVersion',
      target: 'connecting',
      reenter: true,
      actions: [{ type: 'hangUp', params: ({ context }) => ({ peer: context.peer }) }, 'tryLatestVersion'],
      description:
        'The peer speaks a later wire version by now: dials again at once to greet in the latest one.',
      meta: { rule: 'docs/wire.md, Versions' },
    },
  },
});

/**
 * The life of the connection that carries this node's messages to one peer; what the peer sends arrives on the peer's
 * own. While the connection is open, messages bypass the chart.
 */
export const peerLinkMachine = peerLinkSetup.createMachine({
  id: 'peerLink',
  context: ({ input }) => ({
    peer: input.peer,
    settings: input.settings ?? defaultPeerLinkSettings,
    failures: 0,
    backoffMs: 0,
    randomState: input.seed >>> 0,
    latestVersion: input.version,
    version: input.version,
    trouble: null,
  }),
  options: { maxIterations: 100 },
  initial: 'connecting',
  description:
    'Keeps one connection to one peer open; messages sent while there is none are lost, as on any network.',
  meta: { rule: 'Raft paper §5.5' },
  on: {
    Opened: {
      actions: 'ignore',
      description: 'No connection is being dialled, so none can open.',
      meta: { rule: 'docs/wire.md, Handshake' },
    },
    Welcomed: {
      actions: 'ignore',
      description: 'A welcome counts only once, as the answer to a greeting.',
      meta: { rule: 'docs/wire.md, Handshake' },
    },
    Answered: {
      actions: 'ignore',
      description: 'No sign of life was asked for.',
      meta: { rule: 'docs/wire.md, Signs of life' },
    },
    Refused: {
      actions: 'ignore',
      description: 'There is no connection to be refused.',
      meta: { rule: 'docs/wire.md, Handshake' },
    },
    Closed: {
      actions: 'ignore',
      description: 'There is no connection to lose.',
      meta: { rule: 'docs/wire.md, Handshake' },
    },
    PeerHeard: {
      actions: 'ignore',
      description: 'This node is already connecting or connected to the peer.',
      meta: { rule: 'docs/wire.md, Handshake' },
    },
  },
  states: {
    connecting: {
      description: 'Dials the peer and checks that it is the right node.',
      meta: { rule: 'docs/wire.md, Handshake' },
      entry: { type: 'dial', params: ({ context }) => ({ peer: context.peer }) },
      initial: 'dialling',
      after: {
        connectTimeout: {
          target: 'backingOff',
          description: 'The peer sent no welcome in time.',
          meta: { rule: 'docs/wire.md, Handshake' },
        },
      },
      on: {
        ...noticesUpgrade.on,
        Refused: [
          {
            guard: 'speaksEarlierVersion',
            target: 'connecting',
            reenter: true,
            actions: [{ type: 'hangUp', params: ({ context }) => ({ peer: context.peer }) }, 'adoptVersion'],
            description:
              'The peer speaks only an earlier wire version, which this node speaks as well: dials again at once to greet in that one.',
            meta: { rule: 'docs/wire.md, Versions' },
          },
          {
            guard: 'isReported',
            target: 'refused',
            description: 'Refused for the same reason as before: nothing new to report.',
            meta: { rule: 'docs/wire.md, Handshake' },
          },
          {
            target: 'refused',
            actions: [
              'recordTrouble',
              {
                type: 'report',
                params: ({ context, event }) => ({
                  peer: context.peer,
                  news: 'refused',
                  reason: event.reason,
                }),
              },
            ],
            description:
              'Another node, cluster, version or disk answered, or it refuses this one: tells the operator.',
            meta: { rule: 'docs/wire.md, Handshake' },
          },
        ],
        Closed: [
          {
            guard: 'isReported',
            target: 'backingOff',
            description: 'Still unreachable for the same reason: nothing new to report.',
            meta: { rule: 'docs/wire.md, Handshake' },
          },
          {
            target: 'backingOff',
            actions: [
              'recordTrouble',
              {
                type: 'report',
                params: ({ context, event }) => ({
                  peer: context.peer,
                  news: 'unreachable',
                  reason: event.reason,
                }),
              },
            ],
            description: 'Nobody is listening there, or the connection broke: tells the operator.',
            meta: { rule: 'docs/wire.md, Handshake' },
          },
        ],
      },
      states: {
        dialling: {
          description: 'The connection is being established.',
          meta: { rule: 'docs/wire.md, Handshake' },
          on: {
            Opened: {
              target: 'greeting',
              description: 'The connection is up: says which node is calling, and which one it wants.',
              meta: { rule: 'docs/wire.md, Handshake' },
            },
          },
        },
        greeting: {
          description: 'Has introduced itself and waits for the welcome.',
          meta: { rule: 'docs/wire.md, Handshake' },
          entry: {
            type: 'greet',
            params: ({ context }) => ({ peer: context.peer, version: context.version }),
          },
          on: {
            Welcomed: {
              target: '#peerLink.open',
              actions: [
                'forgetTrouble',
                {
                  type: 'report',
                  params: ({ context }) => ({ peer: context.peer, news: 'open', reason: null }),
                },
              ],
              description: 'It is the right peer, and it accepts messages.',
              meta: { rule: 'docs/wire.md, Handshake' },
            },
          },
        },
      },
    },
    open: {
      description: 'Messages to the peer are sent at once.',
      meta: { rule: 'docs/wire.md, Signs of life' },
      initial: 'asked',
      on: {
        ...noticesUpgrade.on,
        Refused: {
          target: 'refused',
          actions: [
            'recordTrouble',
            {
              type: 'report',
              params: ({ context, event }) => ({ peer: context.peer, news: 'refused', reason: event.reason }),
            },
          ],
          description: 'The peer sent something that does not belong on an open link.',
          meta: { rule: 'docs/wire.md, Signs of life' },
        },
        Closed: {
          target: 'backingOff',
          actions: {
            type: 'report',
            params: ({ context, event }) => ({ peer: context.peer, news: 'lost', reason: event.reason }),
          },
          description: 'The connection broke; messages under way are lost, as Raft allows.',
          meta: { rule: 'Raft paper §5.5' },
        },
      },
      states: {
        asked: {
          description: 'Has asked the peer for a sign of life and waits for it.',
          meta: { rule: 'docs/wire.md, Signs of life' },
          entry: { type: 'ping', params: ({ context }) => ({ peer: context.peer }) },
          on: {
            Answered: {
              target: 'answered',
              actions: 'forgetFailures',
              description: 'The link works: the next failure starts with the shortest wait again.',
              meta: { rule: 'docs/wire.md, Signs of life' },
            },
          },
          after: {
            pingTimeout: {
              target: '#peerLink.backingOff',
              actions: {
                type: 'report',
                params: ({ context }) => ({ peer: context.peer, news: 'lost', reason: 'no sign of life' }),
              },
              description:
                'No sign of life in time: the peer is gone without closing, so a new connection is quicker.',
              meta: { rule: 'docs/wire.md, Signs of life' },
            },
          },
        },
        answered: {
          description: 'The peer has just given a sign of life.',
          meta: { rule: 'docs/wire.md, Signs of life' },
          after: {
            pingInterval: {
              target: 'asked',
              description: 'Time to ask for the next sign of life.',
              meta: { rule: 'docs/wire.md, Signs of life' },
            },
          },
        },
      },
    },
    refused: {
      description: 'One of the two refuses the other; dials again after a wait, since that may be mended.',
      meta: { rule: 'docs/wire.md, Handshake' },
      ...waitsToDial,
    },
    backingOff: {
      description: 'Waits before dialling again, longer after each failure.',
      meta: { rule: 'docs/wire.md, Handshake' },
      ...waitsToDial,
    },
  },
});
