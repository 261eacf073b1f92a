import { type Command, Option } from 'commander';
import { addressText, isClientUrl, isWildcard } from '../../ports/address.ts';
import { logIdPattern } from '../../ports/disk.ts';
import { type NodeId, nodeName } from '../../raft/types.ts';
import type { RequestedChange } from '../../store/http/members-request.ts';
import { parseEndpoint, parseNodeId } from '../flag-values.ts';
import { parsedBy } from '../parsed-by.ts';
import { UsageError } from '../usage-error.ts';
import { type ChangeOptions, changeMembers } from './change-members.ts';
import { listMembers } from './list-members.ts';
import { plainReach } from './reach.ts';
import type { Report } from './report.ts';

/** Runs what is given to it with the session that the program's flags ask for, and prints what that reports. */
type Run = (ask: (options: ChangeOptions) => Promise<Report>) => Promise<void>;

interface MemberAddress {
  readonly node: NodeId;
  readonly peer: string;
}

const parsePeer = (text: string): string => {
  const address = parseEndpoint(text);
  if (address.port === 0) throw new Error(`expected a port from 1 to 65535, got "${text}"`);
  if (isWildcard(address)) {
    throw new Error(`expected an address at which the others reach the node, got the wildcard "${text}"`);
  }
  return addressText(address);
};

const parseUrl = (text: string): string => {
  if (isClientUrl(text)) return new URL(text).origin;
  throw new Error(`expected a URL such as http://127.0.0.1:8004, got "${text}"`);
};

const parseLogId = (text: string): string => {
  if (logIdPattern.test(text)) return text;
  throw new Error(`expected 32 hexadecimal digits in lower case, as a refusal names them, got "${text}"`);
};

/** `4=127.0.0.1:7004`. */
const parseMember = (text: string): MemberAddress => {
  const equals = text.indexOf('=');
  if (equals < 0) throw new Error(`expected ID=HOST:PORT such as 4=127.0.0.1:7004, got "${text}"`);
  return { node: parseNodeId(text.slice(0, equals)), peer: parsePeer(text.slice(equals + 1)) };
};

/** Of an option that may be given several times. */
const each =
  <Value>(parse: (text: string) => Value) =>
  (text: string, previous: readonly Value[] = []): readonly Value[] => [...previous, parsedBy(parse)(text)];

/** `raft-client member …`: these commands wait as long as the leader gets on with the change. */
export const addMemberCommands = (program: Command, run: Run): void => {
  const member = program
    .command('member')
    .description('shows and changes the members of the cluster')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      '\nA change waits as long as a leader works on it; --timeout limits how long it waits without one that answers. A change that is already in effect counts as success.',
    );
  const change = (...changes: readonly RequestedChange[]) =>
    run((options) => changeMembers(changes, options));
  const peerOption = () =>
    new Option('--peer <host:port>', 'where its peers reach it').argParser(parsedBy(parsePeer));
  const clientOption = () =>
    new Option('--client <url>', 'where clients reach it').argParser(parsedBy(parseUrl));

  member
    .command('list')
    .description('lists the members, as the leader knows them')
    .action(() =>
      run(({ endpoints, timeoutMs, asJson, reach = plainReach }) =>
        listMembers(reach, endpoints, timeoutMs, asJson),
      ),
    );
  member
    .command('add')
    .argument('<id>', 'the new node', parsedBy(parseNodeId))
    .description('adds a node as a learner, which is sent the log but does not vote; start it with --join')
    .addOption(peerOption().makeOptionMandatory())
    .addOption(clientOption())
    .action((node: NodeId, { peer, client }: { peer: string; client?: string }) =>
      change({ type: 'add', node, peer, ...(client === undefined ? {} : { client }) }),
    );
  const simple = {
    promote: 'lets a learner vote, once it has caught up',
    demote: 'makes a voter a learner',
    remove: 'removes a node from the cluster; a leader that is removed hands over',
  } as const;
  for (const [type, description] of Object.entries(simple)) {
    member
      .command(type)
      .argument('<id>', 'the node', parsedBy(parseNodeId))
      .description(description)
      .action((node: NodeId) => change({ type: type as keyof typeof simple, node }));
  }
  member
    .command('replace')
    .argument('<id>', 'the member', parsedBy(parseNodeId))
    .description(
      'lets the disk on which a member has come take the place of the one that it had: a voter is demoted, and promoted again once it has caught up; run it again if it breaks off',
    )
    .addOption(
      new Option(
        '--log-id <hex>',
        'the log id of that disk (default: the one that the leader refuses)',
      ).argParser(parsedBy(parseLogId)),
    )
    .action((node: NodeId, { logId }: { logId?: string }) =>
      run((options) =>
        changeMembers([{ type: 'replace', node, ...(logId === undefined ? {} : { logId }) }], options),
      ),
    );
  member
    .command('update')
    .argument('<id>', 'the member', parsedBy(parseNodeId))
    .description('gives a member other addresses; what is left out stays')
    .addOption(peerOption())
    .addOption(clientOption())
    .action((node: NodeId, addresses: { peer?: string; client?: string }) => {
      if (Object.keys(addresses).length === 0) throw new UsageError('update needs --peer, --client or both');
      return change({ type: 'update', node, ...addresses });
    });
  member
    .command('change')
    .description('several changes that take effect together; each option can be given several times')
    .addOption(new Option('--add <id=host:port>', 'adds a node as a learner').argParser(each(parseMember)))
    .addOption(new Option('--promote <id>', 'lets a learner vote').argParser(each(parseNodeId)))
    .addOption(new Option('--demote <id>', 'makes a voter a learner').argParser(each(parseNodeId)))
    .addOption(new Option('--remove <id>', 'removes a node').argParser(each(parseNodeId)))
    .action(
      (flags: {
        add?: readonly MemberAddress[];
        promote?: readonly NodeId[];
        demote?: readonly NodeId[];
        remove?: readonly NodeId[];
      }) => {
        const { add = [], promote = [], demote = [], remove = [] } = flags;
        const changes: readonly RequestedChange[] = [
          ...add.map((added) => ({ type: 'add' as const, ...added })),
          ...promote.map((node) => ({ type: 'promote' as const, node })),
          ...demote.map((node) => ({ type: 'demote' as const, node })),
          ...remove.map((node) => ({ type: 'remove' as const, node })),
        ];
        if (changes.length === 0) throw new UsageError('change needs --add, --promote, --demote or --remove');
        // They take effect together, so that neither would be the last word.
        const ids = changes.map((each) => each.node);
        const twice = ids.find((id, at) => ids.indexOf(id) !== at);
        if (twice !== undefined) throw new UsageError(`change names ${nodeName(twice)} twice`);
        return change(...changes);
      },
    );
};
