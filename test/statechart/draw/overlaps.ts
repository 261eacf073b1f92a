import type { Label, Scene } from '../../../src/statechart/draw/scene.ts';

/** Labels whose boxes share more than a hair. */
export const overlaps = ({ items }: Scene): readonly string[] => {
  const labels = items.filter((item): item is Label => item.kind === 'label' && item.text.trim() !== '');
  const boxes = labels.map(({ x, y, width, size, text }) => ({
    text,
    left: x + 0.5,
    right: x + width - 0.5,
    top: y - size * 0.72,
    bottom: y + size * 0.18,
  }));
  return boxes.flatMap((a, at) =>
    boxes
      .slice(at + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `${a.text} | ${b.text}`),
  );
};
