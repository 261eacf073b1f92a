import { createServer } from 'node:net';
import { type DiskUsage, diskUsage } from '../../adapters/storage/disk-usage.ts';
import { hasJsonState, jsonFiles, openJson } from '../../adapters/storage/json/open-json.ts';
import { isSetUp, openWal, type WalOptions, walFiles } from '../../adapters/storage/wal/open-wal.ts';
import { dialHttp, openHttpTransport } from '../../adapters/transport/http/http-transport.ts';
import { dialTcp } from '../../adapters/transport/tcp/dial.ts';
import { listenOn } from '../../adapters/transport/tcp/listen.ts';
import { openTcpTransport } from '../../adapters/transport/tcp/tcp-transport.ts';
import type { Address } from '../../ports/address.ts';
import type { Storage } from '../../ports/storage.ts';
import { exitCodes } from '../exit-codes.ts';
import type { NodeOptions } from './node-options.ts';
import { StartRefused } from './start-refused.ts';

/** What is behind `--transport`. */
export const transports = {
  tcp: { open: openTcpTransport, dial: dialTcp },
  http: { open: openHttpTransport, dial: dialHttp },
} as const;

/** For each kind of log: whether node `id` has one in `directory`, how it is opened, and which files it is in. */
const storages = {
  wal: {
    has: (directory: string) => isSetUp(directory),
    open: openWal,
    filesOf: () => walFiles,
    is: 'a write-ahead log',
  },
  json: { has: hasJsonState, open: openJson, filesOf: jsonFiles, is: 'a state as JSON' },
} as const;

/** Rejects with `StartRefused` and `StorageRefused`. */
export const openStorage = async (
  options: NodeOptions,
  more: Omit<WalOptions, 'directory' | 'nodeId' | 'clusterId'>,
): Promise<Storage> => {
  const { id, clusterId, storage, dataDir } = options;
  const other = storage === 'json' ? 'wal' : 'json';
  // It would start without any memory of what it has promised.
  if (!(await isStored(options)) && (await storages[other].has(dataDir, id))) {
    const { is } = storages[other];
    const message = `node${id} has ${is} in ${dataDir}: start it with --storage ${other}, or name another --data-dir`;
    throw new StartRefused(message, exitCodes.inconsistency);
  }
  return storages[storage].open({ directory: dataDir, nodeId: id, clusterId, ...more });
};

/** Whether the node has been started here before. */
export const isStored = ({ id, storage, dataDir }: NodeOptions): Promise<boolean> =>
  storages[storage].has(dataDir, id);

/** What the node's log and snapshots take. Rejects with the system's error. */
export const usageOf = ({ id, storage, dataDir }: NodeOptions): Promise<DiskUsage> =>
  diskUsage(dataDir, storages[storage].filesOf(id));

/** Rejects with `ListenFailed` before there is a new data directory, which would be left behind. */
export const refuseTakenPort = async (address: Address): Promise<void> => {
  const { servers } = await listenOn(address, createServer);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
};
