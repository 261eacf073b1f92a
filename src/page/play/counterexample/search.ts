import { signal } from '@preact/signals';
import type { FinderNews, FinderRequest } from '../../../simulate/counterexample/finder.ts';
import { type Crashed, startWorker } from '../engine-client.ts';

/** What a search says, in a line. */
export const searchWords = signal<string | null>(null);
/** Whether one is going on. */
export const isSearching = signal(false);

/** Ends the search that goes on, without a story; null: none does. */
let giveUp: (() => void) | null = null;
/** Another run of the same search tries others. */
let firstSeed = 1;

/** Looks for a counterexample, on a thread of its own. Resolves to its story; null: there is none, and the words say why. */
export const findStory = (broken: string | null): Promise<string | null> => {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const request = { type: 'find', broken, firstSeed } as const;
  firstSeed += 1_000;
  return asked(request, (news) => {
    if (news.type === 'progress') {
      const { runs, events, property, weight } = news;
      const what =
        property === null ? 'Nothing yet' : `${property} is violated; making it smaller (${weight} steps)`;
      return `${what}: ${runs} runs, ${thousands(events)} events, ${seconds()} s.`;
    }
    if (news.type === 'nothing') {
      return `Nothing was violated in ${news.runs} runs, ${thousands(news.events)} events, ${seconds()} s.`;
    }
    return null;
  });
};

/** The story of a failing plan or of a counterexample of the explorer. Resolves to null where it has none, and the words say why. */
export const storyOfFile = (text: string, broken: string | null): Promise<string | null> =>
  asked({ type: 'tell', text, broken }, (news) => (news.type === 'refused' ? news.why : null));

export const cancelSearch = (): void => {
  if (giveUp === null) return;
  giveUp();
  searchWords.value = 'Cancelled.';
};

const asked = (
  request: FinderRequest,
  words: (news: FinderNews) => string | null,
): Promise<string | null> => {
  giveUp?.();
  const worker = startWorker();
  isSearching.value = true;
  searchWords.value = null;
  return new Promise((resolve) => {
    const end = (story: string | null): void => {
      worker.terminate();
      giveUp = null;
      isSearching.value = false;
      resolve(story);
    };
    const fail = (message: string): void => {
      end(null);
      searchWords.value = `The search failed: ${message}`;
    };
    giveUp = () => end(null);
    worker.addEventListener('message', ({ data }: MessageEvent<FinderNews | Crashed>) => {
      if ('crashed' in data) return fail(data.crashed);
      searchWords.value = words(data);
      if (data.type !== 'progress') end(data.type === 'found' ? data.story : null);
    });
    worker.addEventListener('error', ({ message }) => fail(message || 'its worker does not start'));
    worker.postMessage(request);
  });
};

const thousands = (count: number): string => count.toLocaleString('en-US');
