import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import type { NodeId } from '../../raft/types.ts';
import type { Consistency } from '../../store/http/consistency.ts';
import { exitCodeHelp } from '../exit-codes.ts';
import { parseDuration, parseLeaseId, parseNodeId } from '../flag-values.ts';
import { parsedBy } from '../parsed-by.ts';
import { UsageError } from '../usage-error.ts';
import { addBackupCommand } from './backup-command.ts';
import { addKvCommands } from './kv-commands.ts';
import { addMemberCommands } from './member-commands.ts';
import {
  casOperation,
  deleteOperation,
  deletePrefixOperation,
  getOperation,
  leasedPutOperation,
  putOperation,
} from './operations.ts';
import {
  addReachOptions,
  type GivenEndpoint,
  parseGivenEndpoint,
  parseGivenEndpoints,
  type ReachFlags,
  reachOf,
} from './reach.ts';
import { type Report, reportSession, type Success } from './report.ts';
import type { Operation } from './send-request.ts';
import { runSession } from './session.ts';
import { askStatus, reportStatus } from './status.ts';
import { findTarget } from './target.ts';
import { transferLeader } from './transfer-leader.ts';

interface Flags extends ReachFlags {
  /** Undefined: the defaults of a local cluster. */
  readonly endpoints?: readonly GivenEndpoint[];
  readonly timeout: number;
  readonly target?: NodeId;
  readonly writeOut: 'text' | 'json';
}

const localEndpoint = (id: NodeId): GivenEndpoint => parseGivenEndpoint(`127.0.0.1:${8000 + id}`);

