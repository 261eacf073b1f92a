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
  if (toJunit !== null) await written(junit!, toJunit(report));
  if (json !== undefined) await written(json, reportJson(report));
  if (tap !== undefined) await written(tap, reportTap(report));
  if (html !== undefined) await written(html, reportHtml(report, replayOf));
  if (writeExpect !== undefined) await written(writeExpect, expectedText(report));
  if (pictures !== undefined) {
    await attempt(pictures, () => mkdir(pictures, { recursive: true }));
    for (const { name, text } of picturesOf(report)) await written(join(pictures, name), text);
  }
};

const written = (file: string, text: string): Promise<unknown> => attempt(file, () => writeFile(file, text));

const attempt = async (file: string, write: () => Promise<unknown>): Promise<void> => {
  try {
    await write();
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`);
  }
};
