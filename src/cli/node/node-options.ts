import type { CredentialFiles } from '../../adapters/tls/credentials.ts';
import { type Address, addressText, isClientUrl, isLoopback, isWildcard } from '../../ports/address.ts';
import { defaultSettings } from '../../raft/context.ts';
import type { NodeId } from '../../raft/types.ts';
import { endpointUrl } from '../flag-values.ts';
import { UsageError } from '../usage-error.ts';

/** The options of `raft-node`, complete, with defaults filled in. */
export interface NodeOptions {
  readonly id: NodeId;
  /** The other nodes, if they were named; null: those of the data directory, and none if that is new. */
  readonly peers: Readonly<Record<NodeId, Address>> | null;
  readonly listenPeer: Address;
  readonly listenClient: Address;
  /** Where it offers etcd's v3 API; null: nowhere. */
  readonly listenEtcd: Address | null;
  /** Where clients of that reach this node, as its peers tell them. */
  readonly advertiseEtcd: string;
  /** Members of a cluster that a new node is to join; null: it belongs to none, or to that of its data directory. */
  readonly join: readonly Address[] | null;
  /** Where peers reach this node, `HOST:PORT`; null: only they know. */
  readonly advertisePeer: string | null;
  /** Base address of the client API as clients reach it, such as `http://127.0.0.1:8001`. */
  readonly advertiseClient: string;
  /** Whether the process ends once the node has been removed from its cluster. */
  readonly exitWhenRemoved: boolean;
  /** How nodes talk to each other. */
  readonly transport: TransportKind;
  readonly storage: StorageKind;
  readonly dataDir: string;
  readonly clusterId: string;
  /** With what this node proves to its peers who it is, and they to it; null: nobody has to. */
  readonly peerTls: (CredentialFiles & { readonly ca: string }) | null;
  /** The certificate and key for HTTPS on the client port; null: it speaks HTTP. */
  readonly clientTls: CredentialFiles | null;
  /** Which tokens clients must have; null: none. */
  readonly tokenFile: string | null;
  /** Names by which clients call this node, besides addresses and localhost. */
  readonly hostNames: ReadonlySet<string>;
  readonly heartbeatIntervalMs: number;
  readonly electionTimeoutMinMs: number;
  readonly electionTimeoutMaxMs: number;
  readonly leaseReads: boolean;
  /** The most that a node's clock gains or loses, as a fraction. */
  readonly maxClockDrift: number;
  /** A snapshot is due after so many bytes or entries of log, whichever comes first. */
  readonly snapshotBytes: number;
  readonly snapshotEntries: number;
  /** Of what a snapshot stands for, how much stays in the log. */
  readonly trailingEntries: number;
  readonly trailingBytes: number;
  /** How much of the store's past is kept: the last revisions, and what is younger than this. */
  readonly historyRevisions: number;
  readonly historyAgeMs: number;
  readonly logLevel: string;
  readonly logFormat: 'json' | 'pretty';
  /** Where everything is written that the node's role chart is given and does; null: nowhere. */
  readonly traceFile: string | null;
  /** Whether it is measured for `GET /metrics`. */
  readonly metrics: boolean;
  /** Of an XState inspector; null: none. */
  readonly inspectUrl: string | null;
  /** Where a collector takes spans over OTLP, such as `http://127.0.0.1:4318/v1/traces`; null: none are made. */
  readonly spansUrl: string | null;
  /** The share of the traces beginning here that is kept. */
  readonly traceSample: number;
  /** Whether each message is logged. */
  readonly traceRpc: boolean;
}

/** How a node stores what it must not forget, and where unless it is told otherwise. */
export const storageDirectories = {
  wal: (id: NodeId) => `data/raft-${id}`,
  json: () => 'states',
} as const;
type StorageKind = keyof typeof storageDirectories;

export const transportKinds = ['tcp', 'http'] as const;
type TransportKind = (typeof transportKinds)[number];

const localhost = '127.0.0.1';
export const peerPort = (id: NodeId): number => 7000 + id;
/** Where node `id` listens for its peers unless it is told otherwise. */
export const defaultPeerAddress = (id: NodeId): Address => ({ host: localhost, port: peerPort(id) });
export const clientPort = (id: NodeId): number => 8000 + id;

