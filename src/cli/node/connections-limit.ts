import { readFileSync } from 'node:fs';
import { maxIncoming } from '../../adapters/transport/frame-limits.ts';
import { defaultHttpLimits } from '../../store/http/limits.ts';

/** Files, listening sockets, links to peers, and what Node.js itself keeps open. */
const reserve = 40;
/** The least that is of use. */
const fewest = 4;
/** Where the system does not say: what it allows almost everywhere. */
const unknownLimit = 1024;

/** What is left after the reserve is shared equally between clients and peers. */
const halfOf = (openFiles: number, most: number): number =>
  Math.max(fewest, Math.min(most, Math.floor((openFiles - reserve) / 2)));

/** How many client connections fit into a process that may open this many files. */
export const clientConnectionsWithin = (openFiles: number): number =>
  halfOf(openFiles, defaultHttpLimits.maxConnections);

/** The same for connections that peers, or strangers, have dialled. */
export const peerConnectionsWithin = (openFiles: number): number => halfOf(openFiles, maxIncoming);

/** How many files this process may open. `limits` is the text of /proc/self/limits; null: there is none. */
export const openFilesIn = (limits: string | null): number => {
  const soft = /^Max open files +(\d+|unlimited)/m.exec(limits ?? '')?.[1];
  if (soft === undefined) return unknownLimit;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
};

/** How many connections of clients this process has room for. */
export const maxClientConnections = (): number => clientConnectionsWithin(openFilesIn(limitsOfThisProcess()));

/** How many peer connections this process has room for. */
export const maxPeerConnections = (): number => peerConnectionsWithin(openFilesIn(limitsOfThisProcess()));

const limitsOfThisProcess = (): string | null => {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return null;
  }
};
