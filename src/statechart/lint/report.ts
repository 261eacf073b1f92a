import type { Finding, Severity } from './finding.ts';
import { severities } from './finding.ts';
import { rules } from './rules.ts';
import { suppressionRules } from './suppression.ts';

/** What was found in one machine. */
export interface LintedMachine {
  /** As it was asked for, such as `src/checkout.ts#machine`. */
  readonly label: string;
  /** The id of the chart; null for a machine that XState refuses to make. */
  readonly chart: string | null;
  /** Its file, with forward slashes; findings without a place are shown there. */
  readonly path: string;
  readonly findings: readonly Finding[];
}

/** A rule as reports tell of it. */
export interface RuleSheet {
  readonly name: string;
  readonly severity: Severity;
  readonly description: string;
  /** Where it is explained. */
  readonly docs: string;
}

/** All that a finding can be called, in order. */
export const ruleSheets: readonly RuleSheet[] = [
  ...rules.map(({ name, severity, description }) => ({ name, severity, description, docs: docsOf(name) })),
  ...Object.entries(suppressionRules).map(([name, description]) => ({
    name,
    severity: 'warning' as const,
    description,
    docs: docsOf('suppressing-a-finding'),
  })),
];

/** The section of the documentation of a rule. */
function docsOf(name: string): string {
  return `docs/lint.md#${name}`;
}

export const countOf = (machines: readonly LintedMachine[], severity: Severity): number =>
  machines.flatMap(({ findings }) => findings).filter((finding) => finding.severity === severity).length;

const units: Readonly<Record<Severity, readonly [one: string, many: string]>> = {
  error: ['error', 'errors'],
  warning: ['warning', 'warnings'],
  info: ['note', 'notes'],
};

/** `2 errors, 1 warning in 3 machines`. */
export const summaryOf = (machines: readonly LintedMachine[]): string => {
  const counts = severities.flatMap((severity) => {
    const count = countOf(machines, severity);
    return count === 0 ? [] : [`${count} ${units[severity][count === 1 ? 0 : 1]}`];
  });
  const where = machines.length === 1 ? '1 machine' : `${machines.length} machines`;
  return `${counts.length === 0 ? 'nothing found' : counts.join(', ')} in ${where}`;
};