/** What `nodeCommand` reads. */
interface Flags {
  readonly id: NodeId;
  readonly peers?: Readonly<Record<NodeId, Address | null>>;
  readonly join?: readonly Address[];
  readonly exitWhenRemoved: boolean;
  readonly advertisePeer?: Address;
  readonly listenPeer?: Address;
  readonly listenClient?: Address;
  readonly listenEtcd?: Address;
  readonly advertiseEtcd?: string;
  readonly advertiseClient?: string;
  readonly transport: TransportKind;
  readonly storage: StorageKind;
  readonly dataDir?: string;
  readonly clusterId: string;
  readonly peerCert?: string;
  readonly peerKey?: string;
  readonly peerCacert?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly clientCacert?: string;
  readonly tokenFile?: string;
  readonly allowHost?: readonly string[];
  readonly insecureNetwork: boolean;
  readonly heartbeatInterval: number;
  readonly electionTimeout: { readonly min: number; readonly max: number };
  readonly leaseReads: boolean;
  readonly maxClockDrift?: number;
  readonly snapshotEntries: number;
  readonly snapshotBytes: number;
  readonly trailingEntries: number;
  readonly trailingBytes: number;
  readonly historyRevisions: number;
  readonly historyAge: number;
  readonly logLevel: string;
  readonly logFormat: 'json' | 'pretty';
  readonly traceFile?: string;
  readonly metrics: boolean;
  readonly inspect?: string;
  readonly otlpEndpoint?: string;
  readonly traceSample?: number;
  readonly traceRpc: boolean;
}

/** Fills in what the flags leave open and refuses combinations that cannot work. Throws `UsageError`. */
export const resolveNodeOptions = (flags: Flags, environment: NodeJS.ProcessEnv): NodeOptions => {
  const { id, electionTimeout, heartbeatInterval } = flags;
  const { peers = {} } = flags;
  if (peers[id] !== undefined)
    throw new UsageError(`--peers lists the other nodes: leave out ${id}, which is --id`);
  const size = Object.keys(peers).length + 1;
  if (size > 9) throw new UsageError(`--peers makes a cluster of ${size}; at most 9 nodes are supported`);
  if (heartbeatInterval * 2 > electionTimeout.min) {
    throw new UsageError(
      `--heartbeat-interval ${heartbeatInterval} is too long for --election-timeout ${electionTimeout.min}-${electionTimeout.max}: ` +
        'at least two heartbeats must fit into the shortest timeout',
    );
  }
  if (flags.maxClockDrift !== undefined && !flags.leaseReads) {
    throw new UsageError('--max-clock-drift is for --lease-reads, which is not given');
  }
  if (flags.join !== undefined && flags.peers !== undefined) {
    throw new UsageError(
      '--join is for a node that joins a cluster, --peers for one that begins it: give one of them',
    );
  }
  refuseUnusable('--join', flags.join);
  refuseUnusable('--peers', Object.values(peers));
  refuseUnusable('--advertise-peer', [flags.advertisePeer ?? null]);
  if (flags.advertisePeer !== undefined && isWildcard(flags.advertisePeer)) {
    throw new UsageError(
      `--advertise-peer ${addressText(flags.advertisePeer)} is a wildcard: name the address at which the others reach this node`,
    );
  }
  const { advertiseClient } = flags;
  if (advertiseClient !== undefined && !isClientUrl(advertiseClient)) {
    throw new UsageError(
      `--advertise-client needs a URL such as http://127.0.0.1:8001, got "${advertiseClient}"`,
    );
  }
  const listenPeer = flags.listenPeer ?? defaultPeerAddress(id);
  const advertisePeer = flags.advertisePeer ?? (isWildcard(listenPeer) ? null : listenPeer);
  const listenClient = flags.listenClient ?? { host: localhost, port: clientPort(id) };
  const peerTls = peerTlsOf(flags);
  const clientTls = clientTlsOf(flags);
  const advertised =
    advertiseClient ?? endpointUrl(reachable(listenClient), clientTls === null ? 'http' : 'https');
  const { listenEtcd = null, advertiseEtcd } = flags;
  if (advertiseEtcd !== undefined && listenEtcd === null)
    throw new UsageError('--advertise-etcd is for --listen-etcd, which is not given');
  if (advertiseEtcd !== undefined && !isClientUrl(advertiseEtcd)) {
    throw new UsageError(
      `--advertise-etcd needs a URL such as http://127.0.0.1:2379, got "${advertiseEtcd}"`,
    );
  }
  const etcdUrl = endpointUrl(reachable(listenEtcd ?? listenClient), clientTls === null ? 'http' : 'https');
  const spansUrl = spansUrlOf(flags, environment);
  if (flags.traceSample !== undefined && spansUrl === null) {
    throw new UsageError('--trace-sample is for --otlp-endpoint, which is not given');
  }
  if (!flags.insecureNetwork) {
    if (peerTls === null)
      refuseOpen('--listen-peer', listenPeer, 'give --peer-cert, --peer-key and --peer-cacert');
    refuseOpenToClients('--listen-client', listenClient, clientTls, flags.tokenFile);
    if (listenEtcd !== null) refuseOpenToClients('--listen-etcd', listenEtcd, clientTls, flags.tokenFile);
  }
  return {
    id,
    peers:
      flags.peers === undefined
        ? null
        : Object.fromEntries(
            Object.entries(peers).map(([peer, address]) => [
              peer,
              address ?? defaultPeerAddress(Number(peer)),
            ]),
          ),
    listenPeer,
    join: flags.join ?? null,
    advertisePeer: advertisePeer === null ? null : addressText(advertisePeer),
    listenClient,
    listenEtcd,
    advertiseEtcd: advertiseEtcd ?? etcdUrl,
    advertiseClient: advertised,
    exitWhenRemoved: flags.exitWhenRemoved,
    transport: flags.transport,
    storage: flags.storage,
    dataDir: flags.dataDir ?? storageDirectories[flags.storage](id),
    clusterId: flags.clusterId,
    peerTls,
    clientTls,
    tokenFile: flags.tokenFile ?? null,
    hostNames: new Set([hostOf(advertised), ...(flags.allowHost ?? [])]),
    heartbeatIntervalMs: heartbeatInterval,
    electionTimeoutMinMs: electionTimeout.min,
    electionTimeoutMaxMs: electionTimeout.max,
    leaseReads: flags.leaseReads,
    maxClockDrift: flags.maxClockDrift ?? defaultSettings.maxClockDrift,
    snapshotBytes: flags.snapshotBytes,
    snapshotEntries: flags.snapshotEntries,
    trailingEntries: flags.trailingEntries,
    trailingBytes: flags.trailingBytes,
    historyRevisions: flags.historyRevisions,
    historyAgeMs: flags.historyAge,
    logLevel: flags.logLevel,
    logFormat: flags.logFormat,
    traceFile: flags.traceFile ?? null,
    metrics: flags.metrics,
    inspectUrl: flags.inspect ?? null,
    spansUrl,
    traceSample: flags.traceSample ?? 1,
    traceRpc: flags.traceRpc,
  };
};

