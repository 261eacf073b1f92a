import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { commentsIn } from '../../statechart/lint/comments.ts';
import { lint, lintFault } from '../../statechart/lint/lint.ts';
import { type PlaceOf, placesIn } from '../../statechart/lint/places.ts';
import type { LintedMachine } from '../../statechart/lint/report.ts';
import type { ChartModel } from '../../statechart/read/model.ts';
import { walk } from '../../statechart/read/walk.ts';
import { typeScriptRemedy } from '../../statechart/source/load-typescript.ts';
import { WrittenPlaces } from '../../statechart/source/written-places.ts';
import { packageRoot } from '../diagram/sources.ts';
import { machineOperand } from '../machine/chart-operand.ts';
import { knownCharts } from '../machine/known-charts.ts';
import { type MachineFlags, runMachineTask } from '../machine/machine-flags.ts';
import type { MachineOperand } from '../machine/machine-operand.ts';
import { findTypeScript } from '../machine/typescript-compiler.ts';
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
  const module = machineOperand(operand, flags.export);
  if (known !== undefined && flags.export === undefined) {
    return lintChart(walk(known.machine), operand, moduleOf(module, packageRoot()), flags);
  }
  const file = moduleOf(module, process.cwd());
  try {
    const { chart } = await runMachineTask(module, 'read', null, flags);
    return lintChart(chart, operand, file, flags);
  } catch (error) {
    const { message } = error as Error;
    const finding = lintFault(message, {
      settings: settingsFor(file, flags),
      placeOf: (state) => file.written()?.placeOfId(state) ?? null,
    });
    if (finding === null) throw error;
    return { label: operand, chart: null, path: file.shown, findings: [finding] };
  }
};

interface LintedModule extends MachineOperand {
  /** The folder that the paths of findings start from. */
  readonly root: string;
  readonly shown: string;
  /** Null without TypeScript. */
  readonly written: () => WrittenPlaces | null;
}

const moduleOf = (module: MachineOperand, root: string): LintedModule => {
  const { path, name } = module;
  let written: WrittenPlaces | null | undefined;
  return {
    ...module,
    root,
    shown: relative(root, path).replaceAll('\\', '/'),
    written: () => {
      if (written !== undefined) return written;
      const ts = findTypeScript(path);
      written = ts === null ? null : new WrittenPlaces(ts, { path, exportName: name ?? undefined, root });
      return written;
    },
  };
};

const lintChart = (
  chart: ChartModel,
  operand: string,
  module: LintedModule,
  flags: LintFlags,
): LintedMachine => {
  const { label, path, shown, root, written } = module;
  const settings = settingsFor(module, flags);
  const placeOf: PlaceOf = (state, transition) => {
    const places = written();
    return places === null ? null : placesIn(places, chart)(state, transition);
  };
  const own = commentsIn(sourceOf(path, label), shown);
  if (own.some(({ line }) => line !== null) && written() === null)
    throw new UsageError(
      `${label}: raftchart-lint-disable-next-line needs TypeScript to find what is in the next line: ${typeScriptRemedy}`,
    );
  const found = lint(chart, { settings, placeOf });
  const others = new Set(found.flatMap(({ place }) => place?.path ?? []).filter((each) => each !== shown));
  const inOthers = [...others]
    .flatMap((each) => commentsIn(sourceOf(resolve(root, each), each), each))
    .filter(({ line }) => line !== null);
  const findings = lint(chart, { settings, placeOf, comments: [...own, ...inOthers] });
  return { label: operand, chart: chart.id, path: shown, findings };
};

const settingsFor = ({ path }: LintedModule, { config, settings }: LintFlags): Settings => ({
  ...readSettings(dirname(path), config),
  ...settings,
});

const sourceOf = (path: string, label: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(`${label} cannot be read: check its permissions`);
  }
};
