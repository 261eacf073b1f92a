import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { commentsIn } from '../../statechart/lint/comments.ts';
import { lint, lintFault } from '../../statechart/lint/lint.ts';
import { placeOfId, placesIn } from '../../statechart/lint/places.ts';
import type { LintedMachine } from '../../statechart/lint/report.ts';
import type { ChartModel } from '../../statechart/read/model.ts';
import { walk } from '../../statechart/read/walk.ts';
import { type KnownChart, knownCharts } from '../diagram/charts.ts';
import { packageRoot } from '../diagram/sources.ts';
import { chartOperand } from '../machine/chart-operand.ts';
import { type MachineFlags, runMachineTask } from '../machine/machine-flags.ts';
import { UsageError } from '../usage-error.ts';
import { readSettings, type Settings } from './lint-config.ts';

export interface LintFlags extends MachineFlags {
  readonly config?: string;
  /** Of `--rule`. */
  readonly settings: Settings;
}

/** Lints one of the charts of this repository by its name, or the machine that `FILE` or `FILE#NAME` stands for. Rejects with `UsageError`. */
export const lintMachine = async (operand: string, flags: LintFlags): Promise<LintedMachine> => {
  const known = knownCharts.find(({ name }) => name === operand);
  if (known !== undefined && flags.export === undefined) return lintKnown(known, flags);
  const module = chartOperand(operand, flags.export);
  const { path, label } = module;
  const settings = settingsFor(dirname(path), flags);
  const shown = relative(process.cwd(), path).replaceAll('\\', '/');
  let chart: ChartModel;
  try {
    ({ chart } = await runMachineTask(module, 'read', null, flags));
  } catch (error) {
    const { message } = error as Error;
    const finding = lintFault(message, {
      settings,
      placeOf: (state) => placeOfId(sourceOf(path, label), shown, state),
    });
    if (finding === null) throw error;
    return { label: operand, chart: null, path: shown, findings: [finding] };
  }
  return {
    label: operand,
    chart: chart.id,
    path: shown,
    findings: findingsIn(chart, path, shown, label, settings),
  };
};

const lintKnown = ({ name, machine, path: file }: KnownChart, flags: LintFlags): LintedMachine => {
  const path = join(packageRoot(), file);
  const chart = walk(machine);
  return {
    label: name,
    chart: chart.id,
    path: file,
    findings: findingsIn(chart, path, file, file, settingsFor(packageRoot(), flags)),
  };
};

const settingsFor = (directory: string, { config, settings }: LintFlags): Settings => ({
  ...readSettings(directory, config),
  ...settings,
});

const findingsIn = (chart: ChartModel, path: string, shown: string, label: string, settings: Settings) => {
  const source = sourceOf(path, label);
  return lint(chart, {
    settings,
    comments: commentsIn(source, shown),
    placeOf: placesIn(source, shown, chart),
  });
};

/** An installed package has its charts as JavaScript. */
const sourceOf = (path: string, label: string): string => {
  for (const each of [path, path.replace(/\.ts$/, '.js')]) {
    try {
      return readFileSync(each, 'utf8');
    } catch {
      // The other may be there.
    }
  }
  throw new UsageError(`${label} cannot be read: check its permissions`);
};
