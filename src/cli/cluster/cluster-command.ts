import { Command, InvalidArgumentError, Option } from 'commander';
import { defaultInspectUrl, parseInspectUrl } from '../../statechart/inspect/inspect-url.ts';
import { storageDirectories, transportKinds } from '../node/node-options.ts';
import { parsedBy } from '../parsed-by.ts';
import { LocalCluster } from './local-cluster.ts';
import { narrate } from './narrate.ts';

const parseNodes = (text: string): number => {
  const nodes = Number(text);
  if (![1, 2, 3, 5, 7].includes(nodes)) throw new InvalidArgumentError('expected 1, 2, 3, 5 or 7.');
  return nodes;
};

interface Flags {
  readonly nodes: number;
  readonly dataDir: string;
  readonly restart: boolean;
  readonly trace?: true;
  readonly traceRpc?: true;
  readonly otlpEndpoint?: string;
  readonly traceSample?: string;
  readonly transport?: string;
  readonly storage?: string;
  readonly heartbeatInterval?: string;
  readonly electionTimeout?: string;
  readonly leaseReads?: true;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly clientCacert?: string;
  readonly tokenFile?: string;
  readonly snapshotEntries?: string;
  readonly snapshotBytes?: string;
  readonly trailingEntries?: string;
  readonly trailingBytes?: string;
  /** True: the flag without a value. */
  readonly inspect?: string | true;
}

const passed = (flag: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [flag, value];

/** `raftchart cluster`: each node in a process of its own, until Ctrl-C. */
export const clusterCommand = (): Command =>
  new Command('cluster')
    .description('Starts a local cluster, each node in its own process, and shows each change of role.')
    .option('--nodes <n>', 'how many nodes: 1, 2, 3, 5 or 7', parseNodes, 3)
    .option('--data-dir <dir>', 'where the nodes keep their logs', 'data')
    .addOption(new Option('--transport <kind>', 'passed to each node').choices(transportKinds))
    .addOption(new Option('--storage <kind>', 'passed to each node').choices(Object.keys(storageDirectories)))
    .option('--heartbeat-interval <ms>', 'passed to each node')
    .option('--election-timeout <min-max>', 'passed to each node')
    .option('--lease-reads', 'passed to each node')
    .option('--client-cert <file>', 'passed to each node')
    .option('--client-key <file>', 'passed to each node')
    .option('--client-cacert <file>', 'passed to each node')
    .option('--token-file <file>', 'passed to each node')
    .option('--snapshot-entries <n>', 'passed to each node')
    .option('--snapshot-bytes <size>', 'passed to each node')
    .option('--trailing-entries <n>', 'passed to each node')
    .option('--trailing-bytes <size>', 'passed to each node')
    .option(
      '--inspect [url]',
      `show the charts of all nodes in an XState inspector (default: ${defaultInspectUrl})`,
      parsedBy(parseInspectUrl),
    )
    .option('--trace', 'each node writes a trace to raft-<id>.ndjson in the data directory')
    .option('--trace-rpc', 'show each message that a node sends or receives, with the rule that handles it')
    .option('--otlp-endpoint <url>', 'passed to each node')
    .option('--trace-sample <share>', 'passed to each node')
    .option('--no-restart', 'do not restart a node that was killed or stopped')
    .action(async (flags: Flags) => {
      const extra = [
        ...passed('--transport', flags.transport),
        ...passed('--storage', flags.storage),
        ...passed('--heartbeat-interval', flags.heartbeatInterval),
        ...passed('--election-timeout', flags.electionTimeout),
        ...(flags.leaseReads ? ['--lease-reads'] : []),
        ...passed('--client-cert', flags.clientCert),
        ...passed('--client-key', flags.clientKey),
        ...passed('--client-cacert', flags.clientCacert),
        ...passed('--token-file', flags.tokenFile),
        ...passed('--snapshot-entries', flags.snapshotEntries),
        ...passed('--snapshot-bytes', flags.snapshotBytes),
        ...passed('--trailing-entries', flags.trailingEntries),
        ...passed('--trailing-bytes', flags.trailingBytes),
        ...(flags.traceRpc ? ['--trace-rpc'] : []),
        ...passed('--otlp-endpoint', flags.otlpEndpoint),
        ...passed('--trace-sample', flags.traceSample),
        ...(flags.inspect === undefined
          ? []
          : ['--inspect', flags.inspect === true ? defaultInspectUrl : flags.inspect]),
      ];
      const cluster = new LocalCluster({
        size: flags.nodes,
        dataDir: flags.dataDir,
        extraFlags: extra,
        traces: flags.trace ?? false,
        restartDelayMs: flags.restart ? 3000 : null,
        tell: narrate(process.stdout, flags.nodes, {
          isTls: flags.clientCert !== undefined,
          wantsCertificate: flags.clientCacert !== undefined,
          wantsToken: flags.tokenFile !== undefined,
        }),
      });
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cluster.stop());
      process.exitCode = await cluster.run();
    });
