import { expect, it } from 'vitest';
import type { ChartData, NamedChart } from '../../../src/cli/view/chart-data.ts';
import { InspectedCharts } from '../../../src/cli/view/inspected-charts.ts';
import { PageCharts } from '../../../src/cli/view/page-charts.ts';

it('pictures of inspected charts that fill the memory are not kept', async () => {
  const page = new PageCharts(new Map());
  const large = 'x'.repeat(2 ** 28 + 1);
  const thread = {
    draw: async (named: NamedChart): Promise<ChartData> => ({
      chart: { ...named, views: [] },
      files: named.name === 'large' ? [{ path: 'large.json', content: large }] : [],
    }),
    close: async () => {},
  };
  const told: (string | null)[] = [];
  const charts = new InspectedCharts(page, thread, (chart, problem) => told.push(chart, problem));
  for (const id of ['small', 'large']) charts.chartOf(`{"id":"${id}","on":{}}`, 1);
  await expect
    .poll(() => told)
    .toEqual(['large', 'the pictures take too much memory: start raftchart view again']);
  expect([page.has('small'), page.has('large')]).toEqual([true, false]);
  expect(charts.chartOf('{"id":"large","on":{}}', 1).chart).toBeNull();
});
