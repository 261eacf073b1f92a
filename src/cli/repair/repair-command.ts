import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { nodeFiles } from '../../adapters/storage/files.ts';
import { identityOf } from '../../adapters/storage/wal/rehearse-wal.ts';
import { StorageRefused } from '../../ports/storage.ts';
import type { LogIndex, NodeId } from '../../raft/types.ts';
import { UsageError } from '../usage-error.ts';
import { type Cut, carryOut, planRepair } from './plan-repair.ts';

const refusedCode = 1;

/** `raftchart repair`: docs/backup.md */
export const repairCommand = (): Command =>
  new Command('repair')
    .description(
      'Cuts from a damaged data directory what was certainly never acknowledged, if the node starts then: 0 if it is sound or was repaired, 1 if acknowledged entries may be damaged, 2 if it is none.',
    )
    .argument('<dir>', 'the data directory of a node that does not run')
    .option('--yes', 'do it without asking')
    .action(async (directory: string, { yes }: { readonly yes?: true }) => {
      try {
        process.exitCode = await repair(directory, yes ?? false);
      } catch (error) {
        const { code, syscall, message } = error as NodeJS.ErrnoException;
        if (error instanceof StorageRefused) throw new UsageError(error.message);
        if (code !== undefined && syscall !== undefined)
          throw new UsageError(`cannot repair ${directory}: ${message}`);
        throw error;
      }
    });

const repair = async (directory: string, isAgreed: boolean): Promise<number> => {
  await identityOf(directory).catch((error: unknown) => {
    // Which identity.json is damaged is no reason to say that there is nothing.
    if (!(error instanceof StorageRefused && error.reason === 'damaged')) throw error;
  });
  const release = await nodeFiles.lock(directory);
  if (release === null) throw new UsageError(`a node is running on ${directory}: stop it first`);
  try {
    const plan = await planRepair(directory);
    switch (plan.type) {
      case 'sound':
        say(`${directory} is sound: nothing to repair`);
        return 0;
      case 'refused':
        for (const reason of plan.reasons) say(reason);
        say(`nothing was changed: acknowledged entries may be damaged. ${remedyFor(plan.node)}`);
        return refusedCode;
      case 'cuts':
        for (const cut of plan.cuts) say(cutText(cut));
        await agree(isAgreed);
        await carryOut(plan.cuts, directory);
        say(`repaired ${directory}`);
        return 0;
    }
  } finally {
    release();
  }
};

/** Throws `UsageError` unless somebody agrees. */
const agree = async (isAgreed: boolean): Promise<void> => {
  if (isAgreed) return;
  if (!process.stdin.isTTY) throw new UsageError('nothing was changed: say --yes to do this');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Cut this? [y/N] ').finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('nothing was changed');
};

const remedyFor = (node: NodeId | null): string =>
  `Start the node on an empty directory, and let that take its place: raft-client member replace ${node ?? 'ID'}`;

const cutText = (cut: Cut): string => {
  if (cut.type === 'removal')
    return `${cut.file}: remove it; it was prepared, and nothing was ever written to it`;
  const bytes = `${cut.file}: zeros from offset ${cut.from} to ${cut.to}`;
  if (cut.why === 'beyondEnd') return `${bytes}; the next segment says that no record stands there`;
  return `${bytes}; a write that was cut short and never acknowledged${lostText(cut.entries)}`;
};

const lostText = (entries: readonly LogIndex[]): string => {
  if (entries.length === 0) return '';
  const [first] = entries;
  const last = entries.at(-1)!;
  return first === last ? `, with entry ${first}` : `, with entries ${first} to ${last}`;
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);
