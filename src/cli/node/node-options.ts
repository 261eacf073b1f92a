import { Command, Option } from 'commander';
import type { CredentialFiles } from '../../adapters/tls/credentials.ts';
import { defaultSnapshotLimits } from '../../node/snapshotter.ts';
import { type Address, addressText, isClientUrl, isLoopback, isWildcard } from '../../ports/address.ts';
import { defaultSettings } from '../../raft/context.ts';
import type { NodeId } from '../../raft/types.ts';
import { parseInspectUrl } from '../../statechart/inspect/inspect-url.ts';
import {
  endpointUrl,
  parseDrift,
  parseDuration,
  parseEndpoint,
  parseEndpoints,
  parseEntries,
  parseNodeId,
  parsePeers,
  parseRange,
  parseSize,
  parseSwitch,
} from '../flag-values.ts';
import { parsedBy } from '../parsed-by.ts';
import { UsageError } from '../usage-error.ts';

/** The options of `raft-node`, complete, with defaults filled in. */
export interface NodeOptions {
  readonly id: NodeId;
  /** The other nodes, if they were named; null: those of the data directory, and none if that is new. */
  readonly peers: Readonly<Record<NodeId, Address>> | null;
  readonly listenPeer: Address;
  readonly listenClient: Address;
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
  readonly logLevel: string;
  readonly logFormat: 'json' | 'pretty';
  /** Where everything is written that the node's role chart is given and does; null: nowhere. */
  readonly traceFile: string | null;
  /** Whether it is measured for `GET /metrics`. */
  readonly metrics: boolean;
  /** Of an XState inspector; null: none. */
  readonly inspectUrl: string | null;
}

/** How a node stores what it must not forget, and where unless it is told otherwise. */
const storageDirectories = {
  wal: (id: NodeId) => `data/raft-${id}`,
  json: () => 'states',
} as const;
type StorageKind = keyof typeof storageDirectories;

const transportKinds = ['tcp', 'http'] as const;
type TransportKind = (typeof transportKinds)[number];

const localhost = '127.0.0.1';
export const peerPort = (id: NodeId): number => 7000 + id;
/** Where node `id` listens for its peers unless it is told otherwise. */
export const defaultPeerAddress = (id: NodeId): Address => ({ host: localhost, port: peerPort(id) });
export const clientPort = (id: NodeId): number => 8000 + id;

const nodeOption = (flags: string, description: string, environment: string): Option =>
  new Option(flags, description).env(`RAFT_NODE_${environment}`);

