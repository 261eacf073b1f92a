import { once } from 'node:events';
import { Command } from 'commander';
import { type Inspected, inspectWal } from '../../adapters/storage/wal/inspect-wal.ts';
import { identityOf } from '../../adapters/storage/wal/rehearse-wal.ts';
import { StorageRefused } from '../../ports/storage.ts';
import { parseEntries } from '../flag-values.ts';
import { parsedBy } from '../parsed-by.ts';
import { UsageError } from '../usage-error.ts';
import { type Damage, type Examined, examineDirectory } from './examine-directory.ts';
import { examinedText, inspectedJson, inspectedText } from './inspect-text.ts';

interface Flags {
  readonly from?: number;
  readonly to?: number;
  readonly summary?: true;
  readonly json?: true;
}

const damagedCode = 1;
/** A node that runs writes while its directory is read, so what looks wrong is looked at again. */
const looks = 4;
const pauseMs = 250;

/** `raftchart inspect-log`: what a data directory holds. docs/backup.md */
export const inspectLogCommand = (): Command =>
  new Command('inspect-log')
    .description(
      'Prints what is in the data directory of a node, which may be running, and changes nothing: 0 if the node could start from it, 1 if it is damaged, 2 if it is none.',
    )
    .argument('<dir>', 'the data directory')
    .option('--from <index>', 'of the entries, only those from this one on', parsedBy(parseEntries(1)))
    .option('--to <index>', 'of the entries, only those up to this one', parsedBy(parseEntries(1)))
    .option('--summary', 'files only, no single records')
    .option('--json', 'a JSON object on each line')
    .action(async (directory: string, flags: Flags) => {
      const isSound = await inspectLog(directory, flags);
      if (!isSound) process.exitCode = damagedCode;
    });

const inspectLog = async (directory: string, { from, to, summary, json }: Flags): Promise<boolean> => {
  if (summary && (from !== undefined || to !== undefined)) {
    throw new UsageError('--summary prints no records: leave out --from and --to');
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw new UsageError(`--from ${from} is after --to ${to}`);
  }
  await refuseOthers(directory);
  const range = { from: from ?? 1, to: to ?? Number.POSITIVE_INFINITY };
  const records = summary ? null : from === undefined && to === undefined ? 'all' : range;
  const examined = await examineLiving(directory);
  const damages: Damage[] = [];
  for await (const part of inspectWal(directory, { records })) {
    const damage = damageIn(part);
    // While a node writes, a segment may be read half before and half after; the second look decided.
    if (damage !== null && examined.type === 'sound') continue;
    if (damage !== null) damages.push(damage);
    await say(json ? inspectedJson(part) : inspectedText(part));
  }
  const isTold =
    examined.type === 'damaged' &&
    damages.some(({ file, offset }) => file === examined.file && offset === examined.offset);
  if (!isTold) await say(json ? JSON.stringify(examined) : examinedText(examined));
  return examined.type === 'sound';
};

const damageIn = (part: Inspected): Damage | null => {
  if (part.type === 'damage') return part;
  if (part.type !== 'segment' || part.tail.kind !== 'damaged') return null;
  return { file: part.file, offset: part.tail.offset, fault: part.tail.reason };
};

/** What does not look the same twice is no damage, but a node at work. */
const examineLiving = async (directory: string): Promise<Examined> => {
  let before = await examineOnce(directory);
  for (let look = 1; look < looks && before.type !== 'sound'; look++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const again = await examineOnce(directory);
    if (JSON.stringify(again) === JSON.stringify(before)) return again;
    before = again;
  }
  return before;
};

/** A node that removes what it needs no more may do so while it is read. */
const examineOnce = (directory: string): Promise<Examined> =>
  examineDirectory(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === undefined) throw error;
    return { type: 'refused', reason: error.message };
  });

/** Throws `UsageError` for what is no data directory. */
const refuseOthers = async (directory: string): Promise<void> => {
  try {
    await identityOf(directory);
  } catch (error) {
    if (!(error instanceof StorageRefused)) throw error;
    if (error.reason !== 'damaged') throw new UsageError(error.message);
  }
};

const say = async (text: string): Promise<void> => {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
};
