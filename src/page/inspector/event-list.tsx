import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { keyOf } from '../../statechart/inspect/inspected-system.ts';
import type { News } from '../../statechart/inspect/news.ts';
import { choose, chosen, step } from '../state/inspected.ts';
import {
  currentRow,
  isOfChosenOnly,
  kinds,
  moveStep,
  rows,
  search,
  sentenceOf,
  shownKinds,
  showRow,
  subjectOf,
} from './rows.ts';

const rowHeight = 26;
/** Rows drawn beyond those in sight, so that scrolling shows no gaps. */
const spare = 8;

/** Which part of the list is in sight, in pixels. */
const seen = signal({ top: 0, height: 400 });

const words = { event: 'events', snapshot: 'states', actor: 'actors', program: 'programs' } as const;

/** Everything that happened, newest last. Only rows in sight are in the document. */
export const EventList = () => (
  <div class="events">
    <div class="filters">
      <input
        type="search"
        placeholder="Search event types, actors, payloads"
        aria-label="Search the log"
        spellcheck={false}
        value={search}
        onInput={(event) => {
          search.value = event.currentTarget.value;
        }}
      />
      {kinds.map((kind) => (
        <label key={kind}>
          <input
            type="checkbox"
            checked={shownKinds.value.has(kind)}
            onChange={() => {
              const next = new Set(shownKinds.value);
              if (!next.delete(kind)) next.add(kind);
              shownKinds.value = next;
            }}
          />
          {words[kind]}
        </label>
      ))}
      <label class="of-chosen">
        <input
          type="checkbox"
          checked={isOfChosenOnly.value}
          onChange={(event) => {
            isOfChosenOnly.value = event.currentTarget.checked;
          }}
        />
        only {chosen.value?.name ?? 'the selected actor'}
      </label>
      <span class="count">{rows.value.length}</span>
    </div>
    <Rows />
  </div>
);

const Rows = () => {
  const box = useRef<HTMLDivElement>(null);
  const all = rows.value;
  const current = currentRow.value;
  useEffect(() => {
    const element = box.current!;
    const observer = new ResizeObserver(() =>
      bringIntoSight(element, currentRow.peek(), step.peek() === null),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const isLive = step.value === null;
  useEffect(() => bringIntoSight(box.current!, current, isLive), [current, isLive, all.length]);
  const { top, height } = seen.value;
  const first = Math.max(0, Math.floor(top / rowHeight) - spare);
  const shown = all.slice(first, first + Math.ceil(height / rowHeight) + 2 * spare);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') moveStep(1);
    else if (event.key === 'ArrowUp') moveStep(-1);
    else if (event.key === 'Home') showRow(0);
    else if (event.key === 'End') showRow(all.length - 1);
    else if (event.key === 'Enter') chooseOf(all[current]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const isInSight = current >= first && current < first + shown.length;
  return (
    <div
      ref={box}
      class="news-list"
      role="listbox"
      aria-label="Log, newest last"
      tabIndex={0}
      aria-activedescendant={isInSight ? `news-${all[current]?.number}` : undefined}
      onScroll={(event) => look(event.currentTarget)}
      onKeyDown={onKey}
    >
      {all.length === 0 && <p class="faint">Nothing matches the search and filters.</p>}
      <Room height={all.length * rowHeight}>
        <Room height={first * rowHeight} />
        {shown.map((news, at) => (
          <NewsRow
            key={news.number}
            news={news}
            place={first + at}
            count={all.length}
            isCurrent={first + at === current}
            isLater={first + at > current}
          />
        ))}
      </Room>
    </div>
  );
};

/** A box of this height. The page's policy forbids inline styles in HTML; Preact sets them by script. */
const Room = ({
  height,
  children,
}: {
  readonly height: number;
  readonly children?: preact.ComponentChildren;
}) => (
  <div role="presentation" style={{ height: `${height}px` }}>
    {children}
  </div>
);

const look = (element: HTMLElement): void => {
  const { scrollTop, clientHeight } = element;
  if (seen.peek().top !== scrollTop || seen.peek().height !== clientHeight)
    seen.value = { top: scrollTop, height: clientHeight };
};

const bringIntoSight = (element: HTMLElement, row: number, isLive: boolean): void => {
  const { scrollTop, clientHeight } = element;
  const [above, below] = [row * rowHeight, (row + 1) * rowHeight];
  if (isLive) element.scrollTop = below;
  else if (above < scrollTop) element.scrollTop = above;
  else if (below > scrollTop + clientHeight) element.scrollTop = below - clientHeight;
  look(element);
};

const chooseOf = (news: News | undefined): void => {
  if (news !== undefined && news.kind !== 'program') choose(keyOf(news));
};

const NewsRow = ({
  news,
  place,
  count,
  isCurrent,
  isLater,
}: {
  readonly news: News;
  readonly place: number;
  readonly count: number;
  readonly isCurrent: boolean;
  readonly isLater: boolean;
}) => (
  // biome-ignore lint/a11y/useKeyWithClickEvents: the keys belong to the list.
  <div
    id={`news-${news.number}`}
    class={`news is-${news.kind} ${isLater ? 'is-later' : ''}`}
    role="option"
    tabIndex={-1}
    aria-selected={isCurrent}
    aria-posinset={place + 1}
    aria-setsize={count}
    onClick={() => {
      showRow(place);
      chooseOf(news);
    }}
  >
    <span class="time">{timeOf(news.atMs)}</span>
    <span class="kind">{signs[news.kind]}</span>
    <span class="subject">{subjectOf(news)}</span>
    <code class="sentence-of">{sentenceOf(news)}</code>
  </div>
);

const signs = { event: 'event', snapshot: 'state', actor: 'actor', program: 'program' } as const;

/** `14:03:07.120` */
const timeOf = (atMs: number): string => {
  const time = new Date(atMs);
  const two = (value: number) => `${value}`.padStart(2, '0');
  const ms = `${time.getMilliseconds()}`.padStart(3, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${ms}`;
};