/** The command line of `raft-client`. Each command passes its output to `print`, and what a long one has come to meanwhile to `progress`. */
export const clientCommand = (
  version: string,
  print: (report: Report) => void,
  progress: (line: string) => void = () => {},
): Command => {
  const program = new Command('raft-client')
    .description('Reads and writes a replicated key-value store. Finds the leader on its own.')
    .version(version)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${usageError(text)}\n`) })
    .addHelpText('after', `\n${exitCodeHelp()}`)
    .addOption(
      new Option(
        '--endpoints <list>',
        'client addresses of nodes, with https:// in front for HTTPS (default: 127.0.0.1:8001 to 8003)',
      )
        .env('RAFT_CLIENT_ENDPOINTS')
        .argParser(parsedBy(parseGivenEndpoints)),
    )
    .addOption(
      new Option('--timeout <duration>', 'how long to try: 500ms, 2s; a bare number is milliseconds')
        .argParser(parsedBy(parseDuration))
        .default(5000, '5s'),
    )
    .addOption(new Option('--target <id>', 'ask this node only').argParser(parsedBy(parseNodeId)))
    .addOption(
      new Option('-w, --write-out <format>', 'how to print results')
        .choices(['text', 'json'])
        .default('text'),
    );

  addReachOptions(program, 'RAFT_CLIENT');

  const run = async (operation: Operation, command: Success['command'], key: string): Promise<void> => {
    const flags = program.opts<Flags>();
    const session = await endpointsToAsk(flags);
    if ('exitCode' in session) return print(session);
    const end = await runSession(operation, { ...session, timeoutMs: flags.timeout });
    const success = { command, key, asJson: flags.writeOut === 'json' };
    print(reportSession(end, success, flags.timeout));
  };

  program
    .command('put <key> [value]')
    .description('sets a key; with "-" the value is read from stdin')
    .option('--file <path>', 'read the value from this file')
    .addOption(
      new Option('--lease <id>', 'the key is deleted when this lease ends').argParser(parsedBy(parseLeaseId)),
    )
    .action(
      async (key: string, value: string | undefined, { file, lease }: { file?: string; lease?: string }) => {
        const bytes = await valueToPut(value, file);
        const operation =
          lease === undefined ? putOperation(key, bytes) : leasedPutOperation(key, bytes, lease);
        return run(operation, 'put', key);
      },
    );
  program
    .command('get <key>')
    .description('prints the value of a key; any node can serve it')
    .addOption(
      new Option(
        '--consistency <level>',
        'linearizable: sees every write that was acknowledged before; lease: the same as long as clocks run evenly, from nodes with --lease-reads; ' +
          'stale: at once, whatever the node has, even without a leader',
      )
        .choices(['linearizable', 'lease', 'stale'] satisfies readonly Consistency[])
        .default('linearizable'),
    )
    .action((key: string, { consistency }: { consistency: Consistency }) =>
      run(getOperation(key, consistency), 'get', key),
    );
  program
    .command('del [key]')
    .description('deletes a key, or all keys with a prefix')
    .option('--prefix <prefix>', 'all keys that begin so; "" is all keys')
    .action((key: string | undefined, { prefix }: { prefix?: string }) => {
      if (key !== undefined && prefix === undefined) return run(deleteOperation(key), 'del', key);
      if (key !== undefined || prefix === undefined)
        throw new UsageError('del needs <key> or --prefix <prefix>');
      return run(deletePrefixOperation(prefix), 'del', prefix);
    });
  program
    .command('cas <key> <values...>')
    .usage('[options] <key> <from> <to>  |  --absent <key> <to>')
    .description('sets a key if its value is <from>, or with --absent if it does not exist')
    .option('--absent', 'the key must not exist')
    .action((key: string, values: string[], { absent = false }: { absent?: boolean }) => {
      const [to, from = null, ...rest] = [...values].reverse();
      if (absent !== (from === null) || rest.length > 0) {
        throw new UsageError('cas needs <key> <from> <to>, or --absent <key> <to>');
      }
      return run(casOperation(key, from, to!), 'cas', key);
    });
  program
    .command('status')
    .description('shows the status of each node, as it reports it')
    .action(async () => {
      const flags = program.opts<Flags>();
      const session = await endpointsToAsk(flags);
      if ('exitCode' in session) return print(session);
      print(
        reportStatus(
          await askStatus(session.reach, session.endpoints, flags.timeout),
          flags.writeOut === 'json',
        ),
      );
    });
  program
    .command('transfer-leader')
    .argument(
      '[id]',
      'the node that is to lead (default: the one that has most of the log)',
      parsedBy(parseNodeId),
    )
    .description('hands the leadership to another node')
    .action(async (target: NodeId | undefined) => {
      const flags = program.opts<Flags>();
      const session = await endpointsToAsk(flags);
      if ('exitCode' in session) return print(session);
      const asJson = flags.writeOut === 'json';
      print(await transferLeader(target ?? null, { ...session, timeoutMs: flags.timeout, asJson }));
    });
  addKvCommands(program, async (ask) => {
    const flags = program.opts<Flags>();
    const session = await endpointsToAsk(flags);
    const asJson = flags.writeOut === 'json';
    if ('exitCode' in session) print(session);
    else await ask({ ...session, timeoutMs: flags.timeout, asJson }, print);
  });
  addMemberCommands(program, async (ask) => {
    const flags = program.opts<Flags>();
    const session = await endpointsToAsk(flags);
    const asJson = flags.writeOut === 'json';
    print(
      'exitCode' in session ? session : await ask({ ...session, timeoutMs: flags.timeout, asJson, progress }),
    );
  });
  addBackupCommand(program, async (take) => {
    const flags = program.opts<Flags>();
    const session = await endpointsToAsk(flags);
    const asJson = flags.writeOut === 'json';
    print('exitCode' in session ? session : await take({ ...session, timeoutMs: flags.timeout, asJson }));
  });
  return program;
};

/** One line of JSON for what commander says in several. */
export const usageError = (text: string): string =>
  JSON.stringify({
    error: 'usage',
    message: text
      .trim()
      .replace(/^error: /, '')
      .replace(/\s*\n\s*/g, ' '),
  });

const endpointsToAsk = async (flags: Flags) => {
  const { endpoints: named, target, timeout } = flags;
  const local = [1, 2, 3].map(localEndpoint);
  if (target === undefined) return { ...reachOf(named ?? local, flags), isTargeted: false };
  const own = localEndpoint(target);
  // A default endpoint is asked directly: its node need not be running yet.
  if (named === undefined && target <= local.length) return { ...reachOf([own], flags), isTargeted: true };
  const { reach, endpoints } = reachOf(named ?? [...local, own], flags);
  const found = await findTarget(reach, target, endpoints, timeout);
  return typeof found === 'string' ? { reach, endpoints: [found], isTargeted: true } : found;
};

const valueToPut = async (value: string | undefined, file: string | undefined): Promise<Uint8Array> => {
  if ((value === undefined) === (file === undefined)) {
    throw new UsageError('put needs a value, or - for stdin, or --file <path>');
  }
  if (file !== undefined) {
    return readFile(file).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`cannot read ${file}: ${error.code}`);
    });
  }
  return value === '-' ? buffer(process.stdin) : Buffer.from(value!);
};
