import { exitCodes } from '../exit-codes.ts';
import { listOperation, type Parameters } from './operations.ts';
import type { Reach } from './reach.ts';
import { failure, foreign, printed, type Report, reportEnd } from './report.ts';
import { jsonBody, runSession } from './session.ts';
import { pairText, type ToldPair } from './told-pairs.ts';

export interface KvOptions {
  /** Base addresses such as `http://127.0.0.1:8001`. */
  readonly endpoints: readonly string[];
  readonly isTargeted: boolean;
  readonly timeoutMs: number;
  readonly asJson: boolean;
  readonly reach?: Reach;
}

/** As many as a node gives on one page. */
const pageLimit = 1000;

/** Lists keys page by page, as of one revision; `limit` null: all. Each page is printed as it arrives. */
export const listKeys = async (
  parameters: Parameters,
  limit: number | null,
  options: KvOptions,
  print: (report: Report) => void,
): Promise<void> => {
  const { consistency } = parameters;
  let left = limit ?? Number.POSITIVE_INFINITY;
  let next: Parameters = parameters;
  while (left > 0) {
    const operation = listOperation({ ...next, limit: Math.min(left, pageLimit) });
    let cursor: string | null = null;
    const end = await runSession(operation, sessionOf(options));
    const report = reportEnd(end, true, options.timeoutMs, (reply) => {
      const page = jsonBody(reply) as Page | null;
      if (!Array.isArray(page?.kvs)) return failure(exitCodes.failure, foreign(reply));
      left -= page.kvs.length;
      cursor = page.next ?? null;
      if (parameters.count_only === true)
        return printed(options.asJson ? `${JSON.stringify({ count: page.count })}\n` : `${page.count}\n`);
      return printed(page.kvs.map((pair) => pairText(pair, options.asJson)).join(''));
    });
    print(report);
    if (cursor === null) return;
    next = { cursor, consistency };
  }
};

interface Page {
  readonly count: number;
  readonly kvs: readonly ToldPair[];
  readonly next?: string;
}

/** What a session takes of the options. */
export const sessionOf = ({ endpoints, isTargeted, timeoutMs, reach }: KvOptions) => ({
  endpoints,
  isTargeted,
  timeoutMs,
  ...(reach === undefined ? {} : { reach }),
});
