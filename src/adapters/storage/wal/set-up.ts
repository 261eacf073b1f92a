import type { Files } from '../files.ts';
import { type Account, writeAccount } from './account.ts';
import { firstRecordOffset, saltOf } from './format.ts';
import { type Identity, writeIdentity } from './identity.ts';
import { encodeStart } from './log-tail.ts';
import { writePeerDisks } from './peer-disks.ts';
import { encodeRecord, RecordFlag, RecordType, recordBytesOf } from './record.ts';
import { createSegment } from './segments.ts';

/** Where the record ends with which a log begins. */
export const startRecordEnd = firstRecordOffset + recordBytesOf(encodeStart(null, 0).length);

/** What a directory holds whose log has its first segment, and nothing in it. */
export const firstAccount: Omit<Account, 'start' | 'runs'> = {
  firstSegment: 1,
  lastSegment: 1,
  base: { index: 0, term: 0 },
  watermark: { segment: 1, offset: startRecordEnd },
};

export const createFirstSegment = async (
  files: Files,
  directory: string,
  logId: string,
  sizeBytes: number,
): Promise<void> => {
  files.close(await createSegment(files, directory, { number: 1, sizeBytes, logId }, firstRecord(logId)));
};

/** The small files. With the identity, last of all, the directory is set up. */
export const setUp = async (
  files: Files,
  directory: string,
  identity: Identity,
  account: Account,
): Promise<void> => {
  await writeAccount(files, directory, account);
  await writePeerDisks(files, directory, new Map());
  await writeIdentity(files, directory, identity);
};

function firstRecord(logId: string): Uint8Array {
  const record = Buffer.alloc(startRecordEnd - firstRecordOffset);
  const flags = RecordFlag.followsSync | RecordFlag.endsWrite;
  const fields = { type: RecordType.segmentStart, flags, index: 0, term: 0 };
  encodeRecord(record, 0, firstRecordOffset, saltOf({ logId, number: 1 }), fields, encodeStart(null, 0));
  return record;
}
