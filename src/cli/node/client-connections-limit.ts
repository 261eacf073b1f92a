import { readFileSync } from 'node:fs';
import { defaultHttpLimits } from '../../store/http/limits.ts';

/** Files, listening sockets, links to peers, and what Node.js itself keeps open. */
const reserve = 40;
/** The least that is of use. */
const fewest = 4;
/** Where the system does not say: what it allows almost everywhere. */
const unknownLimit = 1024;

/** How many connections of clients a process has room for that may open so many files: half of what is left beside the reserve, since peers connect too. */
export const clientConnectionsWithin = (openFiles: number): number =>
  Math.max(fewest, Math.min(defaultHttpLimits.maxConnections, Math.floor((openFiles - reserve) / 2)));

/** How many files this process may open. `limits` is the text of /proc/self/limits; null: there is none. */
export const openFilesIn = (limits: string | null): number => {
  const soft = /^Max open files +(\d+|unlimited)/m.exec(limits ?? '')?.[1];
  if (soft === undefined) return unknownLimit;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
};

/** How many connections of clients this process has room for. */
export const maxClientConnections = (): number => clientConnectionsWithin(openFilesIn(limitsOfThisProcess()));

const limitsOfThisProcess = (): string | null => {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return null;
  }
};
