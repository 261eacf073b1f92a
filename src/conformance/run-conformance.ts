import { pathSettings } from '../verify/paths/model-node.ts';
import type { PathSet } from '../verify/paths/path.ts';
import { type Adapter, AdapterUnusable } from './adapter.ts';
import { inOneLine } from './adapter-line.ts';
import { contradictionIn, noCapabilities } from './capabilities.ts';
import { CountedHangs } from './counted-hangs.ts';
import { findingsOf } from './find.ts';
import { checkFit } from './paths-for.ts';
import type { Capabilities } from './protocol.ts';
import { type ConformanceReport, reportRules } from './report.ts';
import { initOf, pathNotRun } from './run-path.ts';
import {
  isFlaky,
  resultsOf,
  shareOf,
  statusOfWalks,
  type WalkedPath,
  walkRepeatedly,
} from './walked-paths.ts';

/** What an adapter says of itself. */
export type Introduction = Pick<ConformanceReport, 'implementation' | 'capabilities'>;

export interface ConformanceOptions {
  /** Of an adapter that has been asked already. */
  readonly introduction?: Introduction;
  /** How often each path is walked: more than once shows what fails only now and then. Default: once. */
  readonly repeat?: number;
  /** Hears of each path that is over. */
  readonly onPath?: (isFailed: boolean) => void;
}

/**
 * Walks all paths with an adapter, or until it has hung, or talked nonsense, too often: these, which must be for an implementation of its capabilities, or those that are
 * generated for them. Rejects with `AdapterUnusable`, and with `PathsUnfit` for paths of another chart.
 */
export const runConformance = async (
  adapter: Adapter,
  paths: PathSet | ((has: Capabilities) => PathSet),
  { introduction, repeat = 1, onPath = () => {} }: ConformanceOptions = {},
): Promise<ConformanceReport> => {
  const { implementation, capabilities } = introduction ?? (await introduce(adapter));
  const set = typeof paths === 'function' ? paths(capabilities) : paths;
  checkFit(set, capabilities);
  const counted = new CountedHangs(adapter);
  const isOver = () => counted.hopeless !== null;
  const walked: WalkedPath[] = [];
  for (const path of set.paths) {
    if (isOver()) break;
    const one = await walkRepeatedly(counted, path, capabilities, repeat, isOver);
    walked.push(one);
    onPath(statusOfWalks(one) === 'failed');
  }
  const left = set.paths.slice(walked.length);
  const stopped = left.length === 0 ? null : counted.hopeless!;
  const notRun = left.map((path) => pathNotRun(path, capabilities, stopped!));
  const findings = await findingsOf(adapter, walked, capabilities);
  const statuses = walked.map(statusOfWalks);
  const count = (status: string) => statuses.filter((each) => each === status).length;
  return {
    implementation,
    capabilities,
    cover: set.cover,
    chart: set.chart,
    paths: {
      passed: count('passed'),
      failed: count('failed'),
      notApplicable: count('notApplicable'),
      notRun: left.length,
    },
    stopped,
    repeat,
    flaky: walked.map((one) => ({ path: one.path.id, ...shareOf(one) })).filter(isFlaky),
    gone: [],
    rules: reportRules([...walked.flatMap(resultsOf), ...notRun], findings),
  };
};

/** Asks an adapter who it is: it must start a node of three. Rejects with `AdapterUnusable`. */
export const introduce = async (adapter: Adapter): Promise<Introduction> => {
  const answer = await adapter.ask(initOf({ voters: [1, 2, 3], disk: 'prompt', settings: pathSettings }));
  if (!answer.ok)
    throw new AdapterUnusable(`the adapter refuses to start a node: ${inOneLine(answer.error)}`);
  const capabilities: Capabilities = { ...noCapabilities, ...answer.capabilities };
  const contradiction = contradictionIn(capabilities);
  if (contradiction !== null) throw new AdapterUnusable(`the adapter's capabilities: ${contradiction}`);
  if (capabilities.showsLog && answer.state.log === undefined) {
    throw new AdapterUnusable('the adapter declares showsLog, and its state has no log');
  }
  if (capabilities.showsTimers && answer.timers === undefined) {
    throw new AdapterUnusable('the adapter declares showsTimers, and its answer has no timers');
  }
  return { implementation: answer.implementation ?? { name: 'unnamed', version: '' }, capabilities };
};
