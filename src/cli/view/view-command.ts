import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import {
  addReachOptions,
  type GivenEndpoint,
  parseGivenEndpoints,
  type ReachFlags,
  reachOf,
} from '../client/reach.ts';
import { checkFlagsFit } from '../flags-fit.ts';
import { withCacheFlag } from '../kept/cache-flag.ts';
import { knownCharts } from '../machine/known-charts.ts';
import { type MachineFlags, withMachineFlags } from '../machine/machine-flags.ts';
import { moduleOf } from '../model-test/search-flags.ts';
import { parsedBy } from '../parsed-by.ts';
import { UsageError } from '../usage-error.ts';
import { ClusterPoll } from './cluster-poll.ts';
import { FollowedMachine } from './followed-machine.ts';
import { inspectPrograms } from './inspect-programs.ts';
import { lastingDenials } from './lasting-denials.ts';
import { originsWith } from './listen-for-programs.ts';
import { changesRoute, MachineChanges } from './machine-changes.ts';
import { ownPage, type PageStock } from './own-page.ts';
import { servePage } from './serve-page.ts';
import { shownMachines } from './shown-machines.ts';

interface Flags extends ReachFlags, MachineFlags {
  readonly port: number;
  readonly events?: string;
  readonly cluster?: readonly GivenEndpoint[];
  readonly listen?: number | true;
  readonly allowOrigin?: readonly string[];
  readonly cache: boolean;
}

/** Beside the ports of nodes (8000 + id) and of inspectors (8080). */
const defaultPort = 8100;

/** Where programs that are inspected by `@statelyai/inspect` connect by default. */
const defaultListenPort = 8080;

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('expected a port, 0 to 65535 (files go before --listen).');
  return port;
};

const parseOrigin = (text: string, before: readonly string[] = []): readonly string[] => {
  // A page that was opened from a file has none, and says so.
  if (text !== 'null' && URL.parse(text)?.origin !== text)
    throw new InvalidArgumentError('expected the origin of a page, such as https://app.example:8443.');
  return [...before, text];
};

/** `raftchart view`: our charts or any machines as a page for this machine's browser, until Ctrl-C. */
export const viewCommand = (): Command =>
  withCacheFlag(withMachineFlags(addReachOptions(new Command('view'), 'RAFT_CLIENT')))
    .description(
      'Shows charts in the browser: ours, optionally with the nodes of a live cluster in them, or any XState 5 machines by their files.',
    )
    .argument('[charts...]', 'names of our charts, or FILE or FILE#NAME; all of ours if left out')
    .option('--port <port>', 'port on this machine; 0: any free one', parsePort, defaultPort)
    .option('--events <module>', 'what events carry, for paths: a module that exports events, by type')
    .option(
      '--cluster <urls>',
      'the nodes of a live cluster, such as http://127.0.0.1:8001,http://127.0.0.1:8002',
      parsedBy(parseGivenEndpoints),
    )
    .option(
      '--listen [port]',
      `show the actors of running programs that connect to this port (default: ${defaultListenPort})`,
      parsePort,
    )
    .option('--allow-origin <origin>', 'also inspect web pages of this origin; may be repeated', parseOrigin)
    .action(
      async (
        operands: readonly string[],
        { port, cluster, listen, allowOrigin, ...flags }: Flags,
        command: Command,
      ) => {
        const file = operands.find((text) => !isOurs(text, flags));
        checkFlagsFit(command, file, { raft: [], others: ['--export', '--events'] });
        if (allowOrigin !== undefined && listen === undefined)
          throw new UsageError('--allow-origin is for --listen: give both');
        const poll = cluster === undefined ? null : reachOf(cluster, flags);
        const tell = (line: string): void => void process.stderr.write(`${line}\n`);
        const { stock, followed } = await stockOf(operands, flags, poll !== null, tell);
        const { charts, made, routes } = stock;
        const inspection =
          listen === undefined
            ? null
            : inspectPrograms(charts, {
                port: listen === true ? defaultListenPort : listen,
                origins: originsWith(allowOrigin ?? []),
                tell,
              });
        for (const [path, file] of inspection?.content.made ?? []) made.set(path, file);
        for (const [path, route] of inspection?.content.routes ?? []) routes.set(path, route);
        const page = await servePage(port, {
          files: charts.files,
          poll: poll && new ClusterPoll(poll.endpoints, poll.reach),
          made,
          routes,
          ...(inspection === null ? {} : { upgrades: inspection.content.upgrades }),
        });
        const listener = await inspection?.listen(page.url).catch(async (error: Error) => {
          await page.close();
          throw error;
        });
        process.stdout.write(
          `${operands.length === 1 ? `${operands[0]} is` : 'The charts are'} at ${page.url}. Ctrl-C stops it.\n`,
        );
        if (listener !== undefined)
          process.stdout.write(`Programs are inspected at ${listener.url} (see docs/inspector.md).\n`);
        for (const signal of ['SIGINT', 'SIGTERM'] as const)
          process.once(signal, () => {
            for (const machine of followed) machine.close();
            void Promise.all([page.close(), listener?.close()]);
          });
        // On the page only its reader would see them.
        if (poll !== null)
          for (const line of await lastingDenials(poll.reach, poll.endpoints))
            process.stderr.write(`${line}\n`);
      },
    );

/** The page with the charts that were asked for: without any, with all of ours. Those of files are followed. Rejects with `UsageError`. */
const stockOf = async (
  operands: readonly string[],
  flags: MachineFlags & Pick<Flags, 'events' | 'cache'>,
  isLive: boolean,
  tell: (line: string) => void,
): Promise<{ readonly stock: PageStock; readonly followed: readonly FollowedMachine[] }> => {
  if (operands.length === 0) return { stock: ownPage(undefined, flags.cache), followed: [] };
  const ours = operands.filter((text) => isOurs(text, flags));
  const files = operands.filter((text) => !ours.includes(text));
  if (isLive && files.length > 0)
    throw new UsageError(`--cluster shows nodes on our own charts: leave ${files[0]} out, or --cluster`);
  if (flags.export !== undefined && files.length > 1)
    throw new UsageError('--export is for one file: name the exports of several as FILE#NAME');
  const events = moduleOf(flags.events);
  const machines = shownMachines(files, flags.export, ours);
  const stock = ownPage(ours, flags.cache);
  const changes = new MachineChanges();
  const parts = { stock, flags: { ...flags, events }, changes, tell };
  const followed = machines.map((machine) => new FollowedMachine(machine, parts));
  for (const each of followed) await each.start();
  if (followed.length > 0)
    stock.routes.set('/changes', changesRoute(changes, randomBytes(6).toString('hex')));
  return { stock, followed };
};

/** Whether an operand is the name of a chart of ours, rather than a file. */
const isOurs = (text: string, flags: MachineFlags): boolean =>
  flags.export === undefined && knownCharts.some(({ name }) => name === text);
