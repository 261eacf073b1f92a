import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMachine } from 'xstate';
import type { ChartData, NamedChart } from '../../../src/cli/view/chart-data.ts';
import { ChartThread } from '../../../src/cli/view/chart-thread.ts';
import { InspectedCharts } from '../../../src/cli/view/inspected-charts.ts';
import { PageCharts } from '../../../src/cli/view/page-charts.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

const named = (name: string): NamedChart => ({
  name,
  title: name,
  path: '',
  chart: walk(createMachine({ id: name, initial: 'a', states: { a: {}, b: {} } })),
  paths: null,
});

describe('thread that lays charts out', () => {
  let thread: ChartThread;
  afterEach(() => thread.close());

  it('draws one after the other', async () => {
    thread = new ChartThread();
    const drawn = await Promise.all([thread.draw(named('one')), thread.draw(named('two'))]);
    expect(drawn.map(({ chart }) => chart.name)).toEqual(['one', 'two']);
  });

  it('is ended when a chart takes too long, and draws the next one on another', async () => {
    thread = new ChartThread(1);
    await expect(thread.draw(named('one'))).rejects.toThrow('it could not be laid out within 0.001 s');
    await expect(thread.draw(named('two'))).rejects.toThrow('it could not be laid out within 0.001 s');
  });

  it('says why a chart cannot be drawn, and draws the next', async () => {
    thread = new ChartThread();
    const broken = { ...named('one'), chart: { ...named('one').chart, root: null as never } };
    await expect(thread.draw(broken)).rejects.toThrow(/Cannot read properties of null/);
    expect((await thread.draw(named('two'))).chart.name).toBe('two');
  });

  it('draws nothing once it is closed', async () => {
    thread = new ChartThread();
    await thread.close();
    await expect(thread.draw(named('one'))).rejects.toThrow('the page is closed');
  });
});

describe('charts of inspected actors', () => {
  const definition = (id: string, state: string) =>
    JSON.stringify({ id, initial: state, states: { [state]: {} } });
  const withDraw = (draw: ChartThread['draw']) => {
    const changes: (readonly [string, string | null])[] = [];
    const page = new PageCharts(new Map());
    const charts = new InspectedCharts(page, { draw, close: async () => {} }, (...change) =>
      changes.push(change),
    );
    return { charts, changes };
  };
  const drawn = async (chart: NamedChart): Promise<ChartData> => ({
    chart: { ...chart, views: [] },
    files: [],
  });

  it('are drawn once, whatever their contexts are', () => {
    const asked: string[] = [];
    const { charts } = withDraw((chart) => {
      asked.push(chart.name);
      return drawn(chart);
    });
    expect(charts.chartOf('{"id":"a b/c","context":{"n":1},"on":{"X":{}}}', 1)).toEqual({
      chart: 'a-b-c',
      problem: null,
    });
    expect(charts.chartOf('{"id":"a b/c","context":{"n":2},"on":{"X":{}}}', 1).chart).toBe('a-b-c');
    expect(charts.chartOf('{"id":"a b/c","on":{"Y":{}}}', 1).chart).toBe('a-b-c-2');
    expect(charts.chartOf('{"id":"load"}', 1)).toEqual({ chart: null, problem: null });
    expect(asked).toEqual(['a-b-c', 'a-b-c-2']);
  });

  it('are not there after all where they cannot be drawn, and that is said', async () => {
    const { charts, changes } = withDraw(() =>
      Promise.reject(new Error('it could not be laid out within 30 s')),
    );
    expect(charts.chartOf(definition('m', 's'), 1).chart).toBe('m');
    await charts.file();
    expect(changes).toEqual([['m', 'it could not be laid out within 30 s']]);
    expect(charts.chartOf(definition('m', 's'), 1)).toEqual({
      chart: null,
      problem: 'it could not be laid out within 30 s',
    });
  });

  it('are drawn for the program that they come from', () => {
    const asked: (readonly [string, number | undefined])[] = [];
    const { charts } = withDraw((chart, program) => {
      asked.push([chart.name, program]);
      return drawn(chart);
    });
    charts.chartOf(definition('m', 's'), 4);
    charts.chartOf(definition('n', 's'), 5);
    expect(asked).toEqual([
      ['m', 4],
      ['n', 5],
    ]);
  });

  it('have short names that no other chart of the page has', () => {
    const page = new PageCharts(new Map());
    const charts = new InspectedCharts(page, { draw: drawn, close: async () => {} }, () => {});
    page.put({ chart: { ...named('own'), views: [] }, files: [] });
    expect(charts.chartOf(definition('own', 's'), 1).chart).toBe('own-2');
    expect(charts.chartOf(definition('x'.repeat(99), 's'), 1).chart).toBe('x'.repeat(40));
    expect(charts.chartOf(definition('', 's'), 1).chart).toBe('machine');
    expect(charts.chartOf(definition('()', 's'), 1).chart).toBe('machine-2');
  });

  it('are told of again where they come later than the index that was to have them, and only there', async () => {
    vi.useFakeTimers();
    const finish: (() => void)[] = [];
    const { charts, changes } = withDraw(async (chart) => {
      await new Promise<void>((resolve) => finish.push(resolve));
      return drawn(chart);
    });
    charts.chartOf(definition('soon', 's'), 1);
    charts.chartOf(definition('late', 's'), 1);
    const index = charts.file();
    finish[0]!();
    await vi.advanceTimersByTimeAsync(3000);
    await index;
    finish[1]!();
    await vi.advanceTimersByTimeAsync(0);
    expect(changes).toEqual([['late', null]]);
    let isThere = false;
    void charts.file().then(() => {
      isThere = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(isThere).toBe(true);
    vi.useRealTimers();
  });

  it('that cannot be drawn are not there for definitions that come later either', async () => {
    const { charts } = withDraw(() => Promise.reject(new Error('no')));
    charts.chartOf(definition('m', 's'), 1);
    await charts.file();
    expect(charts.chartOf(definition('m', 's').replace('{', '{"context":{"n":2},'), 1)).toEqual({
      chart: null,
      problem: 'no',
    });
  });

  it('are bounded in number', () => {
    const { charts } = withDraw(drawn);
    for (let count = 0; count < 200; count += 1) charts.chartOf(definition('m', `s${count}`), 1);
    expect(charts.chartOf(definition('m', 'more'), 1).problem).toMatch(/^there are 200 charts already/);
  });
});
