import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import type { Consistency } from '../../store/http/consistency.ts';
import { exitCodes } from '../exit-codes.ts';
import { parseCount, parseLeaseId, parseRevision } from '../flag-values.ts';
import { parsedBy } from '../parsed-by.ts';
import { UsageError } from '../usage-error.ts';
import { keepLeaseAlive, leaseText } from './leases.ts';
import { type KvOptions, listKeys, sessionOf } from './list-keys.ts';
import { leaseOperation, txnOperation } from './operations.ts';
import { failure, foreign, jsonLine, nodeOf, printed, type Report, reportEnd } from './report.ts';
import type { Operation } from './send-request.ts';
import { jsonBody, runSession } from './session.ts';
import { untilSignal } from './until-signal.ts';
import { watchKeys } from './watch-keys.ts';

/** Runs what is given to it with the session that the program's flags ask for. */
type Run = (ask: (options: KvOptions, print: (report: Report) => void) => Promise<void>) => Promise<void>;

/** The answer of a node, as JSON. */
type Fields = Readonly<Record<string, unknown>>;

interface ListFlags {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly order?: 'asc' | 'desc';
  readonly sort?: string;
  readonly keysOnly?: true;
  readonly count?: true;
  readonly revision?: number;
  readonly consistency: Consistency;
}

interface WatchFlags {
  readonly prefix?: string;
  readonly revision?: number;
  readonly only?: 'put' | 'delete';
  readonly prev?: true;
}

/** The commands of version 2 of the API. */
export const addKvCommands = (program: Command, run: Run): void => {
  const revision = (description: string) =>
    new Option('--revision <n>', description).argParser(parsedBy(parseRevision));
  program
    .command('list')
    .argument('[prefix]', 'only keys that begin so (default: all)')
    .description('prints keys and values, one pair a line; -w json: one JSON line each')
    .option('--from <key>', 'instead of a prefix: from this key on')
    .option('--to <key>', 'instead of a prefix: up to this key, without it')
    .addOption(new Option('--limit <n>', 'at most so many').argParser(parsedBy(parseCount)))
    .addOption(new Option('--order <order>', 'which way (default: asc)').choices(['asc', 'desc']))
    .addOption(
      new Option('--sort <field>', 'by what (default: key)').choices([
        'key',
        'version',
        'create',
        'mod',
        'value',
      ]),
    )
    .option('--keys-only', 'without the values')
    .option('--count', 'only how many there are')
    .addOption(revision('as it was at this revision'))
    .addOption(
      new Option('--consistency <level>', 'as for get')
        .choices(['linearizable', 'lease', 'stale'] satisfies readonly Consistency[])
        .default('linearizable'),
    )
    .action((prefix: string | undefined, flags: ListFlags) => {
      const { limit, keysOnly, count, ...rest } = flags;
      if (prefix !== undefined && (flags.from ?? flags.to) !== undefined)
        throw new UsageError('list takes a prefix, or --from and --to, not both');
      const parameters = { prefix, ...rest, keys_only: keysOnly, count_only: count };
      return run((options, print) => listKeys(parameters, limit ?? null, options, print));
    });
  program
    .command('watch')
    .argument('[key]', 'the key to watch')
    .description(
      'prints what happens to keys until it is interrupted, one change a line; goes on over the loss of nodes',
    )
    .option('--prefix <prefix>', 'all keys that begin so; "" is all keys')
    .addOption(revision('from what happened at this revision on (default: from now on)'))
    .addOption(new Option('--only <type>', 'only these changes').choices(['put', 'delete']))
    .option('--prev', '-w json: with what was there before')
    .action((key: string | undefined, flags: WatchFlags) => {
      if ((key === undefined) === (flags.prefix === undefined))
        throw new UsageError('watch needs <key> or --prefix <prefix>');
      return run((options, print) =>
        untilSignal((signal) => watchKeys({ key, ...flags }, { ...options, signal }, print)),
      );
    });
  program
    .command('txn')
    .argument('<file>', 'the transaction in JSON; - for stdin')
    .description('does several operations at once, depending on what is there')
    .action(async (file: string) => {
      const body = await contentOf(file);
      return run((options, print) => tell(txnOperation(body), txnText, options, print));
    });
  addLeaseCommands(program, run);
};

const addLeaseCommands = (program: Command, run: Run): void => {
  const lease = program
    .command('lease')
    .description('leases: keys that are put under one are deleted when it ends')
    .configureHelp({ showGlobalOptions: true });
  const ask = (operation: Operation) =>
    run((options, print) => tell(operation, leaseText(operation.method), options, print));
  const onLease = (name: string, description: string) =>
    lease
      .command(name)
      .argument('<id>', 'the id of the lease', parsedBy(parseLeaseId))
      .description(description);
  lease
    .command('grant')
    .argument('<seconds>', 'how long it lasts if nobody keeps it alive', parsedBy(parseCount))
    .addOption(
      new Option('--id <id>', 'its id (default: the node draws one)').argParser(parsedBy(parseLeaseId)),
    )
    .description('begins a lease, and prints its id')
    .action((ttl: number, { id }: { id?: string }) => ask(leaseOperation('POST', '', { ttl, id })));
  onLease('renew', 'its time begins anew, once').action((id: string) =>
    ask(leaseOperation('POST', `/${id}/keepalive`)),
  );
  onLease('keep-alive', 'renews it until this is interrupted').action((id: string) =>
    run((options, print) => untilSignal((signal) => keepLeaseAlive(id, { ...options, signal }, print))),
  );
  onLease('revoke', 'ends it, and deletes its keys').action((id: string) =>
    ask(leaseOperation('DELETE', `/${id}`)),
  );
  onLease('show', 'prints how long it lasts, and its keys').action((id: string) =>
    ask(leaseOperation('GET', `/${id}`)),
  );
  lease
    .command('list')
    .description('prints the leases')
    .action(() => ask(leaseOperation('GET')));
};

/** Asks for `operation`, and prints its answer: with `-w json` as one line. */
const tell = async (
  operation: Operation,
  text: (answer: Fields, node: number) => string,
  options: KvOptions,
  print: (report: Report) => void,
): Promise<void> => {
  const isRead = operation.method === 'GET';
  const end = await runSession(operation, sessionOf(options));
  print(
    reportEnd(end, isRead, options.timeoutMs, (reply) => {
      const node = nodeOf(reply)!;
      const answer = jsonBody(reply);
      if (answer === null) return failure(exitCodes.failure, foreign(reply));
      if (!options.asJson) return printed(text(answer, node));
      return printed(jsonLine(isRead ? { node, ...answer } : { ok: true, leader: node, ...answer }));
    }),
  );
};

const txnText = ({ index, revision, succeeded, results }: Fields, node: number): string => {
  const lines = Array.isArray(results) ? results.map((each) => jsonLine(each as object)) : [];
  return `OK leader=${node} index=${index} revision=${revision} succeeded=${succeeded}\n${lines.join('')}`;
};

const contentOf = async (file: string): Promise<Uint8Array> =>
  file === '-'
    ? buffer(process.stdin)
    : readFile(file).catch((error: NodeJS.ErrnoException) => {
        throw new UsageError(`cannot read ${file}: ${error.code}`);
      });
