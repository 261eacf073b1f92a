import type { Finding, Severity } from './finding.ts';
import { type LintedMachine, ruleSheets } from './report.ts';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/** Findings as a SARIF 2.1.0 log, as code scanning reads it. `version` is that of the tool. */
export const lintSarif = (machines: readonly LintedMachine[], version: string): string =>
  `${JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'raftchart lint',
              version,
              rules: ruleSheets.map(({ name, severity, description, docs }) => ({
                id: name,
                shortDescription: { text: description },
                help: { text: `${description} See ${docs}.` },
                defaultConfiguration: { level: levels[severity] },
              })),
            },
          },
          columnKind: 'utf16CodeUnits',
          results: machines.flatMap((machine) => machine.findings.map((each) => resultOf(each, machine))),
        },
      ],
    },
    null,
    2,
  )}\n`;

const resultOf = (
  { rule, severity, message, state, transition, place }: Finding,
  { path, chart }: LintedMachine,
): object => ({
  ruleId: rule,
  ruleIndex: ruleSheets.findIndex(({ name }) => name === rule),
  level: levels[severity],
  message: { text: message },
  locations: [
    {
      physicalLocation: {
        artifactLocation: { uri: encodeURI(place?.path ?? path) },
        // Code scanning shows nothing without a line.
        region: { startLine: place?.line ?? 1 },
      },
      logicalLocations: [
        {
          fullyQualifiedName: transition ?? state ?? chart ?? path,
          kind: transition === null ? 'object' : 'member',
        },
      ],
    },
  ],
  // Lines move, states do not: a finding stays the same one.
  partialFingerprints: {
    'chartPlace/v1': [chart, rule, state, transition].filter((part) => part !== null).join(' '),
  },
});
