import type { Path, PathSet } from '../paths/path.ts';
import { type Adapter, AdapterUnusable } from './adapter.ts';
import { noCapabilities } from './capabilities.ts';
import { plan } from './plan.ts';
import type { AdapterRequest, Capabilities } from './protocol.ts';
import {
  type ConformanceReport,
  type Failure,
  type Finding,
  failuresOf,
  reportRules,
  statusOfPath,
} from './report.ts';
import { initOf, type PathResult, runPath } from './run-path.ts';
import { type FailingPath, shrink } from './shrink.ts';

/** Walks all paths with an adapter. `onPath` hears of each path that is over. Rejects with `AdapterUnusable`. */
export const runConformance = async (
  adapter: Adapter,
  set: PathSet,
  onPath: (isFailed: boolean) => void = () => {},
): Promise<ConformanceReport> => {
  const { implementation, capabilities } = await introduce(adapter, set.paths[0]!);
  const results: PathResult[] = [];
  for (const path of set.paths) {
    const result = await runPath(adapter, path, capabilities);
    results.push(result);
    onPath(statusOfPath(result) === 'failed');
  }
  const findings: Finding[] = [];
  for (const alike of failuresAlike(results)) {
    const shortest = alike.reduce((a, b) => (b.failure.at < a.failure.at ? b : a));
    const { path, failure } = await shrink(adapter, shortest, capabilities);
    const { subject, signature, differences, lost } = failure;
    const requests = requestsOf(path, capabilities);
    findings.push({ subject, signature, differences, lost, path, requests, paths: alike.length });
  }
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
    },
    rules: reportRules(results, findings),
  };
};

/** Asks an adapter who it is. */
const introduce = async (
  adapter: Adapter,
  path: Path,
): Promise<Pick<ConformanceReport, 'implementation' | 'capabilities'>> => {
  const answer = await adapter.ask(initOf({ ...path, disk: 'prompt' }));
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

const requestsOf = (path: Path, has: Capabilities): readonly AdapterRequest[] => [
  initOf(path),
  ...plan(path, has).steps.flatMap(({ plan: step }) =>
    step.do === 'ask' ? [...step.before.map(({ request }) => request), step.request] : [],
  ),
];

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
