import type { Arrow, Point } from '../../../src/statechart/draw/scene.ts';

/** Where a text or a sign is. */
export interface Rectangle {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** From a text to the nearest point of an arrow, of which enough are looked at to miss none by a pixel. */
export const distanceTo = ({ points }: Arrow, text: Rectangle): number => {
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
