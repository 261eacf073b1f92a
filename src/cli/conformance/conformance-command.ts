import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { AdapterUnusable } from '../../conformance/adapter.ts';
import { pathsFor } from '../../conformance/paths-for.ts';
import type { Capabilities } from '../../conformance/protocol.ts';
import { junitReporter, reportJson } from '../../conformance/report-files.ts';
import { reportText } from '../../conformance/report-text.ts';
import { introduce, runConformance } from '../../conformance/run-conformance.ts';
import { type ClusterSize, clusterSizes, type GenerateOptions } from '../../verify/paths/generate-paths.ts';
import type { Path, PathSet } from '../../verify/paths/path.ts';
import { parseDuration } from '../flag-values.ts';
import { parsedBy } from '../parsed-by.ts';
import { UsageError } from '../usage-error.ts';
import type { AdapterLines } from './adapter-lines.ts';
import { openAdapter } from './open-adapter.ts';

interface Flags {
  readonly adapter: string;
  readonly cover: PathSet['cover'];
  readonly nodes?: `${ClusterSize}`;
  readonly only?: string;
  readonly timeout: number;
  readonly junit?: string;
  readonly json?: string;
}

/** `raftchart conformance`: exit code 0: everything that applies passed, 1: something failed, 2: no usable adapter. */
export const conformanceCommand = (): Command =>
  new Command('conformance')
    .description(
      'Runs the generated paths against any implementation of Raft, behind an adapter (docs/conformance.md).',
    )
    .requiredOption(
      '--adapter <command>',
      'the shell command that starts the adapter, or tcp://HOST:PORT of one that already runs',
    )
    .addOption(
      new Option('--cover <what>', 'what the paths cover')
        .choices(['transitions', 'pairs'])
        .default('transitions'),
    )
    .addOption(
      new Option('--nodes <n>', 'only paths of clusters of this size').choices(clusterSizes.map(String)),
    )
    .option('--only <text>', 'only paths whose id, title or rules contain this')
    .addOption(
      new Option('--timeout <duration>', 'how long one answer may take')
        .argParser(parsedBy(parseDuration))
        .default(10_000, '10s'),
    )
    .option('--junit <file>', 'also write the report as JUnit XML')
    .option('--json <file>', 'also write the report as JSON')
    .action(run);

const run = async ({ adapter: command, cover, nodes, only, timeout, junit, json }: Flags): Promise<void> => {
  const toJunit = junit === undefined ? null : await junitReporter();
  const adapter = openAdapter(command, timeout);
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
    const all = generated(introduction.capabilities, {
      cover,
      ...(nodes && { voters: Number(nodes) as ClusterSize }),
    });
    const paths = all.paths.filter((path) => only === undefined || speaksOf(path, only));
    process.once('SIGINT', interrupt);
    if (paths.length === 0) throw new UsageError(`no path mentions "${only}"`);
    const onPath = progressOf(process.stderr, paths.length);
    const report = await runConformance(adapter, { ...all, paths }, { introduction, onPath });
    clearLine(process.stderr);
    // Before the files, which may not be writable.
    process.stdout.write(reportText(report));
    if (report.paths.failed > 0) {
      showStderr(adapter);
      process.exitCode = 1;
    }
    if (toJunit !== null) await written(junit!, toJunit(report));
    if (json !== undefined) await written(json, reportJson(report));
  } catch (error) {
    if (!(error instanceof AdapterUnusable)) throw error;
    showStderr(adapter);
    throw new UsageError(error.message);
  } finally {
    process.off('SIGINT', interrupt);
    adapter.close();
  }
};

/** It takes some seconds; a terminal is told so. */
const generated = (has: Capabilities, options: Pick<GenerateOptions, 'cover' | 'voters'>): PathSet => {
  if (process.stderr.isTTY) process.stderr.write('generating the paths…');
  const set = pathsFor(has, options);
  clearLine(process.stderr);
  return set;
};

const clearLine = (stream: NodeJS.WriteStream): void => {
  if (stream.isTTY) stream.write('\r\u001b[K');
};

const speaksOf = ({ id, title, steps }: Path, text: string): boolean =>
  [id, title, ...steps.flatMap(({ transitions }) => transitions.map(({ rule }) => rule ?? ''))].some((each) =>
    each.toLowerCase().includes(text.toLowerCase()),
  );

const showStderr = ({ stderr }: AdapterLines): void => {
  if (stderr !== '') process.stderr.write(`the adapter's standard error ends with:\n${stderr}\n`);
};

const written = async (file: string, text: string): Promise<void> => {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`);
  }
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
