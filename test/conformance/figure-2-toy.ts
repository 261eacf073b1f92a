import { spawnSync } from 'node:child_process';
import { AdapterProcess } from '../../src/cli/conformance/adapter-process.ts';
import type { Finding } from '../../src/conformance/finding.ts';
import { type Introduction, introduce, runConformance } from '../../src/conformance/run-conformance.ts';
import type { PathSet } from '../../src/verify/paths/path.ts';
import { adapterPatienceMs } from './adapter-patience.ts';

const adapterFile = 'examples/conformance-figure-2/adapter.py';

/** Null: there is a python3; else one line that says what that means. */
export const pythonMissing: string | null =
  spawnSync('python3', ['--version']).status === 0
    ? null
    : 'examples/conformance-figure-2 is not tested here: it takes python3';

/** What the toy has besides Figure 2: flags of its adapter, named as bugs.py names them. */
export const modes = {
  plain: '',
  noop: '--noop',
  pipeline: '--pipeline',
  'noop,pipeline': '--noop --pipeline',
} as const;

export type Mode = keyof typeof modes;

export const modeNames = Object.keys(modes) as readonly Mode[];

/** A bug that the toy can be given, as `--list-bugs --json` prints it. */
export interface Bug {
  readonly name: string;
  readonly breaks: 'safety' | 'durability' | 'liveness' | 'form';
  readonly what: string;
  readonly paper: string;
  /** By mode, why it cannot exist there. */
  readonly impossible: Partial<Record<Mode, string>>;
}

export const listBugs = (): readonly Bug[] => {
  const { status, stdout, stderr } = spawnSync('python3', [adapterFile, '--list-bugs', '--json'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the toy does not list its bugs: ${stderr}`);
  return JSON.parse(stdout) as readonly Bug[];
};

/** What the kit says of the toy. */
export interface Verdict {
  /** How many paths passed, of those that were run. */
  readonly passed: number;
  /** Ids of paths. */
  readonly failed: readonly string[];
  readonly failedRules: readonly string[];
  readonly findings: readonly Finding[];
}

/** Where paths come from; they may depend on what the adapter declares. */
export type PathSource = (capabilities: Introduction['capabilities']) => PathSet;

export interface RunOptions {
  /** Run no further than the first path that fails. */
  readonly untilFailure?: boolean;
}

/** Runs the toy, with one bug or none, path by path, the short ones first. */
export const runToy = async (
  mode: Mode,
  bug: string | null,
  pathsFor: PathSource,
  { untilFailure = false }: RunOptions = {},
): Promise<Verdict> => {
  const flags = [modes[mode], ...(bug === null ? [] : [`--bug ${bug}`])].join(' ');
  const adapter = new AdapterProcess(`python3 ${adapterFile} ${flags}`, adapterPatienceMs);
  let passed = 0;
  const failed: string[] = [];
  const failedRules = new Set<string>();
  const findings: Finding[] = [];
  try {
    const introduction = await introduce(adapter);
    const set = pathsFor(introduction.capabilities);
    for (const path of set.paths.toSorted((a, b) => a.steps.length - b.steps.length)) {
      const report = await runConformance(adapter, { ...set, paths: [path] }, { introduction });
      passed += report.paths.passed;
      if (report.paths.failed === 0) continue;
      failed.push(path.id);
      for (const { rule, status, subjects } of report.rules) {
        if (status === 'failed') failedRules.add(rule);
        findings.push(...subjects.flatMap((subject) => subject.findings));
      }
      if (untilFailure) break;
    }
  } finally {
    adapter.close();
  }
  return { passed, failed, failedRules: [...failedRules], findings };
};
