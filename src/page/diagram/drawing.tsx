import { memo } from 'preact/compat';
import type { Arrow, Item, Label } from '../../statechart/draw/scene.ts';

/** The picture as it was laid out; colours and fonts come from the style sheet. */
export const Drawing = memo(({ items }: { readonly items: readonly Item[] }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus; the regions in front of it are named.
  <g class="drawing" aria-hidden="true">
    {items.map((item, at) => (
      <Piece key={at} item={item} />
    ))}
  </g>
));

const Piece = ({ item }: { readonly item: Item }) => {
  switch (item.kind) {
    case 'box':
      return (
        <rect
          x={item.x}
          y={item.y}
          width={item.width}
          height={item.height}
          rx={item.radius}
          class={`${item.fill ? `fill-${item.fill}` : 'hollow'} ${item.stroke ? `stroke-${item.stroke}` : ''}`}
          fill-opacity={item.opacity}
          stroke-width={item.strokeWidth}
          stroke-dasharray={item.isDashed ? '5 3' : undefined}
        />
      );
    case 'label':
      return <Text label={item} />;
    case 'line':
      return (
        <line
          x1={item.x1}
          y1={item.y1}
          x2={item.x2}
          y2={item.y2}
          class={`stroke-${item.paint}`}
          stroke-width={item.strokeWidth ?? 1}
          stroke-dasharray={item.isDashed ? '4 3' : undefined}
        />
      );
    case 'arrow':
      return (
        <>
          <path
            d={curve(item)}
            class={`hollow stroke-${item.paint}`}
            stroke-width={1.6}
            stroke-dasharray={item.isDashed ? '6 3' : undefined}
          />
          <path d={head(item)} class={`fill-${item.paint}`} />
        </>
      );
  }
};

const Text = ({ label }: { readonly label: Label }) => (
  <text
    x={label.x}
    y={label.y}
    class={`${label.face} fill-${label.paint} ${label.halo ? `halo stroke-${label.halo}` : ''}`}
    font-size={label.size}
    textLength={label.width}
    lengthAdjust="spacingAndGlyphs"
  >
    {label.text}
  </text>
);

export const curve = ({ points }: Arrow): string => {
  const [start, ...rest] = points.map(({ x, y }) => `${x} ${y}`);
  return `M${start}C${rest.join(' ')}`;
};

/** A filled triangle at the end, turned the way the curve arrives. */
const head = ({ points }: Arrow): string => {
  const tip = points.at(-1)!;
  const before = points.findLast(({ x, y }) => Math.hypot(tip.x - x, tip.y - y) > 0.5) ?? tip;
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const [dx, dy] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const corner = (side: number) => `${tip.x - dx * 9 - dy * side} ${tip.y - dy * 9 + dx * side}`;
  return `M${tip.x} ${tip.y}L${corner(4)}L${corner(-4)}Z`;
};
