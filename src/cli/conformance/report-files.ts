import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectedText } from '../../conformance/known-findings.ts';
import { picturesOf } from '../../conformance/pictures.ts';
import type { ConformanceReport } from '../../conformance/report.ts';
import { reportHtml } from '../../conformance/report-html.ts';
import { reportJson } from '../../conformance/report-json.ts';
import { reportTap } from '../../conformance/report-tap.ts';
import type { ReplayOf } from '../../conformance/report-text.ts';
import { UsageError } from '../usage-error.ts';

/** Flags that name a file each, or a directory. */
export interface FileFlags {
  readonly junit?: string;
  readonly json?: string;
  readonly tap?: string;
  readonly html?: string;
  readonly pictures?: string;
  readonly writeExpect?: string;
}

/** Writes what was asked for. Throws `UsageError` for a file that cannot be written. `toJunit` is there if its flag is. */
export const writeReports = async (
  report: ConformanceReport,
  { junit, json, tap, html, pictures, writeExpect }: FileFlags,
  toJunit: ((report: ConformanceReport) => string) | null,
  replayOf: ReplayOf,
): Promise<void> => {
  const files: (readonly [file: string | undefined, text: () => string])[] = [
    [junit, () => toJunit?.(report) ?? ''],
    [json, () => reportJson(report)],
    [tap, () => reportTap(report)],
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
      await mkdir(pictures, { recursive: true });
      for (const { name, text } of picturesOf(report)) await writeFile(join(pictures, name), text);
    });
  }
  const [first] = failures;
  if (first !== undefined) throw first;
};
