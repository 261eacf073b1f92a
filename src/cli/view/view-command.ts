import { Command, InvalidArgumentError } from 'commander';
import {
  addReachOptions,
  type GivenEndpoint,
  parseGivenEndpoints,
  type ReachFlags,
  reachOf,
} from '../client/reach.ts';
import { parsedBy } from '../parsed-by.ts';
import { ClusterPoll } from './cluster-poll.ts';
import { GeneratedPaths, pathsAddress } from './generated-paths.ts';
import { lastingDenials } from './lasting-denials.ts';
import { builtPage, readPageFiles } from './page-files.ts';
import { servePage } from './serve-page.ts';

interface Flags extends ReachFlags {
  readonly port: number;
  readonly cluster?: readonly GivenEndpoint[];
}

/** Beside the ports of nodes (8000 + id) and of inspectors (8080). */
const defaultPort = 8100;

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('expected a port, 0 to 65535.');
  return port;
};

/** `raftchart view`: the charts as a page for this machine's browser, until Ctrl-C. */
export const viewCommand = (): Command =>
  addReachOptions(new Command('view'), 'RAFT_CLIENT')
    .description(
      'Shows all charts in the browser, and optionally where the nodes of a live cluster are in them.',
    )
    .option('--port <port>', 'port on this machine; 0: any free one', parsePort, defaultPort)
    .option(
      '--cluster <urls>',
      'the nodes of a live cluster, such as http://127.0.0.1:8001,http://127.0.0.1:8002',
      parsedBy(parseGivenEndpoints),
    )
    .action(async ({ port, cluster, ...flags }: Flags) => {
      const poll = cluster === undefined ? null : reachOf(cluster, flags);
      const page = await servePage(port, {
        files: readPageFiles(builtPage()),
        made: new Map([[`/${pathsAddress}`, new GeneratedPaths()]]),
        poll: poll && new ClusterPoll(poll.endpoints, poll.reach),
      });
      process.stdout.write(`The charts are at ${page.url}. Ctrl-C stops it.\n`);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void page.close());
      // On the page only its reader would see them.
      if (poll !== null)
        for (const line of await lastingDenials(poll.reach, poll.endpoints))
          process.stderr.write(`${line}\n`);
    });
