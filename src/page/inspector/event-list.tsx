import { keyOf } from '../../statechart/inspect/inspected-system.ts';
import type { News } from '../../statechart/inspect/news.ts';
import { ownKeys } from '../own-keys.ts';
import { choose, step } from '../state/inspected.ts';
import { LogFilters } from './log-filters.tsx';
import { currentRow, moveStep, rows, sentenceOf, showRow, subjectOf } from './rows.ts';
import { Rows, useRowsInSight } from './rows-in-sight.tsx';

/** Everything that happened, newest last. */
export const EventList = () => (
  <div class="events">
    <LogFilters />
    <NewsList />
  </div>
);

const NewsList = () => {
  const all = rows.value;
  const current = currentRow.value;
  const { box, onScroll, first, end } = useRowsInSight(all.length, current, [
    current,
    step.value === null,
    all.length,
  ]);
  const onKey = ownKeys({
    ArrowDown: () => moveStep(1),
    ArrowUp: () => moveStep(-1),
    Home: () => showRow(0),
    End: () => showRow(all.length - 1),
    Enter: () => chooseOf(all[current]),
  });
  const isInSight = current >= first && current < end;
  return (
    <div
      ref={box}
      class="news-list"
      role="listbox"
      aria-label="Log, newest last"
      tabIndex={0}
      aria-activedescendant={isInSight ? `news-${all[current]?.number}` : undefined}
      onScroll={onScroll}
      onKeyDown={onKey}
    >
      {all.length === 0 && <p class="faint">Nothing matches the search and filters.</p>}
      <Rows count={all.length} first={first}>
        {all.slice(first, end).map((news, at) => (
          <NewsRow
            key={news.number}
            news={news}
            place={first + at}
            count={all.length}
            isCurrent={first + at === current}
            isLater={first + at > current}
          />
        ))}
      </Rows>
    </div>
  );
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
