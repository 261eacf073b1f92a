import { setup } from 'xstate';
import type { NodeId } from '../src/raft/types.ts';
import { drawBackoff } from './backoff.ts';
import { unbound } from './unbound.ts';

/** Times in milliseconds. */
export interface PeerLinkSettings {
  /** From dialling to the peer's welcome. */
  readonly connectTimeoutMs: number;
  /** The longest first wait after a failure; it doubles with each further one. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** How long after an answer an open link asks for the next. */
  readonly pingIntervalMs: number;
  /** How long it waits for that answer. */
  readonly pingTimeoutMs: number;
}

export const defaultPeerLinkSettings: PeerLinkSettings = {
  connectTimeoutMs: 1000,
  backoffMinMs: 20,
  backoffMaxMs: 1000,
  pingIntervalMs: 1000,
  pingTimeoutMs: 2000,
};

/** Three round trips of one second each: no machines are farther apart. */
export const longestConnectTimeoutMs = 3000;

/** A long election timeout means that the nodes are far apart: an election needs four round trips (docs/operations.md), and a connection with TLS three. */
export const linkSettingsFor = (electionTimeoutMinMs: number): PeerLinkSettings => ({
  ...defaultPeerLinkSettings,
  connectTimeoutMs: Math.min(
    longestConnectTimeoutMs,
    Math.max(defaultPeerLinkSettings.connectTimeoutMs, Math.ceil((electionTimeoutMinMs * 3) / 4)),
  ),
});

export interface PeerLinkContext {
  readonly peer: NodeId;
  readonly settings: PeerLinkSettings;
  /** Failures since the link last proved good. */
  readonly failures: number;
  readonly backoffMs: number;
  readonly randomState: number;
  /** The latest wire version that this node speaks, and the one in which it greets the peer. */
  readonly latestVersion: number;
  readonly version: number;
  /** The last problem reported for this link; null once it was open. The same problem is not reported twice. */
  readonly trouble: string | null;
}

export interface PeerLinkInput {
  readonly peer: NodeId;
  /** The latest wire version that this node speaks. */
  readonly version: number;
  readonly seed: number;
  readonly settings?: PeerLinkSettings;
}

/** What has happened to the connection dialled last; one that was hung up is no longer heard. */
export type PeerLinkEvent =
  | { readonly type: 'Opened' }
  | { readonly type: 'Welcomed' }
  | { readonly type: 'Answered' }
  /** The dialled side refused this node, or is not the peer. `speaks`: only the wire version differs, and this is one that both sides speak. */
  | { readonly type: 'Refused'; readonly reason: string; readonly speaks?: number }
  | { readonly type: 'Closed'; readonly reason: string }
  /** The peer has connected to this node, so it is up, and speaks at least that wire version. */
  | { readonly type: 'PeerHeard'; readonly version: number };

/** What an operator may want to know of a link. `reason` is one line. */
export interface PeerLinkReport {
  readonly peer: NodeId;
  readonly news: 'refused' | 'unreachable' | 'open' | 'lost';
  readonly reason: string | null;
}

const effects = setup({
  types: {
    context: {} as PeerLinkContext,
    events: {} as PeerLinkEvent,
    input: {} as PeerLinkInput,
    meta: {} as { rule: string },
  },
  guards: {
    speaksEarlierVersion: ({ context, event }) =>
      event.type === 'Refused' && event.speaks !== undefined && event.speaks < context.version,
    speaksLaterVersion: ({ context, event }) => event.type === 'PeerHeard' && event.version > context.version,
    isReported: ({ context, event }) => 'reason' in event && event.reason === context.trouble,
  },
  delays: {
    connectTimeout: ({ context }) => context.settings.connectTimeoutMs,
    backoff: ({ context }) => context.backoffMs,
    pingInterval: ({ context }) => context.settings.pingIntervalMs,
    pingTimeout: ({ context }) => context.settings.pingTimeoutMs,
  },
  actions: {
    /** Opens a connection; answered by `Opened` or `Closed`. */
    dial: (_, _params: { peer: NodeId }) => unbound('dial')(),
    /** Says who this node is; answered by `Welcomed` or `Refused`. */
    greet: (_, _params: { peer: NodeId; version: number }) => unbound('greet')(),
    /** Answered by `Answered`, if the connection still works. */
    ping: (_, _params: { peer: NodeId }) => unbound('ping')(),
    /** Drops the connection; no more of its events arrive. */
    hangUp: (_, _params: { peer: NodeId }) => unbound('hangUp')(),
    /** Tells the operator. */
    report: (_, _params: PeerLinkReport) => unbound('report')(),
  },
});

export const peerLinkSetup = effects.extend({
  actions: {
    countFailure: effects.assign({ failures: ({ context }) => context.failures + 1 }),
    drawBackoff: effects.assign(({ context }) => {
      const { backoffMinMs: minMs, backoffMaxMs: maxMs } = context.settings;
      const { state, backoffMs } = drawBackoff(context.randomState, context.failures, { minMs, maxMs });
      return { randomState: state, backoffMs };
    }),
    adoptVersion: effects.assign({
      version: ({ context, event }) => ('speaks' in event ? event.speaks! : context.version),
    }),
    tryLatestVersion: effects.assign({ version: ({ context }) => context.latestVersion }),
    forgetFailures: effects.assign({ failures: 0 }),
    recordTrouble: effects.assign({ trouble: ({ event }) => ('reason' in event ? event.reason : null) }),
    forgetTrouble: effects.assign({ trouble: null }),
    /** Deliberately does nothing: this pair of state and event was considered. */
    ignore: () => {},
  },
});
