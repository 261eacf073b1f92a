import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { AnyStateMachine } from 'xstate';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { type ChartDiff, diffCharts } from '../../../src/statechart/compare/diff.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { isMachine } from '../../../src/statechart/read/xstate-internals.ts';
import type { MachineSources } from '../../../src/statechart/source/machine-sources.ts';
import { resolveSources } from '../../../src/statechart/source/resolve-sources.ts';
import { WrittenPlaces } from '../../../src/statechart/source/written-places.ts';

/** The texts of a project by path; the machine is what `machine.ts` exports. */
export type Files = Readonly<Record<string, string>>;

/** Compares two projects as `raftchart diff` does: the machines, and where what they do is defined. */
export const compareModules = async (
  before: Files,
  after: Files,
  exportName?: string,
): Promise<ChartDiff> => {
  const [old, now] = [await readModule(before, exportName), await readModule(after, exportName)];
  return diffCharts(old.chart, now.chart, { before: old.sources, after: now.sources });
};

/** The sources alone: the module is not run, so it may be anything that TypeScript parses. */
export const sourcesOf = (files: Files, exportName?: string, entry = 'machine.ts'): Promise<MachineSources> =>
  inFolder(files, (folder) => resolve(folder, exportName, entry));

/** Where the parts of the machine are written, in the same way. */
export const placesOf = (files: Files, exportName?: string): Promise<WrittenPlaces> =>
  inFolder(
    files,
    async (folder) => new WrittenPlaces(ts, { path: join(folder, 'machine.ts'), exportName, root: folder }),
  );

const readModule = (files: Files, exportName: string | undefined) =>
  inFolder(files, async (folder) => {
    const module: Readonly<Record<string, unknown>> = await import(
      pathToFileURL(join(folder, 'machine.ts')).href
    );
    const machine = exportName === undefined ? Object.values(module).find(isMachine) : module[exportName];
    const sources = await resolve(folder, exportName, 'machine.ts');
    return { chart: walk(machine as AnyStateMachine), sources };
  });

const resolve = async (
  folder: string,
  exportName: string | undefined,
  entry: string,
): Promise<MachineSources> => {
  const sources = await resolveSources({ path: join(folder, entry), exportName, root: folder });
  if (sources === null) throw new Error('expected sources');
  return sources;
};

const inFolder = async <Result>(files: Files, use: (folder: string) => Promise<Result>): Promise<Result> => {
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-source-'));
  try {
    for (const [path, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    symlinkSync(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
