import type { MachineNews } from '../../page/data/machine-news.ts';
import { startEvents } from './event-stream.ts';
import type { Route } from './serve-page.ts';

/** What has become of the machines of files since the page was first served. */
export class MachineChanges {
  #revision = 0;
  readonly #problems = new Map<string, string>();
  readonly #listeners = new Set<() => void>();

  get now(): Omit<MachineNews, 'run'> {
    return { revision: this.#revision, problems: [...this.#problems.values()] };
  }

  /** Calls `listener` after each change; returns what ends that. */
  follow(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The page has a new version of a chart. */
  replaced(chart: string): void {
    this.#revision += 1;
    this.#problems.delete(chart);
    this.#tell();
  }

  /** The new version of a chart does not load. */
  failed(chart: string, problem: string): void {
    this.#problems.set(chart, problem);
    this.#tell();
  }

  #tell(): void {
    for (const tell of this.#listeners) tell();
  }
}

/** Tells the page what holds now, and again after each change, as server-sent events. */
export const changesRoute =
  (changes: MachineChanges, run: string): Route =>
  (_, response) => {
    const tell = (): void => {
      const news: MachineNews = { run, ...changes.now };
      response.write(`data: ${JSON.stringify(news)}\n\n`);
    };
    startEvents(response);
    tell();
    response.once('close', changes.follow(tell));
  };
