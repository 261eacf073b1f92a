import type { LintedMachine } from './report.ts';
import { countOf } from './report.ts';

/** All findings as JSON. */
export const lintJson = (machines: readonly LintedMachine[]): string =>
  `${JSON.stringify(
    {
      errors: countOf(machines, 'error'),
      warnings: countOf(machines, 'warning'),
      infos: countOf(machines, 'info'),
      machines,
    },
    null,
    2,
  )}\n`;
