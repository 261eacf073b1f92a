import { describe, expect, it } from 'vitest';
import {
  type Arrow,
  type Label,
  type Point,
  refsOf,
  type Scene,
} from '../../../src/statechart/draw/scene.ts';
import { noLinks } from '../../../src/statechart/draw/state-box.ts';
import { layoutView } from '../../../src/statechart/draw/view.ts';
import { statesBelow } from '../../../src/statechart/read/model.ts';
import { charts } from './charts-and-views.ts';

interface Rectangle {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** From a text to the nearest point of an arrow, of which enough are looked at to miss none by a pixel. */
const distanceTo = ({ points }: Arrow, text: Rectangle): number => {
  let nearest = Number.POSITIVE_INFINITY;
  for (let at = 3; at < points.length; at += 3) {
    const [a, b, c, d] = points.slice(at - 3, at + 1) as [Point, Point, Point, Point];
    const steps = Math.ceil(Math.hypot(d.x - a.x, d.y - a.y)) + 1;
    for (let step = 0; step <= steps; step++) {
      const t = step / steps;
      const on = (key: 'x' | 'y') =>
        (1 - t) ** 3 * a[key] +
        3 * (1 - t) ** 2 * t * b[key] +
        3 * (1 - t) * t ** 2 * c[key] +
        t ** 3 * d[key];
      const dx = Math.max(text.left - on('x'), 0, on('x') - text.right);
      const dy = Math.max(text.top - on('y'), 0, on('y') - text.bottom);
      nearest = Math.min(nearest, Math.hypot(dx, dy));
    }
  }
  return nearest;
};

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
