import type { PageChart, PageIndex } from '../../page/data/page-data.ts';
import type { ChartData } from './chart-data.ts';
import { lazyPageFile, type PageFile, pageFile } from './page-files.ts';

const indexPath = '/data/charts.json';

/** The files of a page while it is served: those that were built, and those of charts that are added meanwhile. */
export class PageCharts {
  /** By path, as `servePage` takes them. */
  readonly files: ReadonlyMap<string, PageFile>;
  readonly #files: Map<string, PageFile>;
  readonly #charts = new Map<string, PageChart>();
  /** The paths that each added chart has. */
  readonly #paths = new Map<string, readonly string[]>();

  /** `built`: of `readPageFiles`; of its own charts only those called `names` are shown, where these are given. */
  constructor(built: ReadonlyMap<string, PageFile>, names?: readonly string[]) {
    this.#files = new Map(built);
    this.files = this.#files;
    const index = built.get(indexPath);
    if (index !== undefined) {
      const { charts } = JSON.parse(index.plain.toString()) as PageIndex;
      for (const chart of charts)
        if (names?.includes(chart.name) ?? true) this.#charts.set(chart.name, chart);
    }
    this.#renewIndex();
  }

  has(name: string): boolean {
    return this.#charts.has(name);
  }

  /** Adds a chart, after those that are there; one of the same name is replaced in its place. */
  put({ chart, files }: ChartData): void {
    for (const path of this.#paths.get(chart.name) ?? []) this.#files.delete(path);
    this.#paths.set(
      chart.name,
      files.map(({ path }) => `/${path}`),
    );
    for (const { path, content } of files) this.#files.set(`/${path}`, pageFile(path, Buffer.from(content)));
    this.#charts.set(chart.name, chart);
    this.#renewIndex();
  }

  /** Many charts may come before anybody asks. */
  #renewIndex(): void {
    const text = (): string => JSON.stringify({ charts: [...this.#charts.values()] } satisfies PageIndex);
    this.#files.set(
      indexPath,
      lazyPageFile(indexPath, () => Buffer.from(text())),
    );
  }
}
