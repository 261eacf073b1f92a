import { describe, expect, it } from 'vitest';
import { marked, type PartMark } from '../../../src/statechart/draw/marked.ts';
import { type Arrow, type Box, type Label, refsOf } from '../../../src/statechart/draw/scene.ts';
import { noLinks } from '../../../src/statechart/draw/state-box.ts';
import { layoutView } from '../../../src/statechart/draw/view.ts';
import { transitionsOf } from '../../../src/statechart/read/model.ts';
import { charts } from './charts-and-views.ts';
import { distanceTo } from './distance-to.ts';

const noKey = { width: 0, height: 0, items: [] };

describe.each(charts)('$name with a mark at each transition', ({ chart }) => {
  it.each(['overview', 'full'] as const)(
    'has each sign beside a band, and not on the arrow of its text, in the %s',
    async (kind) => {
      const transitions = new Set(transitionsOf(chart).map(({ id }) => id));
      const markOf = (ids: readonly string[]): PartMark | undefined =>
        ids.every((id) => transitions.has(id))
          ? { sign: '!', paint: 'added', opacity: 0.5, words: ids.join('\n') }
          : undefined;
      const { items } = marked(await layoutView(chart, { kind }, noLinks), markOf, noKey);
      const arrows = items.filter((item): item is Arrow => item.kind === 'arrow');
      const bands = items.filter((item): item is Box => item.kind === 'box' && item.opacity === 0.5);
      const signs = items.filter((item): item is Label => item.kind === 'label' && item.text === '!');
      expect(signs.length).toBeGreaterThan(0);
      expect(bands).toHaveLength(signs.length);
      for (const [at, { x, y, width, size, hint }] of signs.entries()) {
        const sign = { left: x, right: x + width, top: y - size, bottom: y };
        const band = bands[at]!;
        expect(band.y, `the band of ${hint}`).toBeLessThan(y);
        expect(band.y + band.height, `the band of ${hint}`).toBeGreaterThan(y - size);
        if (size !== 11) continue;
        const own = arrows.find((arrow) => hint!.split('\n').every((id) => refsOf(arrow).includes(id)))!;
        expect(distanceTo(own, sign), `the sign of ${hint}`).toBeGreaterThan(1);
      }
    },
  );
});
