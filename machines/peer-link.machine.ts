import { setup } from 'xstate';
import { assert } from '../src/raft/assert.ts';
import { draw } from '../src/raft/random.ts';
import type { NodeId } from '../src/raft/types.ts';

/** Times in milliseconds. */
export interface PeerLinkSettings {
  /** From dialling to the peer's welcome. */
  readonly connectTimeoutMs: number;
  /** The first wait after a failure; it doubles with each further one. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** How often an open link asks for a sign of life; silent for one interval more, it is given up. */
  readonly pingIntervalMs: number;
}

export const defaultPeerLinkSettings: PeerLinkSettings = {
  connectTimeoutMs: 1000,
  backoffMinMs: 20,
  backoffMaxMs: 1000,
  pingIntervalMs: 1000,
};

export interface PeerLinkContext {
  readonly peer: NodeId;
  readonly settings: PeerLinkSettings;
  /** Failures in a row. */
  readonly failures: number;
  readonly backoffMs: number;
  readonly randomState: number;
  /** A `Pong` came since the last `Ping`. */
  readonly isAnswered: boolean;
  /** Why the peer refused this node last; a repetition is no news. */
  readonly refusal: string | null;
}

export interface PeerLinkInput {
  readonly peer: NodeId;
  readonly seed: number;
  readonly settings?: PeerLinkSettings;
}

export type PeerLinkEvent =
  | { readonly type: 'Opened' }
  | { readonly type: 'Welcomed' }
  | { readonly type: 'Answered' }
  | { readonly type: 'Refused'; readonly reason: string }
  | { readonly type: 'Closed'; readonly reason: string };

const unbound = (name: string) => () => assert(false, `the effect ${name} is provided`);

const effects = setup({
  types: {
    context: {} as PeerLinkContext,
    events: {} as PeerLinkEvent,
    input: {} as PeerLinkInput,
    meta: {} as { rule: string },
  },
  guards: {
    isSilent: ({ context }) => !context.isAnswered,
    isRepeated: ({ context, event }) => event.type === 'Refused' && event.reason === context.refusal,
  },
  delays: {
    connectTimeout: ({ context }) => context.settings.connectTimeoutMs,
    backoff: ({ context }) => context.backoffMs,
    pingInterval: ({ context }) => context.settings.pingIntervalMs,
  },
  actions: {
    /** Opens a connection; answered by `Opened` or `Closed`. */
    dial: (_, _params: { peer: NodeId }) => unbound('dial')(),
    /** Says who this node is; answered by `Welcomed` or `Refused`. */
    greet: (_, _params: { peer: NodeId }) => unbound('greet')(),
    /** Answered by `Answered`, if the connection still works. */
    ping: (_, _params: { peer: NodeId }) => unbound('ping')(),
    /** Drops the connection, whose further events no longer come. */
    hangUp: (_, _params: { peer: NodeId }) => unbound('hangUp')(),
    /** Tells the operator that what is dialled is not the peer, or does not want this node. */
    warn: (_, _params: { peer: NodeId; reason: string }) => unbound('warn')(),
  },
});

const peerLink = effects.extend({
  actions: {
    drawBackoff: effects.assign(({ context }) => {
      const { backoffMinMs, backoffMaxMs } = context.settings;
      const { state, fraction } = draw(context.randomState);
      const longest = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(context.failures, 16));
      // Half fixed, half drawn: peers that failed together do not come back together.
      return {
        failures: context.failures + 1,
        randomState: state,
        backoffMs: Math.ceil((longest * (1 + fraction)) / 2),
      };
    }),
    forgetFailures: effects.assign({ failures: 0, refusal: null }),
    expectAnswer: effects.assign({ isAnswered: false }),
    recordAnswer: effects.assign({ isAnswered: true }),
    recordRefusal: effects.assign({
      refusal: ({ event }) => (event.type === 'Refused' ? event.reason : null),
    }),
    ignore: () => {},
  },
});

