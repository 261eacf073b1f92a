import { signal } from '@preact/signals';
import type { MachineNews } from '../data/machine-news.ts';
import { viewStopped } from './out-of-date.ts';
import { loadIndex } from './place.ts';

/** Why charts are older than their files, a line each. */
export const changeProblems = signal<readonly string[]>([]);

/** Shows new versions of machines as their files change; a server without files answers that there are none. */
export const followChanges = (): void => {
  const events = new EventSource('changes');
  let last: MachineNews | null = null;
  events.onmessage = ({ data }: MessageEvent<string>) => {
    const news = JSON.parse(data) as MachineNews;
    const isOld =
      last === null ? news.revision === 0 : news.run === last.run && news.revision === last.revision;
    last = news;
    changeProblems.value = news.problems;
    if (!isOld) void loadIndex(true);
  };
  events.onerror = () => {
    if (last !== null) changeProblems.value = [viewStopped];
  };
};
