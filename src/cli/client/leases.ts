import { exitCodes } from '../exit-codes.ts';
import { type KvOptions, sessionOf } from './list-keys.ts';
import { leaseOperation } from './operations.ts';
import { failure, foreign, jsonLine, nodeOf, printed, type Report, reportEnd } from './report.ts';
import { jsonBody, runSession } from './session.ts';
import { textTable } from './text-table.ts';
import { pairLine, type ToldPair } from './told-pairs.ts';
import { waited } from './waited.ts';

/** The answer of a node about leases. */
type LeaseFields = Readonly<Record<string, unknown>>;

/** What a person is told. */
export const leaseText =
  (method: string) =>
  (answer: LeaseFields, node: number): string => {
    const { id, ttl, remaining, keys, leases } = answer;
    if (Array.isArray(leases)) return listText(leases as readonly LeaseFields[]);
    if (method !== 'GET') return `OK leader=${node} lease=${id}${ttl === undefined ? '' : ` ttl=${ttl}`}\n`;
    const lines = (keys as readonly ToldPair[]).map((key) => `${pairLine(key)}\n`);
    return `lease=${id} ttl=${ttl} remaining=${remaining} keys=${answer.key_count}\n${lines.join('')}`;
  };

const listText = (leases: readonly LeaseFields[]): string =>
  textTable([
    ['ID', 'TTL', 'REMAINING'],
    ...leases.map(({ id, ttl, remaining }) => [`${id}`, `${ttl} s`, `${remaining} s`]),
  ]);

/** Renews a lease three times in its time until `signal` is aborted, and prints each time that it is renewed. */
export const keepLeaseAlive = async (
  id: string,
  options: KvOptions & { readonly signal: AbortSignal },
  print: (report: Report) => void,
): Promise<void> => {
  const { signal, asJson, timeoutMs } = options;
  while (!signal.aborted) {
    const operation = leaseOperation('POST', `/${id}/keepalive`);
    const end = await runSession(operation, { ...sessionOf(options), signal });
    if (signal.aborted) return;
    let waitMs: number | null = null;
    const report = reportEnd(end, false, timeoutMs, (reply) => {
      const answer = jsonBody(reply);
      const ttl = Number(answer?.ttl);
      if (!(ttl > 0)) return failure(exitCodes.failure, foreign(reply));
      waitMs = Math.min((ttl * 1000) / 3, longestWaitMs);
      const leader = nodeOf(reply);
      return printed(
        asJson ? jsonLine({ ok: true, leader, ...answer }) : `OK leader=${leader} lease=${id} ttl=${ttl}\n`,
      );
    });
    print(report);
    if (waitMs === null) return;
    await waited(waitMs, signal);
  }
};

/** Timers wait no longer than 2^31 milliseconds. */
const longestWaitMs = 24 * 3600 * 1000;
