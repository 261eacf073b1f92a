import { render } from 'preact';
import { textWidth } from '../../../statechart/draw/text-metrics.ts';
import { signs } from '../legend.tsx';
import { layoutOf } from '../ring/geometry.ts';
import { Painter } from '../ring/painter.ts';
import { Scenery } from '../ring/ring.tsx';
import { labelOf } from '../ring/ring-node.tsx';
import { frame, head, isStepwise, story } from '../session.ts';
import { timeText } from '../time/playhead.ts';
import { stillSvg } from './still-svg.ts';

const [width, height, top, bottom] = [960, 640, 44, 36] as const;

/** What the ring shows now as an SVG file: drawn by the same code, at a size of its own, with a title above and the signs below. */
export const momentSvg = (): string => {
  const host = document.createElement('div');
  host.className = 'ring still';
  document.body.append(host);
  try {
    const { nodes } = frame.value;
    const layout = layoutOf(width, height, nodes.length);
    const title = [story.value?.title, momentText()].filter(Boolean).join(', ');
    render(
      <svg viewBox={`0 0 ${width} ${top + height + bottom}`} role="img" aria-label={title}>
        <rect class="ground" width={width} height={top + height + bottom} />
        <text class="heading" x={20} y={29}>
          {title}
        </text>
        <g transform={`translate(0 ${top})`}>
          <Scenery layout={layout} />
          <g class="flights" />
        </g>
        <Signs />
      </svg>,
      host,
    );
    const svg = host.querySelector('svg')!;
    const painter = new Painter(svg, svg.querySelector<SVGGElement>('.flights')!, layout);
    painter.paint(frame.value, head.value.us, isStepwise.value, null);
    return stillSvg(svg, { title, description: descriptionOf(), width, height: top + height + bottom });
  } finally {
    render(null, host);
    host.remove();
  }
};

const momentText = (): string =>
  isStepwise.value ? `step ${head.value.index}` : `at ${timeText(head.value.us)}`;

const descriptionOf = (): string => {
  const { nodes, flights, cuts, violation } = frame.value;
  return [
    ...nodes.map(labelOf),
    ...flights.map(({ message: { type, from, to } }) => `${type} under way from node${from} to node${to}`),
    ...cuts.map(([from, to]) => `the link from node${from} to node${to} is cut`),
    ...(violation === null ? [] : [violation.message]),
  ]
    .map((each) => `${each}.`)
    .join(' ');
};

const [signWidth, textSize] = [18, 12] as const;

const Signs = () => {
  const widths = signs.map(({ name }) => signWidth + 4 + textWidth(name, 'prose', textSize) + 16);
  let x = (width - widths.reduce((sum, each) => sum + each, 0)) / 2;
  return (
    <g class="signs">
      {signs.map(({ name, picture }, at) => {
        const left = x;
        x += widths[at]!;
        return (
          <g key={name} transform={`translate(${left + signWidth / 2} ${top + height + bottom / 2 - 4})`}>
            <g transform="scale(0.75)">{picture}</g>
            <text class="sign-name" x={signWidth / 2 + 2} y={4}>
              {name}
            </text>
          </g>
        );
      })}
    </g>
  );
};
