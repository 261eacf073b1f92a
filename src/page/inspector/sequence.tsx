import { useEffect, useRef } from 'preact/hooks';
import { keyOf } from '../../statechart/inspect/inspected-system.ts';
import type { News } from '../../statechart/inspect/news.ts';
import { allNews, chosenKey, nameOf, position, showPosition, step } from '../state/inspected.ts';
import { sentenceOf, subjectOf } from './rows.ts';
import { stateText } from './state-text.ts';

/** So many lines are drawn, around the step that is shown. */
const maxLines = 40;
const outside = 'outside';
const [laneWidth, lineHeight, headHeight, edge] = [130, 30, 40, 16];

interface Line {
  readonly news: News;
  /** Its place among all news. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly isMessage: boolean;
}

/** Who sent what to whom around the step that is shown, and the states that came of it. */
export const Sequence = () => {
  const box = useRef<HTMLDivElement>(null);
  const lines = linesAround(allNews.value, position.value);
  const lanes = [...new Set(lines.flatMap(({ from, to }) => [from, to]))].toSorted(
    (a, b) => Number(b === outside) - Number(a === outside),
  );
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
  const onKey = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const next = lines[current + by];
    if (by === 0) return;
    if (next !== undefined) showPosition(next.at);
    event.preventDefault();
    event.stopPropagation();
  };
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
              {cut(laneName(key), 15)}
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

/** Events as arrows; snapshots only where the state is another than before. */
const linesAround = (all: readonly News[], at: number): readonly Line[] => {
  const before: Line[] = [];
  const after: Line[] = [];
  const isLive = step.value === null;
  for (let place = at; place >= 0 && before.length < (isLive ? maxLines : maxLines / 2); place -= 1) {
    const line = lineOf(all, place);
    if (line !== null) before.unshift(line);
  }
  for (let place = at + 1; place < all.length && before.length + after.length < maxLines; place += 1) {
    const line = lineOf(all, place);
    if (line !== null) after.push(line);
  }
  return [...before, ...after];
};

const lineOf = (all: readonly News[], at: number): Line | null => {
  const news = all[at]!;
  if (news.kind === 'event') {
    const { program, source, event } = news;
    const from = source === null ? outside : keyOf({ program, actor: source });
    return { news, at, from, to: keyOf(news), text: event.type, isMessage: true };
  }
  if (news.kind !== 'snapshot') return null;
  const { value, status = 'active' } = news.snapshot;
  const text = [stateText(value), status === 'active' ? '' : status].filter(Boolean).join(' ');
  const key = keyOf(news);
  return text === '' || text === textBefore(all, at, key)
    ? null
    : { news, at, from: key, to: key, text, isMessage: false };
};

/** How far back the state before is looked for; beyond it, a state is shown although it may be the same. */
const reach = 500;

const textBefore = (all: readonly News[], at: number, key: string): string | null => {
  for (let place = at - 1; place >= Math.max(0, at - reach); place -= 1) {
    const news = all[place]!;
    if ((news.kind === 'snapshot' || news.kind === 'actor') && keyOf(news) === key) {
      const { value, status = 'active' } = news.snapshot;
      return [stateText(value), status === 'active' ? '' : status].filter(Boolean).join(' ');
    }
  }
  return null;
};

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

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
  const isSelf = from === to;
  const way = to > from ? 1 : -1;
  const tip = isSelf ? from + 3 : to - way * 3;
  const path = isSelf ? `M${from} ${y - 2}h24v11H${tip + 6}` : `M${from} ${y + 8}H${tip - way * 6}`;
  const head = isSelf ? `M${tip} ${y + 9}l7 -4v8Z` : `M${tip} ${y + 8}l${-way * 7} -4v8Z`;
  const span = isSelf ? laneWidth : Math.abs(to - from);
  const middle = isSelf ? from + 30 : (from + to) / 2;
  return (
    <>
      <path class="shaft" d={path} />
      <path class="head" d={head} />
      <text x={middle} y={isSelf ? y + 6 : y + 2} text-anchor={isSelf ? 'start' : 'middle'}>
        <title>{line.text}</title>
        {cut(line.text, Math.floor((span - 12) / 7))}
      </text>
    </>
  );
};

const State = ({ line, x, y }: { readonly line: Line; readonly x: number; readonly y: number }) => {
  const text = cut(line.text, 16);
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
