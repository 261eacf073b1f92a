import { Command, Option } from 'commander';
import { defaultSnapshotLimits } from '../../node/snapshotter.ts';
import { defaultSettings } from '../../raft/context.ts';
import { parseInspectUrl } from '../../statechart/inspect/inspect-url.ts';
import { defaultHistoryLimits } from '../../store/kv/housekeeper.ts';
import { exitCodeHelp } from '../exit-codes.ts';
import {
  parseDrift,
  parseDuration,
  parseEndpoint,
  parseEndpoints,
  parseEntries,
  parseHosts,
  parseNodeId,
  parsePeers,
  parseRange,
  parseShare,
  parseSize,
  parseSwitch,
} from '../flag-values.ts';
import { parsedBy } from '../parsed-by.ts';
import { storageDirectories, transportKinds } from './node-options.ts';

const nodeOption = (flags: string, description: string, environment: string): Option =>
  new Option(flags, description).env(`RAFT_NODE_${environment}`);

/** The command line of `raft-node`, without what it does. */
export const nodeCommand = (version: string): Command =>
  new Command('raft-node')
    .description('Runs one node of a replicated key-value store.')
    .version(version)
    .addHelpText('after', `\n${exitCodeHelp()}`)
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
        '--listen-etcd <host:port>',
        "address for clients of etcd: offers etcd's v3 API there, with the certificates and tokens of the client port; needs @grpc/grpc-js and @grpc/proto-loader",
        'LISTEN_ETCD',
      ).argParser(parsedBy(parseEndpoint)),
    )
    .addOption(
      nodeOption(
        '--advertise-etcd <url>',
        'address given to clients of etcd that ask for the members (default: http:// or https://, and --listen-etcd)',
        'ADVERTISE_ETCD',
      ),
    )
    .addOption(
      nodeOption(
        '--advertise-client <url>',
        'address given to clients in redirects (default: http:// or https://, and --listen-client)',
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
        '--client-cert <file>',
        'HTTPS for clients, with this certificate in PEM; read anew when it changes, and on SIGHUP',
        'CLIENT_CERT',
      ),
    )
    .addOption(nodeOption('--client-key <file>', 'the private key of --client-cert', 'CLIENT_KEY'))
    .addOption(
      nodeOption(
        '--client-cacert <file>',
        'clients must show a certificate that comes from one of these authorities',
        'CLIENT_CACERT',
      ),
    )
    .addOption(
      nodeOption(
        '--token-file <file>',
        'clients must send a token of this file (raftchart token), which says what each may do; read anew when it changes, and on SIGHUP',
        'TOKEN_FILE',
      ),
    )
    .addOption(
      nodeOption(
        '--allow-host <name>',
        'a name by which clients call this node, besides addresses, localhost and that of --advertise-client; repeatable, and a list in the environment',
        'ALLOW_HOST',
      ).argParser((text: string, previous: readonly string[] = []) => [
        ...previous,
        ...parsedBy(parseHosts)(text),
      ]),
    )
    .addOption(
      nodeOption(
        '--insecure-network [on|off]',
        'listen on addresses that other machines reach without TLS, or without asking clients who they are: whoever reaches them can do anything to the cluster',
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
      nodeOption(
        '--history-revisions <n>',
        'how many revisions of the store are kept for watches, and for reads of what was, however old they are',
        'HISTORY_REVISIONS',
      )
        .argParser(parsedBy(parseEntries(1)))
        .default(defaultHistoryLimits.revisions),
    )
    .addOption(
      nodeOption('--history-age <ms>', 'keep younger ones as well, as far as 32 MiB go', 'HISTORY_AGE')
        .argParser(parsedBy(parseDuration))
        .default(defaultHistoryLimits.ageMs),
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
    )
    .addOption(
      nodeOption(
        '--otlp-endpoint <url>',
        'export spans of what clients ask for to a collector of OpenTelemetry, such as http://127.0.0.1:4318 (default: OTEL_EXPORTER_OTLP_ENDPOINT)',
        'OTLP_ENDPOINT',
      ),
    )
    .addOption(
      nodeOption(
        '--trace-sample <share>',
        'the share of traces beginning here that is exported, from 0 to 1; a client that begins one decides for itself (default: 1)',
        'TRACE_SAMPLE',
      ).argParser(parsedBy(parseShare)),
    )
    .addOption(
      nodeOption(
        '--trace-rpc [on|off]',
        'log each message sent and received, with the rule of the chart that handles it',
        'TRACE_RPC',
      )
        .argParser(parsedBy(parseSwitch))
        .preset('on')
        .default(false, 'off'),
    );