/** The life of the connection that carries this node's messages to one peer. What the peer sends back travels on the peer's own. */
export const peerLinkMachine = peerLink.createMachine({
  id: 'peerLink',
  context: ({ input }) => ({
    peer: input.peer,
    settings: input.settings ?? defaultPeerLinkSettings,
    failures: 0,
    backoffMs: 0,
    randomState: input.seed >>> 0,
    isAnswered: true,
    refusal: null,
  }),
  initial: 'connecting',
  options: { maxIterations: 100 },
  states: {
    connecting: {
      description: 'Dials the peer and makes sure that it is the one meant.',
      meta: { rule: 'docs/wire.md, Handshake' },
      initial: 'dialling',
      entry: { type: 'dial', params: ({ context }) => ({ peer: context.peer }) },
      after: {
        connectTimeout: {
          target: 'backingOff',
          description: 'No welcome in time.',
          meta: { rule: 'docs/wire.md, Handshake' },
        },
      },
      on: {
        Refused: [
          {
            guard: 'isRepeated',
            target: 'backingOff',
            description: 'Refused for the same reason as before: no news.',
            meta: { rule: 'docs/wire.md, Handshake' },
          },
          {
            target: 'backingOff',
            actions: [
              'recordRefusal',
              {
                type: 'warn',
                params: ({ context, event }) => ({ peer: context.peer, reason: event.reason }),
              },
            ],
            description: 'Another node, another cluster or another version: an operator must hear of it.',
            meta: { rule: 'docs/wire.md, Handshake' },
          },
        ],
        Closed: {
          target: 'backingOff',
          description: 'Nobody listens there, or the connection broke.',
          meta: { rule: 'docs/wire.md, Handshake' },
        },
      },
      states: {
        dialling: {
          description: 'The connection is being made.',
          meta: { rule: 'docs/wire.md, Handshake' },
          on: {
            Opened: {
              target: 'greeting',
              actions: { type: 'greet', params: ({ context }) => ({ peer: context.peer }) },
              description: 'Says who it is and whom it believes to reach.',
              meta: { rule: 'docs/wire.md, Handshake' },
            },
          },
        },
        greeting: {
          description: 'Waits for the welcome.',
          meta: { rule: 'docs/wire.md, Handshake' },
          on: {
            Welcomed: {
              target: '#peerLink.open',
              actions: 'forgetFailures',
              description: 'It is the peer, and it takes messages.',
              meta: { rule: 'docs/wire.md, Handshake' },
            },
          },
        },
      },
    },
    open: {
      description: 'Messages to the peer leave at once.',
      meta: { rule: 'docs/wire.md, Signs of life' },
      initial: 'asking',
      on: {
        Closed: {
          target: 'backingOff',
          description: 'The connection broke; what was on its way is lost, as Raft allows.',
          meta: { rule: 'Raft paper §5.5' },
        },
      },
      states: {
        asking: {
          description: 'Asks for a sign of life and waits for it.',
          meta: { rule: 'docs/wire.md, Signs of life' },
          entry: ['expectAnswer', { type: 'ping', params: ({ context }) => ({ peer: context.peer }) }],
          on: {
            Answered: {
              actions: 'recordAnswer',
              description: 'The connection works.',
              meta: { rule: 'docs/wire.md, Signs of life' },
            },
          },
          after: {
            pingInterval: [
              {
                guard: 'isSilent',
                target: '#peerLink.backingOff',
                description: 'No answer: the other end is gone without having said so.',
                meta: { rule: 'docs/wire.md, Signs of life' },
              },
              {
                target: 'asking',
                reenter: true,
                description: 'Asks again.',
                meta: { rule: 'docs/wire.md, Signs of life' },
              },
            ],
          },
        },
      },
    },
    backingOff: {
      description: 'Waits before it dials again, longer after each failure.',
      meta: { rule: 'docs/wire.md, Handshake' },
      entry: ['drawBackoff', { type: 'hangUp', params: ({ context }) => ({ peer: context.peer }) }],
      after: {
        backoff: {
          target: 'connecting',
          description: 'Tries again.',
          meta: { rule: 'docs/wire.md, Handshake' },
        },
      },
    },
  },
});
