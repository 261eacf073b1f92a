import { join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { type KnownChart, knownCharts } from '../../../src/cli/machine/known-charts.ts';
import { type ChartDiff, diffCharts } from '../../../src/statechart/compare/diff.ts';
import { diffToText } from '../../../src/statechart/compare/diff-text.ts';
import type { SourceChange } from '../../../src/statechart/compare/source-diff.ts';
import type { ChartModel } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import type { MachineSources } from '../../../src/statechart/source/machine-sources.ts';
import { resolveSources } from '../../../src/statechart/source/resolve-sources.ts';
import type { RuleChange } from './rule-changes.ts';

interface Chart {
  readonly known: KnownChart;
  readonly model: ChartModel;
  readonly sources: MachineSources;
}

/** The charts in a folder as they were, compared with the folder as it is. */
export class SourceComparison {
  readonly #folder: string;
  readonly #charts: readonly Chart[];

  private constructor(folder: string, charts: readonly Chart[]) {
    this.#folder = folder;
    this.#charts = charts;
  }

  static async of(folder: string): Promise<SourceComparison> {
    const charts: Chart[] = [];
    for (const known of knownCharts) {
      const model = walk(known.machine as AnyStateMachine);
      charts.push({ known, model, sources: await sourcesOf(folder, known) });
    }
    return new SourceComparison(folder, charts);
  }

  /** The names of the charts that come to what is changed. */
  chartsOf({ path, line }: RuleChange): readonly string[] {
    return this.#charts
      .filter(({ sources }) =>
        sources.declarations.some(
          (each) =>
            each.path === path && each.line <= line && line < each.line + each.text.split('\n').length,
        ),
      )
      .map(({ known }) => known.name);
  }

  reaches(change: RuleChange): boolean {
    return this.chartsOf(change).length > 0;
  }

  async diffOf(name: string): Promise<ChartDiff> {
    const { known, model, sources } = this.#charts.find((each) => each.known.name === name)!;
    return diffCharts(model, model, { before: sources, after: await sourcesOf(this.#folder, known) });
  }

  /** What is wrong with the reports of changes that were made at once, of which no two are in one file. */
  async problemsWith(changes: readonly RuleChange[]): Promise<readonly string[]> {
    const problems: string[] = [];
    for (const { known } of this.#charts) {
      const reached = changes.filter((change) => this.chartsOf(change).includes(known.name));
      if (reached.length === 0) continue;
      const diff = await this.diffOf(known.name);
      const text = diffToText(diff, false);
      for (const change of reached) {
        const source = diff.sources.find(({ after }) => after?.path === change.path);
        const problem = problemOf(change, source, text);
        if (problem !== null) problems.push(`${change.path} ${change.name}: ${known.name}: ${problem}`);
      }
      const others = diff.sources.slice(reached.length).map(({ name }) => name);
      if (others.length > 0)
        problems.push(`${known.name}: too many are reported, such as ${others.join(', ')}`);
    }
    return problems;
  }
}

const problemOf = (change: RuleChange, source: SourceChange | undefined, text: string): string | null => {
  const written = change.written.trim();
  if (source?.after == null) return 'no difference';
  if (source.name !== change.name && !hasKey(source.after.body, change.name))
    return `reported as ${source.name}`;
  if (!source.hunks.some(({ lines }) => lines.some((line) => line[0] === '+' && line.includes(written))))
    return 'without the changed line';
  if (source.users.length === 0) return 'nobody uses it';
  if (source.users.every(({ uses }) => uses.length === 0)) return 'no transition uses it';
  return text.includes(written) ? null : 'the text lacks the changed line';
};

const sourcesOf = async (folder: string, { path, exportName }: KnownChart): Promise<MachineSources> => {
  const sources = await resolveSources({ path: join(folder, path), exportName, root: folder });
  if (sources === null) throw new Error(`expected the sources of ${path}`);
  return sources;
};

const hasKey = (text: string, name: string): boolean => new RegExp(`^ *['"]?${name}['"]?:`, 'm').test(text);
