import { computed, signal } from '@preact/signals';
import { keyOf } from '../../statechart/inspect/inspected-system.ts';
import type { News } from '../../statechart/inspect/news.ts';
import { allNews, chosenKey, nameOf, position, showPosition, step } from '../state/inspected.ts';
import { snapshotText } from './snapshot-text.ts';

/** The log: what happened, without what its search and its filters leave out. */
export const search = signal('');
export const isOfChosenOnly = signal(false);
export type Kind = News['kind'];
export const kinds = ['event', 'snapshot', 'actor', 'program'] as const;
export const shownKinds = signal<ReadonlySet<Kind>>(new Set(kinds));

export const rows = computed<readonly News[]>(() => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const [chosen, ofKind] = [isOfChosenOnly.value ? chosenKey.value : null, shownKinds.value];
  if (words.length === 0 && chosen === null && ofKind.size === kinds.length) return allNews.value;
  return allNews.value.filter((news) => {
    if (!ofKind.has(news.kind)) return false;
    if (chosen !== null && !isAbout(news, chosen)) return false;
    return words.length === 0 || words.every((word) => textOf(news).includes(word));
  });
});

const isAbout = (news: News, key: string): boolean =>
  news.kind !== 'program' &&
  (keyOf(news) === key ||
    (news.kind === 'event' &&
      news.source !== null &&
      keyOf({ program: news.program, actor: news.source }) === key));

/** The text to search; made once for each piece of news. */
const texts = new WeakMap<News, string>();

const textOf = (news: News): string => {
  const known = texts.get(news);
  if (known !== undefined) return known;
  const names = news.kind === 'program' ? news.name : nameOf(keyOf(news));
  const text = `${names} ${sentenceOf(news)} ${payloadOf(news)}`.toLowerCase();
  texts.set(news, text);
  return text;
};

const payloadOf = (news: News): string => {
  switch (news.kind) {
    case 'event':
      return JSON.stringify(news.event);
    case 'snapshot':
      return JSON.stringify([news.event, news.snapshot]);
    case 'actor':
      return JSON.stringify(news.snapshot);
    case 'program':
      return '';
  }
};

/** What a piece of news says, without who it is about. */
export const sentenceOf = (news: News): string => {
  switch (news.kind) {
    case 'event':
      return news.event.type;
    case 'snapshot':
      return snapshotText(news.snapshot);
    case 'actor':
      return `started ${snapshotText(news.snapshot)}`.trimEnd();
    case 'program':
      return news.isConnected ? 'connected' : 'disconnected';
  }
};

/** Whom a piece of news is about, in words. */
export const subjectOf = (news: News): string => {
  if (news.kind === 'program') return news.name;
  const name = nameOf(keyOf(news));
  return news.kind === 'event' ? `${senderOf(news)} → ${name}` : name;
};

const senderOf = ({ program, source }: Extract<News, { readonly kind: 'event' }>): string =>
  source === null ? 'outside' : nameOf(keyOf({ program, actor: source }));

/** The place in `rows` of what is shown last. */
export const currentRow = computed(() => {
  const shown = rows.value;
  if (step.value === null) return shown.length - 1;
  let [low, high] = [0, shown.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shown[middle]!.number <= step.value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
});

export const showRow = (at: number): void => {
  const all = rows.peek();
  const news = all[Math.max(0, Math.min(at, all.length - 1))];
  if (news !== undefined) step.value = news.number;
};

/** Rows back or forth, from whatever is shown. */
export const moveRow = (by: number): void => showRow(currentRow.peek() + by);

/** One step back or forth among the rows that are listed. */
export const moveStep = (by: number): void => {
  // Between two rows, backwards leads to the one before.
  const here = currentRow.peek();
  const isOnRow = step.peek() === null || rows.peek()[here]?.number === step.peek();
  if (rows.peek().length === 0) showPosition(position.peek() + by);
  else showRow(isOnRow || by > 0 ? here + by : here);
};
