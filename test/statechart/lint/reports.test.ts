import sarifSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { LintedMachine } from '../../../src/statechart/lint/report.ts';
import { lintJson } from '../../../src/statechart/lint/report-json.ts';
import { lintJunit } from '../../../src/statechart/lint/report-junit.ts';
import { lintSarif } from '../../../src/statechart/lint/report-sarif.ts';
import { lintText } from '../../../src/statechart/lint/report-text.ts';
import { parseXml } from '../draw/xml-tree.ts';

const machines: readonly LintedMachine[] = [
  {
    label: 'src/my lamp.ts#lamp',
    chart: 'lamp',
    path: 'src/my lamp.ts',
    findings: [
      {
        rule: 'unreachable-state',
        severity: 'error',
        message: 'State "lit\nhere" is never <entered>.',
        state: 'lamp.lit\nhere',
        transition: null,
        place: { path: 'src/my lamp.ts', line: 12 },
      },
      {
        rule: 'dead-end',
        severity: 'warning',
        message: 'State off cannot be left.',
        state: 'lamp.off',
        transition: null,
        place: null,
      },
      {
        rule: 'unnamed-delay',
        severity: 'info',
        message: 'State off waits 5 ms.',
        state: 'lamp.off',
        transition: 'lamp.off/after:5/0',
        place: { path: 'src/my lamp.ts', line: 20 },
      },
    ],
  },
  { label: 'fan', chart: 'fan', path: 'fan.ts', findings: [] },
];

describe('a report as text', () => {
  it('tells findings by machine and state, each on a line of its own, with its place and where it is explained', () => {
    expect(lintText(machines, false)).toBe(`src/my lamp.ts#lamp (lamp)
  lamp.lit\\nhere
    error unreachable-state
      State "lit\\nhere" is never <entered>.
      src/my lamp.ts:12 docs/lint.md#unreachable-state
  lamp.off
    warning dead-end
      State off cannot be left.
      docs/lint.md#dead-end
    note unnamed-delay
      State off waits 5 ms.
      src/my lamp.ts:20 docs/lint.md#unnamed-delay

1 error, 1 warning, 1 note in 2 machines
`);
  });

  it('is one line where nothing is found', () => {
    expect(lintText(machines.slice(1), false)).toBe('nothing found in 1 machine\n');
  });

  it('is colored for a terminal', () => {
    expect(lintText(machines, true)).toContain('\u001b[31merror\u001b[0m');
  });
});

/** What the published schema has against a log. */
const faultsOfSarif = (log: unknown): readonly unknown[] => {
  // In its dialect, an older one, `id` is what `$id` is now.
  const { id, $schema: _dialect, ...schema } = sarifSchema;
  const ajv = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false });
  return ajv.validate({ $id: id, ...schema }, log) ? [] : ajv.errors!;
};

it('a report as JSON has the findings as they are, and their numbers', () => {
  expect(JSON.parse(lintJson(machines))).toEqual({ errors: 1, warnings: 1, infos: 1, machines });
});

it('a report as SARIF is valid by the schema of SARIF 2.1.0, and each result has its rule and a line', () => {
  const log = JSON.parse(lintSarif(machines, '1.2.3'));
  expect(faultsOfSarif(log)).toEqual([]);
  const [run] = log.runs;
  const results: { ruleId: string; ruleIndex: number; level: string; partialFingerprints: unknown }[] =
    run.results;
  expect(results.map(({ level }) => level)).toEqual(['error', 'warning', 'note']);
  for (const { ruleId, ruleIndex } of results) expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
  expect(run.results[0].locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: 'src/my%20lamp.ts' },
    region: { startLine: 12 },
  });
  expect(results.map(({ partialFingerprints }) => partialFingerprints)).toEqual([
    { 'chartPlace/v1': 'lamp unreachable-state lamp.lit\nhere' },
    { 'chartPlace/v1': 'lamp dead-end lamp.off' },
    { 'chartPlace/v1': 'lamp unnamed-delay lamp.off lamp.off/after:5/0' },
  ]);
});

it('a report as JUnit has a suite a machine and a case a rule, which fails for an error only', async () => {
  const root = parseXml(await lintJunit(machines));
  expect(root.attributes).toMatchObject({ failures: '1', errors: '0' });
  const suites = root.children.filter(({ name }) => name === 'testsuite');
  expect(suites.map(({ attributes }) => attributes.name)).toEqual(['src/my lamp.ts#lamp', 'fan']);
  const failed = suites[0]!.children.filter(({ children }) =>
    children.some(({ name }) => name === 'failure'),
  );
  expect(failed.map(({ attributes }) => attributes.name)).toEqual(['unreachable-state']);
});
