import { useEffect, useRef } from 'preact/hooks';
import { ownKeys } from '../own-keys.ts';
import { shortened } from '../shortened.ts';
import { allNews, chosenKey, nameOf, position, showPosition, step } from '../state/inspected.ts';
import { sentenceOf, subjectOf } from './rows.ts';
import {
  arrowShape,
  edge,
  headHeight,
  type Line,
  lanesOf,
  laneWidth,
  lineHeight,
  linesAround,
  outside,
} from './sequence-layout.ts';

/** So many lines are drawn, around the step that is shown. */
const maxLines = 40;

/** Who sent what to whom around the step that is shown, and the states that came of it. */
export const Sequence = () => {
  const box = useRef<HTMLDivElement>(null);
  const lines = linesAround(allNews.value, position.value, { most: maxLines, isLive: step.value === null });
  const lanes = lanesOf(lines);
  const current = lines.findLastIndex(({ at }) => at <= position.value);
  useEffect(() => {
    const { current: element } = box;
    if (element === null) return;
    const y = headHeight + current * lineHeight;
    if (y < element.scrollTop + headHeight || y + lineHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = Math.max(0, y - element.clientHeight / 2);
  });
  if (lines.length === 0) return <p class="faint nothing">No events yet.</p>;
  const width = lanes.length * laneWidth;
  const height = lines.length * lineHeight + edge;
  const laneOf = (key: string): number => (lanes.indexOf(key) + 0.5) * laneWidth;
  const showLine = (line: Line | undefined): void => {
    if (line !== undefined) showPosition(line.at);
  };
  const onKey = ownKeys({
    ArrowDown: () => showLine(lines[current + 1]),
    ArrowUp: () => showLine(lines[current - 1]),
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a large diagram is scrolled with the keyboard.
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms.
    <div ref={box} class="sequence" tabIndex={0} role="group" aria-label="Sequence diagram" onKeyDown={onKey}>
      <svg class="heads" width={width} height={headHeight} aria-hidden="true">
        {lanes.map((key) => (
          <g key={key} class={`lane ${key === chosenKey.value ? 'is-chosen' : ''}`}>
            <rect x={laneOf(key) - laneWidth / 2 + 6} y={6} width={laneWidth - 12} height={24} rx={5} />
            <text x={laneOf(key)} y={22} text-anchor="middle">
              <title>{laneName(key)}</title>
              {shortened(laneName(key), 15)}
            </text>
          </g>
        ))}
      </svg>
      <svg width={width} height={height} role="img" aria-label={altText(lines, lanes)}>
        {lanes.map((key) => (
          <g key={key} class="lane">
            <line x1={laneOf(key)} x2={laneOf(key)} y1={0} y2={height} />
          </g>
        ))}
        {lines.map((line, place) => (
          <Mark
            key={line.news.number}
            line={line}
            from={laneOf(line.from)}
            to={laneOf(line.to)}
            y={(place + 0.5) * lineHeight}
            width={width}
            isCurrent={place === current}
            isLater={place > current}
          />
        ))}
      </svg>
    </div>
  );
};

const laneName = (key: string): string => (key === outside ? outside : nameOf(key));

const altText = (lines: readonly Line[], lanes: readonly string[]): string =>
  `Between ${lanes.map(laneName).join(', ')}: ${lines
    .slice(-12)
    .map(({ news }) => `${subjectOf(news)}: ${sentenceOf(news)}`)
    .join('; ')}`;

const Mark = ({
  line,
  from,
  to,
  y,
  width,
  isCurrent,
  isLater,
}: {
  readonly line: Line;
  readonly from: number;
  readonly to: number;
  readonly y: number;
  readonly width: number;
  readonly isCurrent: boolean;
  readonly isLater: boolean;
}) => (
  // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the mouse; the keys are those of the diagram.
  <g
    class={`${line.isMessage ? 'message' : 'reached'} ${isCurrent ? 'is-current' : ''} ${isLater ? 'is-later' : ''}`}
    data-number={line.news.number}
    onClick={() => showPosition(line.at)}
  >
    <rect class="ground" x={0} y={y - lineHeight / 2} width={width} height={lineHeight} />
    {line.isMessage ? <Arrow line={line} from={from} to={to} y={y} /> : <State line={line} x={to} y={y} />}
  </g>
);

const Arrow = ({
  line,
  from,
  to,
  y,
}: {
  readonly line: Line;
  readonly from: number;
  readonly to: number;
  readonly y: number;
}) => {
  const { shaft, head, text, letters } = arrowShape(from, to, y);
  return (
    <>
      <path class="shaft" d={shaft} />
      <path class="head" d={head} />
      <text x={text.x} y={text.y} text-anchor={text.anchor}>
        <title>{line.text}</title>
        {shortened(line.text, letters)}
      </text>
    </>
  );
};

const State = ({ line, x, y }: { readonly line: Line; readonly x: number; readonly y: number }) => {
  const text = shortened(line.text, 16);
  const wide = text.length * 6.6 + 14;
  return (
    <>
      <rect class="pill" x={x - wide / 2} y={y - 9} width={wide} height={20} rx={10} />
      <text x={x} y={y + 5} text-anchor="middle">
        <title>{line.text}</title>
        {text}
      </text>
    </>
  );
};
