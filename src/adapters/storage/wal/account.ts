import { checkedLine, readChecked, replaceFile } from './checked-file.ts';
import type { Position } from './entry-index.ts';
import type { Files } from './files.ts';

/** What must be in the directory, so that nothing can go missing unnoticed, and how often it was started. */
export interface Account {
  /** `DiskClaim.start`. */
  readonly start: number;
  /** The segments of the log. One more may have been prepared, but nothing was ever written to it. */
  readonly firstSegment: number;
  readonly lastSegment: number;
  /** Everything before this place was durable when this was written: it is there, or the disk has lost it. */
  readonly watermark: Position;
}

export const accountName = 'disk.json';

export const readAccount = (files: Files, directory: string): Promise<Account> =>
  readChecked(files, directory, accountName, accountIn, format);

export const writeAccount = (files: Files, directory: string, account: Account): Promise<void> =>
  replaceFile(files, directory, accountName, format(account));

function format({ start, firstSegment, lastSegment, watermark: { segment, offset } }: Account): string {
  return checkedLine({ start, firstSegment, lastSegment, watermark: { segment, offset } });
}

function accountIn(json: Partial<Record<string, unknown>>): Account | string {
  const { start, firstSegment, lastSegment, watermark } = json;
  const { segment, offset } = (watermark ?? {}) as Partial<Record<string, unknown>>;
  if (!isCount(start) || !isCount(firstSegment) || !isCount(lastSegment)) {
    return 'start, firstSegment or lastSegment is missing';
  }
  if (!isCount(segment) || !isCount(offset)) return 'the watermark is missing';
  return { start, firstSegment, lastSegment, watermark: { segment, offset } };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
