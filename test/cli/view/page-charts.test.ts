import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { chartData } from '../../../src/cli/view/chart-data.ts';
import { PageCharts } from '../../../src/cli/view/page-charts.ts';
import { lazyPageFile, pageFile } from '../../../src/cli/view/page-files.ts';
import type { PageIndex } from '../../../src/page/data/page-data.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

const built = new Map([
  ['/', pageFile('/index.html', Buffer.from('the page'))],
  ['/data/charts.json', pageFile('/data/charts.json', Buffer.from('{"charts":[{"name":"own"}]}'))],
]);

const dataOf = (name: string, states: readonly string[]) => {
  const machine = createMachine({
    id: 'lamp',
    initial: states[0]!,
    states: Object.fromEntries(states.map((state) => [state, {}])),
  });
  return chartData({ name, title: name, path: '', chart: walk(machine), paths: null });
};

const indexOf = ({ files }: PageCharts) =>
  JSON.parse(files.get('/data/charts.json')!.plain.toString()) as PageIndex;
const namesIn = (page: PageCharts) => indexOf(page).charts.map(({ name }) => name);

describe('charts of a page that is served', () => {
  it('are those that were built and those that were added', async () => {
    const page = new PageCharts(built);
    page.put(await dataOf('lamp', ['dark', 'lit']));
    expect(namesIn(page)).toEqual(['own', 'lamp']);
    for (const { file } of indexOf(page).charts[1]!.views) expect(page.files.has(`/${file}`)).toBe(true);
  });

  it('have no view of a final state, in which nothing happens', async () => {
    const machine = createMachine({
      initial: 'on',
      states: { on: { on: { END: 'end' } }, end: { type: 'final' } },
    });
    const { chart } = await chartData({ name: 'm', title: 'm', path: '', chart: walk(machine), paths: null });
    expect(chart.views.map(({ name }) => name)).toEqual(['outline', 'overview', 'on', 'full']);
  });

  it('are zipped and written when they are sent', () => {
    let made = 0;
    const file = lazyPageFile('/data/a.json', () => {
      made += 1;
      return Buffer.from('{}');
    });
    expect(made).toBe(0);
    expect([String(file.plain), String(gunzipSync(file.gzipped)), made]).toEqual(['{}', '{}', 1]);
    expect(file.gzipped).toBe(file.gzipped);
  });

  it('are only the added ones on a page without its own', async () => {
    const page = new PageCharts(built, []);
    page.put(await dataOf('lamp', ['dark', 'lit']));
    expect(namesIn(page)).toEqual(['lamp']);
    expect(page.files.has('/')).toBe(true);
  });

  it('are replaced by one of the same name, and nothing of the old one stays', async () => {
    const page = new PageCharts(built, []);
    page.put(await dataOf('lamp', ['dark', 'lit']));
    expect(page.files.has('/data/lamp=dark.json')).toBe(true);
    page.put(await dataOf('lamp', ['off', 'lit']));
    expect(namesIn(page)).toEqual(['lamp']);
    expect(page.files.has('/data/lamp=dark.json')).toBe(false);
  });

  it('may be called anything, and so may their states', async () => {
    const page = new PageCharts(built, []);
    page.put(await dataOf('../a lamp#1?', ['overview', 'a/b', 'full', 'list', '../c#']));
    const { views } = indexOf(page).charts[0]!;
    expect(views.map(({ name }) => name)).toEqual([
      'outline',
      'overview',
      'role=overview',
      'a/b',
      'role=full',
      'role=list',
      '../c#',
      'full',
    ]);
    expect(page.files.has(`/data/details-${encodeURIComponent('../a lamp#1?')}.json`)).toBe(true);
    for (const { file } of views) {
      expect(new URL(file, 'http://localhost/').pathname).toBe(`/${file}`);
      expect(page.files.has(`/${file}`)).toBe(true);
    }
  });
});
