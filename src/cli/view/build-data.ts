import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { detailsOf } from '../../page/data/details.ts';
import type { PageChart, PageIndex } from '../../page/data/page-data.ts';
import { indexTests } from '../../statechart/read/test-index.ts';
import { walk } from '../../statechart/read/walk.ts';
import { bugsPreventedBy } from '../../verify/protocol/history.ts';
import { raftRules } from '../../verify/protocol/raft-rules.ts';
import { readSourceIndex, readSources } from '../diagram/sources.ts';
import { knownCharts } from '../machine/known-charts.ts';
import { chartData, type DataFile, jsonFile } from './chart-data.ts';
import { pathsAddress } from './generated-paths.ts';

/** Lays our own charts out and gathers what the page says of their rules. Done when the page is built. */
export const buildData = async (root: string): Promise<readonly DataFile[]> => {
  const tests = indexTests(readSources(root, ['test']));
  const files: DataFile[] = [];
  const charts: PageChart[] = [];
  for (const known of knownCharts) {
    const { name, title, path, machine } = known;
    const chart = walk(machine);
    const text = readFileSync(join(root, path), 'utf8');
    const details = detailsOf(chart, text, await readSourceIndex(root, known), { tests, bugsPreventedBy });
    const data = await chartData(
      { name, title, path, chart, paths: name === 'raft' ? pathsAddress : null },
      details,
      raftRules,
    );
    charts.push(data.chart);
    files.push(...data.files);
  }
  return [jsonFile('data/charts.json', { charts } satisfies PageIndex), ...files];
};
