import { signal } from '@preact/signals';
import type { FinderNews, FinderRequest } from '../../../simulate/counterexample/finder.ts';
import { type Crashed, startWorker } from '../engine-client.ts';

/** What a search says, in a line. */
export const searchWords = signal<string | null>(null);
/** Whether one is going on. */
export const isSearching = signal(false);

let worker: Worker | null = null;
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

/** The story of a failing plan. Resolves to null where it has none, and the words say why. */
export const storyOfPlanFile = (text: string, broken: string | null): Promise<string | null> =>
  asked({ type: 'tell', text, broken }, (news) => (news.type === 'refused' ? news.why : null));

export const cancelSearch = (): void => {
  if (worker === null) return;
  end();
  searchWords.value = 'Cancelled.';
};

const end = (): void => {
  worker?.terminate();
  worker = null;
  isSearching.value = false;
};

const asked = (
  request: FinderRequest,
  words: (news: FinderNews) => string | null,
): Promise<string | null> => {
  end();
  const own = startWorker();
  worker = own;
  isSearching.value = true;
  searchWords.value = null;
  return new Promise((resolve) => {
    const fail = (message: string) => {
      end();
      searchWords.value = `the search failed: ${message}`;
      resolve(null);
    };
    own.addEventListener('message', ({ data }: MessageEvent<FinderNews | Crashed>) => {
      if ('crashed' in data) return fail(data.crashed);
      searchWords.value = words(data);
      if (data.type === 'progress') return;
      end();
      resolve(data.type === 'found' ? data.story : null);
    });
    own.addEventListener('error', ({ message }) => fail(message || 'its worker does not start'));
    own.postMessage(request);
  });
};

const thousands = (count: number): string => count.toLocaleString('en-US');