/** The command line of `raft-node`, without what it does. */
export const nodeCommand = (version: string): Command =>
  new Command('raft-node')
    .description('Runs one node of a replicated key-value store.')
    .version(version)
    .addOption(
      nodeOption('--id <id>', 'this node: a number from 1', 'ID')
        .argParser(parsedBy(parseNodeId))
        .makeOptionMandatory(),
    )
    .addOption(
      nodeOption(
        '--peers <list>',
        'the other nodes at the first start: 2,3 or 2=host:port,3=host:port, or none (default: those of the data directory; none if it is new)',
        'PEERS',
      ).argParser(parsedBy(parsePeers)),
    )
    .addOption(
      nodeOption(
        '--join <list>',
        'peer addresses of members of a running cluster that this node is to join, if its data directory is new: host:port,host:port; it waits until "raft-client member add" names it',
        'JOIN',
      ).argParser(parsedBy(parseEndpoints)),
    )
    .addOption(
      nodeOption(
        '--exit-when-removed [on|off]',
        'end with exit code 0 once this node has been removed from its cluster, rather than stay as one that answers clients no more',
        'EXIT_WHEN_REMOVED',
      )
        .argParser(parsedBy(parseSwitch))
        .preset('on')
        .default(false, 'off'),
    )
    .addOption(
      nodeOption(
        '--advertise-peer <host:port>',
        'address given to members that join (default: --listen-peer, unless that is a wildcard)',
        'ADVERTISE_PEER',
      ).argParser(parsedBy(parseEndpoint)),
    )
    .addOption(
      nodeOption(
        '--listen-peer <host:port>',
        'address for peers (default: 127.0.0.1:7000+id)',
        'LISTEN_PEER',
      ).argParser(parsedBy(parseEndpoint)),
    )
    .addOption(
      nodeOption(
        '--listen-client <host:port>',
        'address for clients (default: 127.0.0.1:8000+id)',
        'LISTEN_CLIENT',
      ).argParser(parsedBy(parseEndpoint)),
    )
    .addOption(
      nodeOption(
        '--advertise-client <url>',
        'address given to clients in redirects (default: http:// and --listen-client)',
        'ADVERTISE_CLIENT',
      ),
    )
    .addOption(
      nodeOption(
        '--transport <kind>',
        'how the nodes of the cluster talk to each other: tcp, or http: JSON that curl can send and people can read',
        'TRANSPORT',
      )
        .choices(transportKinds)
        .default('tcp'),
    )
    .addOption(
      nodeOption(
        '--storage <kind>',
        'wal: a write-ahead log; json: one file to read, raft_state_<id>.json, for learning and small logs',
        'STORAGE',
      )
        .choices(Object.keys(storageDirectories))
        .default('wal'),
    )
    .addOption(
      nodeOption(
        '--data-dir <dir>',
        'where it is stored (default: ./data/raft-<id>; with --storage json ./states)',
        'DATA_DIR',
      ),
    )
    .addOption(
      nodeOption('--cluster-id <name>', 'nodes with another cluster id are refused', 'CLUSTER_ID').default(
        'raftchart',
      ),
    )
    .addOption(
      nodeOption(
        '--peer-cert <file>',
        'the certificate by which this node proves to its peers who it is, in PEM (raftchart certs); read anew when it changes, and on SIGHUP',
        'PEER_CERT',
      ),
    )
    .addOption(nodeOption('--peer-key <file>', 'the private key of --peer-cert', 'PEER_KEY'))
    .addOption(
      nodeOption(
        '--peer-cacert <file>',
        'the authorities that certificates of peers must come from',
        'PEER_CACERT',
      ),
    )
    .addOption(
      nodeOption(
        '--insecure-network [on|off]',
        'listen without TLS on addresses that other machines reach: whoever reaches them can do anything to the cluster',
        'INSECURE_NETWORK',
      )
        .argParser(parsedBy(parseSwitch))
        .preset('on')
        .default(false, 'off'),
    )
    .addOption(
      nodeOption('--heartbeat-interval <ms>', 'how often a leader sends heartbeats', 'HEARTBEAT_INTERVAL')
        .argParser(parsedBy(parseDuration))
        .default(50),
    )
    .addOption(
      nodeOption(
        '--election-timeout <min-max>',
        'in milliseconds, drawn anew for each wait',
        'ELECTION_TIMEOUT',
      )
        .argParser(parsedBy(parseRange))
        .default({ min: 150, max: 300 }, '150-300'),
    )
    .addOption(
      nodeOption(
        '--lease-reads [on|off]',
        "answer reads without asking the followers each time; right only while no node's clock runs too fast or too slow: see --max-clock-drift",
        'LEASE_READS',
      )
        .argParser(parsedBy(parseSwitch))
        .preset('on')
        .default(false, 'off'),
    )
    .addOption(
      nodeOption(
        '--max-clock-drift <fraction>',
        'for --lease-reads: the most that a clock gains or loses against another; 0.1 is six minutes an hour (default: 0.1)',
        'MAX_CLOCK_DRIFT',
      ).argParser(parsedBy(parseDrift)),
    )
    .addOption(
      nodeOption(
        '--snapshot-entries <n>',
        'take a snapshot, and drop the log before it, after so many entries',
        'SNAPSHOT_ENTRIES',
      )
        .argParser(parsedBy(parseEntries(1)))
        .default(defaultSnapshotLimits.snapshotEntries),
    )
    .addOption(
      nodeOption('--snapshot-bytes <size>', 'the same after so much of log', 'SNAPSHOT_BYTES')
        .argParser(parsedBy(parseSize))
        .default(defaultSnapshotLimits.snapshotBytes, '64MiB'),
    )
    .addOption(
      nodeOption(
        '--trailing-entries <n>',
        'how many of the entries before a snapshot stay in the log, for followers that are a little late',
        'TRAILING_ENTRIES',
      )
        .argParser(parsedBy(parseEntries(0)))
        .default(defaultSettings.trailingEntries),
    )
    .addOption(
      nodeOption('--trailing-bytes <size>', 'the most that these may take', 'TRAILING_BYTES')
        .argParser(parsedBy(parseSize))
        .default(defaultSettings.trailingBytes, '16MiB'),
    )
    .addOption(
      nodeOption('--log-level <level>', 'how much is logged', 'LOG_LEVEL')
        .choices(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
        .default('info'),
    )
    .addOption(
      nodeOption('--log-format <format>', 'json: one object per line; pretty: for people', 'LOG_FORMAT')
        .choices(['json', 'pretty'])
        .default('json'),
    )
    .addOption(
      nodeOption(
        '--trace-file <file>',
        'append everything that its role chart is given and does, for raftchart validate',
        'TRACE_FILE',
      ),
    )
    .addOption(
      nodeOption(
        '--metrics [on|off]',
        'measure the node, for Prometheus, at /metrics of the address for clients',
        'METRICS',
      )
        .argParser(parsedBy(parseSwitch))
        .preset('on')
        .default(true, 'on'),
    )
    .addOption(
      nodeOption(
        '--inspect <url>',
        'show its charts in an XState inspector, such as ws://localhost:8080',
        'INSPECT',
      ).argParser(parsedBy(parseInspectUrl)),
    );

interface Flags {
  readonly id: NodeId;
  readonly peers?: Readonly<Record<NodeId, Address | null>>;
  readonly join?: readonly Address[];
  readonly exitWhenRemoved: boolean;
  readonly advertisePeer?: Address;
  readonly listenPeer?: Address;
  readonly listenClient?: Address;
  readonly advertiseClient?: string;
  readonly transport: TransportKind;
  readonly storage: StorageKind;
  readonly dataDir?: string;
  readonly clusterId: string;
  readonly peerCert?: string;
  readonly peerKey?: string;
  readonly peerCacert?: string;
  readonly insecureNetwork: boolean;
  readonly heartbeatInterval: number;
  readonly electionTimeout: { readonly min: number; readonly max: number };
  readonly leaseReads: boolean;
  readonly maxClockDrift?: number;
  readonly snapshotEntries: number;
  readonly snapshotBytes: number;
  readonly trailingEntries: number;
  readonly trailingBytes: number;
  readonly logLevel: string;
  readonly logFormat: 'json' | 'pretty';
  readonly traceFile?: string;
  readonly metrics: boolean;
  readonly inspect?: string;
}

/** Fills in what the flags leave open and refuses combinations that cannot work. Throws `UsageError`. */
export const resolveNodeOptions = (flags: Flags): NodeOptions => {
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
  if (!flags.insecureNetwork) {
    if (peerTls === null)
      refuseOpen('--listen-peer', listenPeer, 'give --peer-cert, --peer-key and --peer-cacert');
    refuseOpen('--listen-client', listenClient, 'listen on 127.0.0.1');
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
    advertiseClient: advertiseClient ?? endpointUrl(reachable(listenClient)),
    exitWhenRemoved: flags.exitWhenRemoved,
    transport: flags.transport,
    storage: flags.storage,
    dataDir: flags.dataDir ?? storageDirectories[flags.storage](id),
    clusterId: flags.clusterId,
    peerTls,
    heartbeatIntervalMs: heartbeatInterval,
    electionTimeoutMinMs: electionTimeout.min,
    electionTimeoutMaxMs: electionTimeout.max,
    leaseReads: flags.leaseReads,
    maxClockDrift: flags.maxClockDrift ?? defaultSettings.maxClockDrift,
    snapshotBytes: flags.snapshotBytes,
    snapshotEntries: flags.snapshotEntries,
    trailingEntries: flags.trailingEntries,
    trailingBytes: flags.trailingBytes,
    logLevel: flags.logLevel,
    logFormat: flags.logFormat,
    traceFile: flags.traceFile ?? null,
    metrics: flags.metrics,
    inspectUrl: flags.inspect ?? null,
  };
};

const peerTlsOf = ({ peerCert, peerKey, peerCacert, transport }: Flags): NodeOptions['peerTls'] => {
  if (peerCert === undefined && peerKey === undefined && peerCacert === undefined) return null;
  if (peerCert === undefined || peerKey === undefined || peerCacert === undefined)
    throw new UsageError('--peer-cert, --peer-key and --peer-cacert belong together: give all three');
  if (transport === 'http')
    throw new UsageError(
      '--transport http has no TLS: leave it out, or leave out --peer-cert, --peer-key and --peer-cacert',
    );
  return { cert: peerCert, key: peerKey, ca: peerCacert };
};

/** Throws if other machines reach `address`. */
const refuseOpen = (flag: string, address: Address, remedy: string): void => {
  if (isLoopback(address)) return;
  throw new UsageError(
    `${flag} ${addressText(address)} can be reached from other machines, without TLS: ${remedy}, or --insecure-network if something else protects it`,
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
