import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { UsageError } from '../usage-error.ts';
import { mergeReports, parseReport, summaryLines } from './report.ts';

/** `raftchart merge`: the reports of all shards as one. Exit code 1 if any seed failed. */
export const mergeCommand = (): Command =>
  new Command('merge')
    .description('Merges the reports of `raftchart simulate --shard`.')
    .argument('<reports...>', 'files written with --report')
    .option('--report <file>', 'write the merged report')
    .action((files: readonly string[], { report: target }: { report?: string }) => {
      const reports = files.map((file) => {
        try {
          return parseReport(readFileSync(file, 'utf8'));
        } catch (error) {
          throw new UsageError(`${file}: ${(error as Error).message}`);
        }
      });
      const merged = merge(reports);
      if (target !== undefined) writeFileSync(target, `${JSON.stringify(merged, null, 2)}\n`);
      for (const line of summaryLines(merged)) process.stdout.write(`${line}\n`);
      for (const { seed, message } of merged.failures) process.stdout.write(`seed ${seed}: ${message}\n`);
      process.exitCode = merged.failures.length === 0 ? 0 : 1;
    });

const merge = (reports: Parameters<typeof mergeReports>[0]): ReturnType<typeof mergeReports> => {
  try {
    return mergeReports(reports);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};
