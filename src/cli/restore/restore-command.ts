import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import { foundWal } from '../../adapters/storage/wal/found-wal.ts';
import { type Address, addressText, isDiallable } from '../../ports/address.ts';
import type { Member } from '../../ports/disk.ts';
import type { SnapshotPieces } from '../../ports/state-machine.ts';
import { LaterFormat } from '../../ports/state-machine.ts';
import { StorageRefused } from '../../ports/storage.ts';
import { firstConfiguration } from '../../raft/configuration.ts';
import { encodeConfiguration } from '../../raft/configuration-payload.ts';
import { type NodeId, nodeName } from '../../raft/types.ts';
import { BackupRefused, openBackup } from '../../store/backup/backup-format.ts';
import { parseEndpoint, parseNodeId, parsePeers } from '../flag-values.ts';
import { defaultPeerAddress } from '../node/node-options.ts';
import { parsedBy } from '../parsed-by.ts';
import { quoted } from '../quoted.ts';
import { UsageError } from '../usage-error.ts';
import { type State, stateOfDirectory } from './directory-state.ts';

interface Flags {
  readonly fromDir?: string;
  readonly dataDir: string;
  readonly id: NodeId;
  readonly peers: Readonly<Record<NodeId, Address | null>>;
  readonly peer?: Address;
}

const maxMembers = 9;

/** `raftchart restore`: the data directory of a node of a new cluster. docs/backup.md */
export const restoreCommand = (): Command =>
  new Command('restore')
    .description(
      'Begins a new cluster from a backup, or from the data directory of one node of a cluster that is lost: makes the data directory of a node.',
    )
    .argument('[file]', 'what "raft-client backup" has written; - for the standard input')
    .option('--from-dir <dir>', 'in place of a file: the data directory of a node that does not run')
    .requiredOption('--data-dir <dir>', 'the data directory to make; there must be nothing in it')
    .requiredOption('--id <id>', 'the node whose it is to be: a number from 1', parsedBy(parseNodeId))
    .requiredOption(
      '--peers <list>',
      'the other nodes of the new cluster: 2,3 or 2=host:port,3=host:port, or none',
      parsedBy(parsePeers),
    )
    .option(
      '--peer <host:port>',
      'the address at which the others reach this node (default: 127.0.0.1:7000+id)',
      parsedBy(parseEndpoint),
    )
    .addHelpText(
      'after',
      '\nEach node of the new cluster is restored from the same file, with its own --id; or one alone, with --peers none, and the others join it.' +
        '\nThe cluster id is made of the old one, what is restored and who the members are: neither nodes of the old cluster nor such as were restored from something else are let in.',
    )
    .action(async (file: string | undefined, flags: Flags) => {
      try {
        process.stdout.write(`${await restore(file, flags)}\n`);
      } catch (error) {
        if (error instanceof StorageRefused || error instanceof LaterFormat)
          throw new UsageError(error.message);
        throw error;
      }
    });

const restore = async (file: string | undefined, flags: Flags): Promise<string> => {
  const { fromDir, dataDir, id } = flags;
  if ((file === undefined) === (fromDir === undefined)) {
    throw new UsageError('restore needs a file, or --from-dir and the data directory of a node');
  }
  const members = membersIn(flags);
  const name = fromDir ?? (file === '-' ? 'the standard input' : file!);
  try {
    const state = fromDir === undefined ? await stateOfFile(file!) : await stateOfDirectory(fromDir);
    const { index, term } = state;
    const voters = members.map((member) => member.id);
    const addresses = members.map(
      (member) => [member.id, { peer: member.peer, client: null, logId: null }] as const,
    );
    const configuration = firstConfiguration(voters, Object.fromEntries(addresses));
    const digest = createHash('sha256').update(JSON.stringify([state.clusterId, index, term, voters]));
    let clusterId = '';
    await foundWal({
      directory: dataDir,
      nodeId: id,
      members,
      snapshot: { index, term, configuration: encodeConfiguration(configuration) },
      data: hashed(state.data, digest),
      clusterId: () => {
        clusterId = newClusterId(state.clusterId, digest.digest('hex'));
        return clusterId;
      },
    });
    const who = voters.map(nodeName).join(', ');
    const start = `raft-node --id ${id} --data-dir ${quoted(dataDir)} --cluster-id ${quoted(clusterId)}`;
    return `restored entry ${index} (term ${term}) into ${dataDir}; members of the new cluster: ${who}; start this one with: ${start}`;
  } catch (error) {
    if (error instanceof BackupRefused) throw new UsageError(`${name}: ${error.message}`);
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (code !== undefined && syscall !== undefined) throw new UsageError(`cannot read ${name}: ${message}`);
    throw error;
  }
};

const membersIn = ({ id, peers, peer }: Flags): readonly Member[] => {
  if (peers[id] !== undefined) {
    throw new UsageError(`--peers lists the other nodes: leave out ${id}, which is --id`);
  }
  const all = Object.entries({ ...peers, [id]: peer ?? null })
    .map(([each, address]) => ({ id: Number(each), address: address ?? defaultPeerAddress(Number(each)) }))
    .toSorted((a, b) => a.id - b.id);
  if (all.length > maxMembers) {
    throw new UsageError(
      `--peers makes a cluster of ${all.length}; at most ${maxMembers} nodes are supported`,
    );
  }
  const unusable = all.find(({ address }) => !isDiallable(address));
  if (unusable !== undefined) {
    throw new UsageError(`nobody reaches ${nodeName(unusable.id)} at ${addressText(unusable.address)}`);
  }
  return all.map(({ id: each, address }) => ({ id: each, peer: addressText(address) }));
};

const stateOfFile = async (file: string): Promise<State> => {
  const backup = await openBackup(file === '-' ? process.stdin : createReadStream(file));
  const { clusterId, index, term } = backup.header;
  return { clusterId, index, term, data: backup.data() };
};

async function* hashed(
  data: SnapshotPieces,
  hash: { update(bytes: Uint8Array): unknown },
): AsyncGenerator<Uint8Array, void> {
  for await (const piece of data) {
    hash.update(piece);
    yield piece;
  }
}

const digestDigits = 12;
const maxClusterIdLength = 128;

/** The same for each member that is restored from the same state, and for nobody else. A cluster that is restored again does not grow a longer name. */
const newClusterId = (before: string, digest: string): string => {
  const name = before.replace(/-[0-9a-f]{12}$/, '').slice(0, maxClusterIdLength - digestDigits - 1);
  return `${name}-${digest.slice(0, digestDigits)}`;
};
