import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
  const { outcome, test } = await runMutatedTests(mutant, { files: testsOfTheRules }, limitSeconds);
  const seconds = (performance.now() - began) / 1000;
  if (outcome === 'out of time') return { outcome, how: `no end within ${limitSeconds} s`, seconds };
  if (outcome === 'green') return { outcome: 'survived', how: '', seconds };
  // A source that cannot even be loaded has no failed test.
  const how = test === null ? 'a test file cannot be loaded' : `${test.file}: ${test.name}`;
  return { outcome: 'killed', how, seconds };
};

/** Which tests to run. */
export interface TestsToRun {
  /** Files or folders, from the root of the project on. */
  readonly files: readonly string[];
  /** In these only the tests of these full names; all of them if absent. */
  readonly names?: readonly string[];
  /** Of each test that says nothing else; as always if absent. */
  readonly testTimeoutMs?: number;
}

export interface NamedTest {
  /** From the root of the project on. */
  readonly file: string;
  /** After the names of what it is in, ` > ` between them. */
  readonly name: string;
}

/** How a run of tests ended. */
export interface MutatedRun {
  readonly outcome: 'green' | 'red' | 'out of time';
  /** The one that failed; null: none did, or what failed is no test. */
  readonly test: (NamedTest & { readonly hasTimedOut: boolean }) | null;
  /** How many tests have passed. */
  readonly passed: number;
}

/** Runs tests with the mutant in the sources, up to the first that fails. They are ended after `limitSeconds`. */
export const runMutatedTests = async (
  mutant: SourceMutant,
  tests: TestsToRun,
  limitSeconds: number,
): Promise<MutatedRun> => {
  const directory = mkdtempSync(join(tmpdir(), 'raftchart-mutated-test-'));
  const report = join(directory, 'report.json');
  try {
    const code = await endOf(mutant, tests, report, limitSeconds);
    if (code === null) return { outcome: 'out of time', test: null, passed: 0 };
    if (!existsSync(report)) return { outcome: 'red', test: null, passed: 0 };
    const told = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
    const passed = told.numPassedTests;
    if (code === 0) return { outcome: 'green', test: null, passed };
    return { outcome: 'red', test: failedTest(told), passed };
  } finally {
    rmSync(directory, { recursive: true });
  }
};

/** The exit code; null: it had to be ended. */
const endOf = (
  mutant: SourceMutant,
  { files, names, testTimeoutMs }: TestsToRun,
  report: string,
  limitSeconds: number,
): Promise<number | null> => {
  const output = ['--bail', '1', '--reporter', 'json', '--outputFile', report];
  const pattern = names === undefined ? [] : ['--testNamePattern', `^(${names.map(escaped).join('|')})$`];
  const timeout = testTimeoutMs === undefined ? [] : ['--testTimeout', `${testTimeoutMs}`];
  const flags = ['--config', config, ...output, ...pattern, ...timeout];
  const child = spawn(process.execPath, [vitest, 'run', ...files, ...flags], {
    cwd: fileURLToPath(projectRoot),
    env: { ...process.env, RAFTCHART_MUTANT: JSON.stringify(mutant) },
    stdio: 'ignore',
    timeout: limitSeconds * 1000,
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The test that failed, in what Vitest reports as JSON; null: none did. */
const failedTest = ({ testResults }: VitestReport): MutatedRun['test'] => {
  for (const { name, assertionResults } of testResults) {
    // Those that the first failure has spared count as failed as well, without a message.
    const failed = assertionResults.find(({ failureMessages }) => failureMessages.length > 0);
    if (failed !== undefined) {
      const file = relative(fileURLToPath(projectRoot), name);
      const hasTimedOut = /^Error: (Test|Hook) timed out/.test(failed.failureMessages[0]!);
      return { file, name: [...failed.ancestorTitles, failed.title].join(' > '), hasTimedOut };
    }
  }
  return null;
};

interface VitestReport {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}
