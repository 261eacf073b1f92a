import { pathSettings } from '../verify/paths/model-node.ts';
import type { PathSet } from '../verify/paths/path.ts';
import { type Adapter, AdapterHung, AdapterUnusable } from './adapter.ts';
import { noCapabilities } from './capabilities.ts';
import { checkFit } from './paths-for.ts';
import type { AdapterRequest, AdapterResponse, Capabilities } from './protocol.ts';
import {
  type ConformanceReport,
  type Failure,
  type Finding,
  failuresOf,
  reportRules,
  statusOfPath,
} from './report.ts';
import { initOf, type PathResult, pathNotRun, runPath } from './run-path.ts';
import { type FailingPath, shrink } from './shrink.ts';

/** What an adapter says of itself. */
export type Introduction = Pick<ConformanceReport, 'implementation' | 'capabilities'>;

export interface ConformanceOptions {
  /** Of an adapter that has been asked already. */
  readonly introduction?: Introduction;
  /** Hears of each path that is over. */
  readonly onPath?: (isFailed: boolean) => void;
}

/**
 * How often an adapter may hang while it walks the paths, and once more while failing paths are shortened: each time costs a whole
 * timeout.
 */
const maxHangs = 3;

/**
 * Walks all paths with an adapter, or until it has hung too often: these, which must be for an implementation of its capabilities, or those that are generated for them.
 * Rejects with `AdapterUnusable`, and with `PathsUnfit` for paths of another chart.
 */
export const runConformance = async (
  adapter: Adapter,
  paths: PathSet | ((has: Capabilities) => PathSet),
  { introduction, onPath = () => {} }: ConformanceOptions = {},
): Promise<ConformanceReport> => {
  const { implementation, capabilities } = introduction ?? (await introduce(adapter));
  const set = typeof paths === 'function' ? paths(capabilities) : paths;
  checkFit(set, capabilities);
  const results: PathResult[] = [];
  const walked = new CountedHangs(adapter);
  for (const path of set.paths) {
    if (walked.isHopeless) break;
    const result = await runPath(walked, path, capabilities);
    results.push(result);
    onPath(statusOfPath(result) === 'failed');
  }
  const left = set.paths.slice(results.length);
  const stopped = left.length === 0 ? null : `it hung ${maxHangs} times, so it was not asked any more`;
  results.push(...left.map((path) => pathNotRun(path, capabilities, stopped!)));
  const findings = await findingsOf(adapter, results, capabilities);
  const count = (status: string) => results.filter((result) => statusOfPath(result) === status).length;
  return {
    implementation,
    capabilities,
    cover: set.cover,
    chart: set.chart,
    paths: {
      passed: count('passed'),
      failed: count('failed'),
      notApplicable: count('notApplicable'),
      notRun: count('notRun'),
    },
    stopped,
    rules: reportRules(results, findings),
  };
};

/** One finding for all failures of a kind. */
const findingsOf = async (
  adapter: Adapter,
  results: readonly PathResult[],
  has: Capabilities,
): Promise<readonly Finding[]> => {
  const shortened = new CountedHangs(adapter);
  const findings: Finding[] = [];
  for (const alike of failuresAlike(results)) {
    const shortest = alike.reduce((a, b) => (b.failure.at < a.failure.at ? b : a));
    // Each try that hangs as well would cost a timeout.
    const isHang = shortest.failure.differences.some(({ kind }) => kind === 'hang');
    const isOver = () => isHang || shortened.isHopeless;
    const { path, failure } = await shrink(shortened, shortest, has, isOver);
    const { subject, signature, differences, lost, requests } = failure;
    findings.push({ subject, signature, differences, lost, path, requests, paths: alike.length });
  }
  return findings;
};

/** Counts how often an adapter hangs. */
class CountedHangs implements Adapter {
  readonly #adapter: Adapter;
  #hangs = 0;

  constructor(adapter: Adapter) {
    this.#adapter = adapter;
  }

  get isHopeless(): boolean {
    return this.#hangs >= maxHangs;
  }

  async ask(request: AdapterRequest): Promise<AdapterResponse> {
    try {
      return await this.#adapter.ask(request);
    } catch (error) {
      if (error instanceof AdapterHung) this.#hangs++;
      throw error;
    }
  }
}

/** Asks an adapter who it is: it must start a node of three. Rejects with `AdapterUnusable`. */
export const introduce = async (adapter: Adapter): Promise<Introduction> => {
  const answer = await adapter.ask(initOf({ voters: [1, 2, 3], disk: 'prompt', settings: pathSettings }));
  if (!answer.ok) throw new AdapterUnusable(`the adapter refuses to start a node: ${answer.error}`);
  const capabilities: Capabilities = { ...noCapabilities, ...answer.capabilities };
  if (capabilities.showsLog && answer.state.log === undefined) {
    throw new AdapterUnusable('the adapter declares showsLog, and its state has no log');
  }
  if (capabilities.showsTimers && answer.timers === undefined) {
    throw new AdapterUnusable('the adapter declares showsTimers, and its answer has no timers');
  }
  return { implementation: answer.implementation ?? { name: 'unnamed', version: '' }, capabilities };
};

/** Failures of one kind, each with its path. */
const failuresAlike = (results: readonly PathResult[]): readonly (readonly FailingPath[])[] => {
  const all = results.flatMap((result) =>
    // Of one kind, the first of a path.
    [...Map.groupBy(failuresOf(result), ({ signature }) => signature).values()].map(
      ([failure]): FailingPath => ({ path: result.path, failure: failure as Failure }),
    ),
  );
  return [...Map.groupBy(all, ({ failure }) => failure.signature).values()];
};
