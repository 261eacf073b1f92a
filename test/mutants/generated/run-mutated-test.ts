import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from './all-mutants.ts';
import type { SourceMutant } from './source-mutant.ts';
import type { Verdict } from './verdict.ts';

const config = fileURLToPath(new URL('./mutated-test.config.ts', import.meta.url));
const vitest = fileURLToPath(new URL('node_modules/vitest/vitest.mjs', projectRoot));
/** What tests the chart and its rules without any other room of the house. */
const testsOfTheRules = ['test/raft', 'test/machines/raft', 'test/stories'];

/** Runs the tests of chart and rules with the mutant in the sources, up to the first that fails. They are ended after `limitSeconds`. */
export const checkByTests = async (mutant: SourceMutant, limitSeconds: number): Promise<Verdict> => {
  const began = performance.now();
  const directory = mkdtempSync(join(tmpdir(), 'raftchart-mutated-test-'));
  const report = join(directory, 'report.json');
  try {
    const code = await endOf(mutant, report, limitSeconds);
    const seconds = (performance.now() - began) / 1000;
    if (code === null) return { outcome: 'out of time', how: `no end within ${limitSeconds} s`, seconds };
    if (code === 0) return { outcome: 'survived', how: '', seconds };
    // A source that cannot even be loaded has no failed test.
    return { outcome: 'killed', how: failedTest(report) ?? 'a test file cannot be loaded', seconds };
  } finally {
    rmSync(directory, { recursive: true });
  }
};

/** The exit code; null: it had to be ended. */
const endOf = (mutant: SourceMutant, report: string, limitSeconds: number): Promise<number | null> => {
  const child = spawn(
    process.execPath,
    [
      vitest,
      'run',
      ...testsOfTheRules,
      '--config',
      config,
      '--bail',
      '1',
      '--reporter',
      'json',
      '--outputFile',
      report,
    ],
    {
      cwd: fileURLToPath(projectRoot),
      env: { ...process.env, RAFTCHART_MUTANT: JSON.stringify(mutant) },
      stdio: 'ignore',
      timeout: limitSeconds * 1000,
    },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
};

/** The name of the test that failed, in what Vitest reports as JSON; null: none did. */
const failedTest = (report: string): string | null => {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  for (const { name, assertionResults } of testResults) {
    // Those that the first failure has spared count as failed as well, without a message.
    const failed = assertionResults.find(({ failureMessages }) => failureMessages.length > 0);
    if (failed !== undefined) {
      return `${relative(fileURLToPath(projectRoot), name)}: ${failed.fullName}`;
    }
  }
  return null;
};

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}