const peerTlsOf = ({ peerCert, peerKey, peerCacert }: Flags): NodeOptions['peerTls'] => {
  if (peerCert === undefined && peerKey === undefined && peerCacert === undefined) return null;
  if (peerCert === undefined || peerKey === undefined || peerCacert === undefined)
    throw new UsageError('--peer-cert, --peer-key and --peer-cacert belong together: give all three');
  return { cert: peerCert, key: peerKey, ca: peerCacert };
};

const clientTlsOf = ({ clientCert, clientKey, clientCacert }: Flags): CredentialFiles | null => {
  if (clientCert === undefined && clientKey === undefined && clientCacert === undefined) return null;
  if (clientCert === undefined || clientKey === undefined)
    throw new UsageError(
      '--client-cert and --client-key belong together, and --client-cacert needs both: give them',
    );
  return { cert: clientCert, key: clientKey, ca: clientCacert ?? null };
};

/** As a `Host` header names it. */
const hostOf = (url: string): string => new URL(url).hostname.replace(/\.$/, '');
/** Reads the standard variables of OpenTelemetry; the one for traces is a whole URL. */
const spansUrlOf = ({ otlpEndpoint }: Flags, environment: NodeJS.ProcessEnv): string | null => {
  if (otlpEndpoint !== undefined) return tracesAt('--otlp-endpoint', otlpEndpoint);
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole, OTEL_EXPORTER_OTLP_ENDPOINT: base } = environment;
  if (whole) return httpUrl('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', whole).href;
  return base ? tracesAt('OTEL_EXPORTER_OTLP_ENDPOINT', base) : null;
};

const tracesAt = (name: string, text: string): string => {
  const url = httpUrl(name, text);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url.href;
};

const httpUrl = (name: string, text: string): URL => {
  const url = URL.parse(text);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new UsageError(`${name} needs a URL such as http://127.0.0.1:4318, got ${JSON.stringify(text)}`);
};

const refuseOpenToClients = (
  flag: string,
  address: Address,
  tls: CredentialFiles | null,
  tokenFile: string | undefined,
): void => {
  if (tls === null) refuseOpen(flag, address, 'give --client-cert and --client-key');
  else if (tls.ca === null && tokenFile === undefined)
    refuseOpen(flag, address, 'give --token-file or --client-cacert', 'and asks nobody who they are');
};

/** Throws if other machines reach `address`. */
const refuseOpen = (flag: string, address: Address, remedy: string, how = 'without TLS'): void => {
  if (isLoopback(address)) return;
  throw new UsageError(
    `${flag} ${addressText(address)} can be reached from other machines, ${how}: ${remedy}, or --insecure-network if something else protects it`,
  );
};

/** Throws if one of the addresses that `flag` names cannot be dialled. */
const refuseUnusable = (flag: string, addresses: readonly (Address | null)[] = []): void => {
  const unusable = addresses.find((address) => address?.port === 0);
  if (unusable) throw new UsageError(`${flag} names ${addressText(unusable)}: nobody listens on port 0`);
};

/** A wildcard cannot be dialled, so this machine's name stands for it. */
const reachable = (address: Address): Address =>
  isWildcard(address) ? { ...address, host: localhost } : address;
