import type { PageChart, PageIndex } from '../../page/data/page-data.ts';
import type { ChartData } from './chart-data.ts';
import { type PageFile, pageFile } from './page-files.ts';

const indexPath = '/data/charts.json';

/** The files of a page while it is served: those that were built, and those of charts that are added meanwhile. */
export class PageCharts {
  /** By path, as `servePage` takes them. */
  readonly files: ReadonlyMap<string, PageFile>;
  readonly #files: Map<string, PageFile>;
  readonly #charts = new Map<string, PageChart>();
  /** The paths that each added chart has. */
  readonly #paths = new Map<string, readonly string[]>();

  /** `built`: of `readPageFiles`. Its own charts are shown unless `own` is false. */
  constructor(built: ReadonlyMap<string, PageFile>, { own = true }: { readonly own?: boolean } = {}) {
    this.#files = new Map([...built].filter(([path]) => own || !path.startsWith('/data/')));
    this.files = this.#files;
    const index = own ? built.get(indexPath) : undefined;
    if (index !== undefined) {
      const { charts } = JSON.parse(index.plain.toString()) as PageIndex;
      for (const chart of charts) this.#charts.set(chart.name, chart);
    }
    this.#writeIndex();
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
    this.#writeIndex();
  }

  #writeIndex(): void {
    const index: PageIndex = { charts: [...this.#charts.values()] };
    this.#files.set(indexPath, pageFile(indexPath, Buffer.from(JSON.stringify(index))));
  }
}
