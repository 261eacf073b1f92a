import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ChartModel } from '../../statechart/read/model.ts';
import { plainRules, type RuleStyle } from '../../statechart/read/rule-style.ts';
import { walk } from '../../statechart/read/walk.ts';
import type { MachineSources } from '../../statechart/source/machine-sources.ts';
import { resolveSources } from '../../statechart/source/resolve-sources.ts';
import { raftRules } from '../../verify/protocol/raft-rules.ts';
import { UsageError } from '../usage-error.ts';
import { type KnownChart, knownCharts } from './charts.ts';
import { loadMachine } from './load-chart.ts';

/** A chart to compare: what it is, where what it does is defined, and how the sources of its rules are written. */
export interface ChartVersion {
  readonly chart: ChartModel;
  readonly sources: MachineSources | null;
  readonly rules: RuleStyle;
}

/**
 * Reads one side of a comparison: a file, a git revision such as `HEAD~1` of the chart `chartName`, or a file in a revision, such as
 * `HEAD~1:machines/raft/raft.machine.ts`. A revision is unpacked into a folder of its own, since a chart imports its rules.
 */
export const loadVersion = async (
  operand: string,
  chartName: string,
  exportName: string | undefined,
): Promise<ChartVersion> => {
  if (existsSync(operand)) {
    const path = resolve(operand);
    const known = knownChartAt(path);
    const root = known === undefined ? dirname(path) : path.slice(0, -known.path.length - 1);
    return {
      chart: walk(await loadMachine(path, exportName ?? known?.exportName)),
      sources: await resolveSources({ path, exportName: exportName ?? known?.exportName, root }),
      rules: known === undefined ? plainRules : raftRules,
    };
  }
  const [revision = '', path] = operand.split(/:(.*)/s);
  const known =
    path === undefined ? knownCharts.find(({ name }) => name === chartName) : knownChartAt(`/${path}`);
  if (known === undefined && path === undefined) {
    throw new UsageError(
      `no chart called ${chartName}; charts: ${knownCharts.map(({ name }) => name).join(', ')}`,
    );
  }
  return inRevision(revision, operand, async (folder) => {
    const file = join(folder, path ?? known!.path);
    if (!existsSync(file)) throw new UsageError(`${revision} has no ${path ?? known!.path}`);
    return {
      chart: walk(await loadMachine(file, exportName ?? known?.exportName)),
      sources: await resolveSources({
        path: file,
        exportName: exportName ?? known?.exportName,
        root: folder,
      }),
      rules: known === undefined ? plainRules : raftRules,
    };
  });
};

const knownChartAt = (path: string): KnownChart | undefined =>
  knownCharts.find((known) => path.endsWith(`/${known.path}`));

const git = (args: readonly string[], input?: Buffer) =>
  spawnSync('git', args, { maxBuffer: 2 ** 30, ...(input === undefined ? {} : { input }) });

const inRevision = async <T>(
  revision: string,
  operand: string,
  use: (folder: string) => Promise<T>,
): Promise<T> => {
  const top = git(['rev-parse', '--show-toplevel']);
  const root = String(top.stdout ?? '').trim();
  if (top.status !== 0)
    throw new UsageError(
      `there is no file ${operand}, and no git repository here to look for such a revision`,
    );
  if (git(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]).status !== 0) {
    throw new UsageError(`${operand} is neither a file nor a git revision`);
  }
  const archive = git(['-C', root, 'archive', '--format=tar', revision]);
  if (archive.status !== 0)
    throw new UsageError(`git cannot unpack ${revision}: ${String(archive.stderr).trim()}`);
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-diff-'));
  try {
    const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout });
    if (unpacked.status !== 0)
      throw new UsageError(`tar cannot unpack ${revision}: ${String(unpacked.stderr).trim()}`);
    const modules = join(root, 'node_modules');
    if (existsSync(modules)) symlinkSync(modules, join(folder, 'node_modules'));
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
