import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor } from 'xstate';
import { gateSteps } from '../../../src/statechart/draw/gate.ts';
import { type Format, render } from '../../../src/statechart/draw/render.ts';
import type { Scene } from '../../../src/statechart/draw/scene.ts';
import { noLinks } from '../../../src/statechart/draw/state-box.ts';
import { toSvg } from '../../../src/statechart/draw/svg.ts';
import type { View } from '../../../src/statechart/draw/view.ts';
import { toStately } from '../../../src/statechart/export/stately.ts';
import type { ChartModel } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { viewsOf } from '../draw/charts-and-views.ts';
import { mermaidFaults } from '../draw/mermaid-grammar.ts';
import { parseMermaid } from '../draw/mermaid-parser.ts';
import { parseXml } from '../draw/xml-tree.ts';
import { corpus } from './corpus.ts';
import { claimedFeatures, featureTests } from './features.ts';

const featuresInAll = new Set(corpus.flatMap(({ features }) => features));

it.each([...Object.keys(featureTests), ...claimedFeatures])('the corpus has a machine with %s', (feature) => {
  expect([...featuresInAll]).toContain(feature);
});

it('the corpus has at least 66 machines, each with a name and an id of its own', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(66);
  expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
});

it.each(corpus)('XState starts $name and takes its events', ({ machine, features, events, input }) => {
  const faults: unknown[] = [];
  const actor = createActor(machine, { input, logger: () => {} });
  actor.subscribe({ error: (fault) => faults.push(fault) });
  actor.start();
  for (const event of events) actor.send(event);
  const { status } = actor.getSnapshot();
  actor.stop();
  const mayFail = features.includes('start: not before others provide what it names');
  expect(status).toBeOneOf(mayFail ? ['error'] : ['active', 'done']);
  expect(faults).toHaveLength(mayFail ? 1 : 0);
});

/** All of a machine with a few states; the views of single states are much alike where there are many. */
const someViewsOf = (chart: ChartModel): readonly View[] => {
  const views = viewsOf(chart);
  return views.length > 40 ? [...views.slice(0, 4), ...views.slice(-1)] : views;
};

/** Those that do not depend on a view. */
const wholeFormats = ['scxml', 'stately', 'json'] as const;

describe.each(corpus)('$name', ({ machine }) => {
  const chart = walk(machine);
  const views = someViewsOf(chart);

  for (const format of wholeFormats) {
    it(`is written well-formed as ${format}`, async () => {
      const whole = { kind: 'full' } as const;
      await checked(format, await render(drawable(machine, format), format, whole, 'light', noLinks), whole);
    });
  }

  for (const format of ['mermaid', 'dot'] as const) {
    it(`is drawn well-formed in every view as ${format}`, async () => {
      for (const view of views)
        await checked(format, await render(drawable(machine, format), format, view, 'light', noLinks), view);
    });
  }

  it('is laid out in every view as JSON, and drawn well-formed from that as SVG', async () => {
    for (const view of views) {
      const layout = await render(drawable(machine, 'layout'), 'layout', view, 'light', noLinks);
      const svg = toSvg(JSON.parse(layout) as Scene, 'light');
      await checked('svg', svg, view);
      // The large ones take long to lay out once more.
      if (layout.length < 30_000)
        expect(await render(drawable(machine, 'svg'), 'svg', view, 'light', noLinks)).toBe(svg);
    }
  });

  it('has no gate only where its root decides nothing by guards', async () => {
    const hasGate = gateSteps(chart).size > 0;
    const drawn = render(drawable(machine, 'mermaid'), 'mermaid', { kind: 'gate' }, 'light', noLinks);
    if (hasGate) await expect(drawn).resolves.toContain('flowchart TD');
    else await expect(drawn).rejects.toThrow(/has no gate/);
  });
});

const drawable = (machine: AnyStateMachine, format: Format) => ({
  chart: walk(machine),
  stately: format === 'stately' ? toStately(machine) : '',
});

const checked = async (format: Exclude<Format, 'layout'>, text: string, view: View): Promise<void> => {
  const where = JSON.stringify(view);
  switch (format) {
    case 'svg':
      expect(parseXml(text).name, where).toBe('svg');
      expect(text, where).not.toMatch(/NaN|="undefined"|null history/);
      return;
    case 'scxml':
      expect(parseXml(text).name, where).toBe('scxml');
      return;
    case 'dot':
      expect(
        parseXml((await Graphviz.load()).layout(text, 'svg', text.length > 40_000 ? 'osage' : 'dot')).name,
        where,
      ).toBe('svg');
      return;
    case 'mermaid':
      expect(mermaidFaults(text), where).toEqual([]);
      // Mermaid's own parser takes a minute for hundreds of states.
      if (text.length < 30_000) await parseMermaid(text);
      return;
    case 'stately':
    case 'json':
      expect(JSON.parse(text), where).toBeTypeOf('object');
  }
};
