import { Command, Option } from 'commander';
import { AdapterUnusable } from '../../conformance/adapter.ts';
import { parseExpected, withExpected } from '../../conformance/known-findings.ts';
import { type ConformanceReport, findingsIn } from '../../conformance/report.ts';
import { junitReporter } from '../../conformance/report-junit.ts';
import { type ReplayOf, reportText } from '../../conformance/report-text.ts';
import { introduce, runConformance } from '../../conformance/run-conformance.ts';
import { clusterSizes } from '../../verify/paths/generate-paths.ts';
import { parseBetween } from '../explore/grammar.ts';
import { parseLongDuration } from '../flag-values.ts';
import { withCacheFlag } from '../kept/cache-flag.ts';
import { parsedBy } from '../parsed-by.ts';
import { type OnSearch, showingSearch } from '../paths/search-progress.ts';
import { UsageError } from '../usage-error.ts';
import type { AdapterLines } from './adapter-lines.ts';
import { chosenPaths, type PathFlags, readBy, savedPaths } from './chosen-paths.ts';
import { openAdapter } from './open-adapter.ts';
import { replayCommand } from './replay-command.ts';
import { checkReports, type FileFlags, writeReports } from './report-files.ts';

interface Flags extends PathFlags, FileFlags {
  readonly adapter?: string;
  readonly timeout: number;
  readonly repeat: number;
  readonly expect?: string;
  readonly cache: boolean;
}

/** `raftchart conformance`: exit code 0: everything that applies passed, 1: something failed, 2: no usable adapter. */
export const conformanceCommand = (): Command =>
  withCacheFlag(new Command('conformance'))
    .description(
      'Runs the generated paths against any implementation of Raft, behind an adapter (docs/conformance.md).',
    )
    // Required, but commander would complain of that before it names a flag that is misspelt.
    .option(
      '--adapter <command>',
      '(required) the shell command that starts the adapter, or tcp://HOST:PORT of one that already runs',
    )
    .addOption(
      new Option('--cover <what>', 'what the paths cover (default: "transitions")').choices([
        'transitions',
        'pairs',
      ]),
    )
    .addOption(
      new Option('--nodes <n>', 'only paths of clusters of this size').choices(clusterSizes.map(String)),
    )
    .option('--only <text>', 'only paths whose id, title or rules contain this')
    .option(
      '--path <id>',
      'only the path of this id; may be given several times',
      (id: string, ids: readonly string[] = []) => [...ids, id],
    )
    .option(
      '--paths <file>',
      'the paths of this file, instead of generating them: of raftchart paths -o, or of a report by --json',
    )
    .option(
      '--repeat <n>',
      'walk each path so many times: one that fails in some of them is flaky',
      parsedBy(parseBetween(1, 1000)),
      1,
    )
    .addOption(
      new Option('--timeout <duration>', 'how long one answer may take')
        .argParser(parsedBy(parseLongDuration))
        .default(10_000, '10s'),
    )
    .option('--expect <file>', 'findings that are known, with a reason each: they do not fail the run')
    .option('--write-expect <file>', 'write such a file of what was found, its reasons to be filled in')
    .option('--junit <file>', 'also write the report as JUnit XML')
    .option('--tap <file>', 'also write the report as TAP 14')
    .option('--json <file>', 'also write the report as JSON, with the shortened paths')
    .option('--html <file>', 'also write the report as one HTML page')
    .option('--pictures <dir>', 'also write a sequence diagram of each finding, as SVG and as Mermaid')
    .action(run);

const run = async (flags: Flags): Promise<void> => {
  const { adapter: command, timeout, repeat, expect, junit } = flags;
  if (command === undefined)
    throw new UsageError('--adapter is missing: the command that starts the adapter, or tcp://HOST:PORT');
  const toJunit = junit === undefined ? null : await junitReporter();
  const expected = expect === undefined ? [] : readBy(expect, parseExpected);
  const saved = savedPaths(flags);
  const adapter = openAdapter(command, timeout);
  checkReports(flags);
  const interrupt = () => {
    adapter.close();
    process.exit(130);
  };
  process.once('SIGINT', interrupt);
  try {
    // First of all, so that an adapter that does not start is reported at once.
    const introduction = await introduce(adapter);
    // While that keeps this thread busy, no handler would run: an interrupt must end the process directly.
    process.off('SIGINT', interrupt);
    const choose = (onSearch: OnSearch = () => {}) =>
      chosenPaths(saved, flags, introduction.capabilities, { isKept: flags.cache, onSearch });
    // In a log, a line of its own says nothing that the report does not.
    const set = process.stderr.isTTY ? showingSearch(choose) : choose();
    process.once('SIGINT', interrupt);
    const onPath = progressOf(process.stderr, set.paths.length);
    const found = await runConformance(adapter, set, { introduction, repeat, onPath });
    clearLine(process.stderr);
    const report = withExpected(found, expected, set.isWhole);
    const replayOf: ReplayOf = (finding) => replayCommand({ ...flags, adapter: command }, finding);
    // Before the files, which may not be writable.
    process.stdout.write(reportText(report, replayOf));
    if (isFailure(report)) {
      showStderr(adapter);
      process.exitCode = 1;
    }
    await writeReports(report, flags, toJunit, replayOf);
  } catch (error) {
    if (!(error instanceof AdapterUnusable)) throw error;
    showStderr(adapter);
    throw new UsageError(error.message);
  } finally {
    process.off('SIGINT', interrupt);
    adapter.close();
  }
};

/** Something that was not expected, or the other way round. */
const isFailure = (report: ConformanceReport): boolean =>
  report.stopped !== null ||
  report.gone.length > 0 ||
  findingsIn(report).some(({ expected }) => expected === null);

const clearLine = (stream: NodeJS.WriteStream): void => {
  if (stream.isTTY) stream.write('\r\u001b[K');
};

const showStderr = ({ stderr }: AdapterLines): void => {
  if (stderr !== '') process.stderr.write(`the adapter's standard error ends with:\n${stderr}\n`);
};

/** A line on a terminal; else nothing. */
const progressOf = (stream: NodeJS.WriteStream, total: number): ((isFailed: boolean) => void) => {
  let done = 0;
  let failed = 0;
  if (!stream.isTTY) return () => {};
  return (isFailed) => {
    done++;
    if (isFailed) failed++;
    stream.write(`\r${done} of ${total} paths, ${failed} failed\u001b[K`);
  };
};
