import type { Run } from '../../../ports/disk.ts';
import type { LogIndex, Term } from '../../../raft/types.ts';
import { checkedLine, readChecked, replaceFile } from '../checked-file.ts';
import type { Files } from '../files.ts';
import type { Position } from './entry-index.ts';

/** What must be in the directory, so that nothing can go missing unnoticed, and how often it was started. */
export interface Account {
  /** `DiskClaim.start`. */
  readonly start: number;
  /** `DiskClaim.runs`. */
  readonly runs: readonly Run[];
  /** The segments of the log. One more may have been prepared, but nothing was ever written to it. */
  readonly firstSegment: number;
  readonly lastSegment: number;
  /** The log begins after this entry, or after a later one; a snapshot covers it. 0 and 0: at its first entry. */
  readonly base: LogBase;
  /** Everything before this place was durable when this was written: it is there, or the disk has lost it. */
  readonly watermark: Position;
}

export interface LogBase {
  readonly index: LogIndex;
  readonly term: Term;
}

export const accountName = 'disk.json';

export const readAccount = (files: Files, directory: string): Promise<Account> =>
  readChecked(files, directory, accountName, accountIn, format);

export const writeAccount = (files: Files, directory: string, account: Account): Promise<void> =>
  replaceFile(files, directory, accountName, format(account));

function format({ start, runs: latest, firstSegment, lastSegment, base, watermark }: Account): string {
  const { index, term } = base;
  const { segment, offset } = watermark;
  const places = { base: { index, term }, watermark: { segment, offset } };
  const runs = latest.map((run) => ({ start: run.start, tag: run.tag }));
  return checkedLine({ start, runs, firstSegment, lastSegment, ...places });
}

function accountIn(json: Partial<Record<string, unknown>>): Account | string {
  const { start, runs, firstSegment, lastSegment, base, watermark } = json;
  const { index, term } = (base ?? {}) as Partial<Record<string, unknown>>;
  const { segment, offset } = (watermark ?? {}) as Partial<Record<string, unknown>>;
  if (!isCount(start) || !isCount(firstSegment) || !isCount(lastSegment)) {
    return 'start, firstSegment or lastSegment is missing';
  }
  if (!Array.isArray(runs) || !runs.every(isRun)) return 'the runs are missing';
  if (!isCount(segment) || !isCount(offset)) return 'the watermark is missing';
  if (!isCount(index) || !isCount(term)) return 'the base is missing';
  return { start, runs, firstSegment, lastSegment, base: { index, term }, watermark: { segment, offset } };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRun(value: unknown): value is Run {
  const { start, tag } = (value ?? {}) as Partial<Record<string, unknown>>;
  return isCount(start) && typeof tag === 'string';
}
