import { once } from 'node:events';
import type { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import type { Report } from './report.ts';
import { type BackupOptions, type BackupProgress, type Sink, takeBackup } from './take-backup.ts';

type Run = (
  take: (options: Omit<BackupOptions, 'isStale' | 'replaces' | 'signal' | 'progress'>) => Promise<Report>,
) => Promise<void>;

/** `raft-client backup FILE`. docs/backup.md */
export const addBackupCommand = (program: Command, run: Run): void => {
  program
    .command('backup')
    .argument('<file>', 'where to write it; - for the standard output')
    .description('writes a backup of the whole replicated state, as it is when the command begins or later')
    .option('--stale', 'what a node has, even without a leader: it may miss the latest writes')
    .option('--force', 'replace a file of that name')
    .addHelpText(
      'after',
      '\nThe leader gives it, or with --target that node. It has every write that was acknowledged before, unless it is --stale.' +
        '\nA file has its name only when it is whole and durable. "raftchart restore" begins a new cluster from it.',
    )
    .action((file: string, { stale, force }: { stale?: true; force?: true }) =>
      run(async (session) => {
        const interrupt = new AbortController();
        const abort = (): void => interrupt.abort();
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, abort);
        const isPiped = file === '-';
        // Should its reader leave, which ends this process.
        if (isPiped) process.exitCode = exitCodes.failure;
        const report = await takeBackup(file, isPiped ? standardOutput : null, {
          ...session,
          isStale: stale ?? false,
          replaces: force ?? false,
          signal: interrupt.signal,
          progress: process.stderr.isTTY ? await bar() : noProgress,
        });
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, abort);
        if (!isPiped || report.exitCode !== 0) return report;
        // The standard output is the backup; what is no terminal gets errors only.
        const told = process.stderr.isTTY ? String(report.stdout).trimEnd() : '';
        return { ...report, stdout: '', stderr: told };
      }),
    );
};

const standardOutput: Sink = {
  async write(bytes) {
    if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
  },
  finish: async () => {},
  discard: async () => {},
};

const noProgress: BackupProgress = { show: () => {}, end: () => {} };

const bytesPerMebibyte = 1024 * 1024;

/** Loaded only where it is shown. */
const bar = async (): Promise<BackupProgress> => {
  const { Presets, SingleBar } = await import('cli-progress');
  const options = {
    stream: process.stderr,
    format: '{bar} {percentage} %  {value} of {total} MiB  {eta} s left',
    formatValue: (value: number, _options: unknown, type: string) =>
      type === 'value' || type === 'total' ? (value / bytesPerMebibyte).toFixed(1) : String(value),
    clearOnComplete: true,
    hideCursor: true,
  };
  return new Bar(new SingleBar(options, Presets.shades_classic));
};

class Bar implements BackupProgress {
  readonly #bar: SingleBar;
  #isShown = false;

  constructor(bar: SingleBar) {
    this.#bar = bar;
  }

  show(bytes: number, ofBytes: number): void {
    if (!this.#isShown) this.#bar.start(ofBytes, 0);
    this.#isShown = true;
    this.#bar.update(bytes);
  }

  end(): void {
    if (this.#isShown) this.#bar.stop();
  }
}
