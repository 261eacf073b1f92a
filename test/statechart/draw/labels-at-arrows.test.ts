import { describe, expect, it } from 'vitest';
import { type Arrow, type Label, refsOf, type Scene } from '../../../src/statechart/draw/scene.ts';
import { noLinks } from '../../../src/statechart/draw/state-box.ts';
import { layoutView } from '../../../src/statechart/draw/view.ts';
import { statesBelow } from '../../../src/statechart/read/model.ts';
import { charts } from './charts-and-views.ts';
import { distanceTo, type Rectangle } from './distance-to.ts';

/** The text of each arrow that has one. */
const textsOnArrows = (scene: Scene, arrows: readonly Arrow[]): ReadonlyMap<Arrow, Rectangle> => {
  const texts = new Map<Arrow, Rectangle>();
  const labels = scene.items.filter(
    (item): item is Label => item.kind === 'label' && item.halo !== undefined && item.ref !== undefined,
  );
  for (const { ref, x, y, width, size } of labels) {
    const arrow = arrows.find((each) => refsOf(each).includes(ref!))!;
    const before = texts.get(arrow);
    texts.set(arrow, {
      left: Math.min(before?.left ?? x, x),
      right: Math.max(before?.right ?? x, x + width),
      top: Math.min(before?.top ?? y, y - size),
      bottom: Math.max(before?.bottom ?? y, y),
    });
  }
  return texts;
};

describe.each(charts)('$name', ({ chart }) => {
  it.each(['outline', 'overview', 'full'] as const)(
    'has each text nearest to its own arrow in the %s',
    async (kind) => {
      const scene = await layoutView(chart, { kind }, noLinks);
      const arrows = scene.items.filter((item): item is Arrow => item.kind === 'arrow');
      const texts = textsOnArrows(scene, arrows);
      expect(texts.size).toBeGreaterThan(0);
      for (const [own, text] of texts) {
        const distance = distanceTo(own, text);
        expect(distance, `${own.ref} has its text beside it`).toBeLessThan(20);
        for (const other of arrows.filter(({ ref }) => ref !== own.ref))
          expect(
            distanceTo(other, text),
            `the text of ${own.ref} is not nearer to ${other.ref}`,
          ).toBeGreaterThanOrEqual(distance);
      }
    },
  );

  it('shows where each level starts in the full view', async () => {
    const { items } = await layoutView(chart, { kind: 'full' }, noLinks);
    const dots = items.filter((item) => item.kind === 'box' && item.radius === 6 && item.fill === 'ink');
    const levels = statesBelow(chart.root).filter(({ type }) => type === 'compound');
    expect(dots).toHaveLength(levels.length);
  });
});
