import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../../adapters/storage/make-directory.ts';
import { expectedText } from '../../conformance/known-findings.ts';
import { picturesOf } from '../../conformance/pictures.ts';
import type { ConformanceReport } from '../../conformance/report.ts';
import { reportHtml } from '../../conformance/report-html.ts';
import { reportJson } from '../../conformance/report-json.ts';
import type { JunitReporter } from '../../conformance/report-junit.ts';
import { reportTap } from '../../conformance/report-tap.ts';
import type { ReplayOf } from '../../conformance/report-text.ts';
import { UsageError } from '../usage-error.ts';
import { checkOutputs } from './output-files.ts';

/** Flags that name a file each, or a directory. */
export interface FileFlags {
  readonly junit?: string;
  readonly json?: string;
  readonly tap?: string;
  readonly html?: string;
  readonly pictures?: string;
  readonly writeExpect?: string;
}

/** Throws `UsageError` where what was asked for could not be written. */
export const checkReports = ({ junit, json, tap, html, pictures, writeExpect }: FileFlags): void => {
  const files = {
    '--write-expect': writeExpect,
    '--junit': junit,
    '--tap': tap,
    '--json': json,
    '--html': html,
  };
  checkOutputs(
    Object.entries(files).flatMap(([flag, file]) => (file === undefined ? [] : [{ flag, file }])),
    pictures === undefined ? null : { flag: '--pictures', file: pictures },
  );
};

/** Writes what was asked for. Throws `UsageError` for a file that cannot be written. `toJunit` is there if its flag is. */
export const writeReports = async (
  report: ConformanceReport,
  { junit, json, tap, html, pictures, writeExpect }: FileFlags,
  toJunit: JunitReporter | null,
  replayOf: ReplayOf,
): Promise<void> => {
  const files: (readonly [file: string | undefined, text: () => string])[] = [
    [junit, () => toJunit?.(report, replayOf) ?? ''],
    [json, () => reportJson(report)],
    [tap, () => reportTap(report, replayOf)],
    [html, () => reportHtml(report, replayOf)],
    [writeExpect, () => expectedText(report)],
  ];
  const failures: UsageError[] = [];
  // One that cannot be written costs none of the others.
  const written = async (file: string, write: () => Promise<unknown>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      failures.push(new UsageError(`cannot write ${file}: ${(error as Error).message}`));
    }
  };
  for (const [file, text] of files) {
    if (file === undefined) continue;
    const content = text();
    await written(file, () => writeFile(file, content));
  }
  if (pictures !== undefined) {
    await written(pictures, async () => {
      makeDirectory(pictures);
      for (const { name, text } of picturesOf(report)) await writeFile(join(pictures, name), text);
    });
  }
  const [first] = failures;
  if (first !== undefined) throw first;
};
