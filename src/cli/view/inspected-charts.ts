import { createHash } from 'node:crypto';
import { chartOfDefinition } from '../../statechart/inspect/definition-chart.ts';
import type { ActorNews } from '../../statechart/inspect/news.ts';
import type { ChartModel } from '../../statechart/read/model.ts';
import type { NamedChart } from './chart-data.ts';
import type { ChartThread } from './chart-thread.ts';
import type { PageCharts } from './page-charts.ts';
import type { PageFile } from './page-files.ts';
import type { MadeFile } from './serve-page.ts';

/** Their scenes are kept in memory, as long as `raftchart view` runs. */
const maxCharts = 200;
const maxCharacters = 256 * 1024 * 1024;
const maxNameLength = 40;
/** How long the index waits for charts that are being drawn. */
const indexWaitMs = 3000;

type Answer = Pick<ActorNews, 'chart' | 'problem'>;

/** The charts of inspected actors: drawn when they are first seen, one for all actors of a machine, and added to the page. */
export class InspectedCharts implements MadeFile {
  readonly #page: PageCharts;
  readonly #thread: Pick<ChartThread, 'draw' | 'close'>;
  readonly #changed: (chart: string, problem: string | null) => void;
  /** By the hash of a definition. */
  readonly #answers = new Map<string, Answer>();
  /** By the hash of a chart: definitions may differ in contexts alone. */
  readonly #names = new Map<string, Answer>();
  readonly #taken = new Set<string>();
  /** By name, those that are being drawn. */
  readonly #pending = new Map<string, Promise<void>>();
  /** Of all that was drawn. */
  #characters = 0;
  /** Those that were not in the index when it was last asked for. */
  readonly #missed = new Set<string>();

  /** `changed` is told of a chart that was named and then could not be drawn, or came later than the index that was to have it. */
  constructor(
    page: PageCharts,
    thread: Pick<ChartThread, 'draw' | 'close'>,
    changed: (chart: string, problem: string | null) => void,
  ) {
    this.#page = page;
    this.#thread = thread;
    this.#changed = changed;
  }

  /** The name of the chart of this definition, which a program sends: in the page's index once that is asked for. */
  chartOf(definition: string, program: number): Answer {
    const hash = hashOf(definition);
    const known = this.#answers.get(hash);
    if (known !== undefined) return known;
    const chart = chartOfDefinition(definition);
    const answer =
      'problem' in chart ? { chart: null, problem: chart.problem } : this.#nameOf(chart, program);
    if (this.#answers.size < maxCharts * 10) this.#answers.set(hash, answer);
    return answer;
  }

  progress(): null {
    return null;
  }

  /** The page's index, with the charts that have been named, as far as they are drawn soon. */
  async file(): Promise<PageFile> {
    const drawn = Promise.all(this.#pending.values());
    await Promise.race([drawn, new Promise((resolve) => setTimeout(resolve, indexWaitMs).unref())]);
    for (const name of this.#pending.keys()) this.#missed.add(name);
    return this.#page.files.get('/data/charts.json')!;
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  #nameOf(chart: ChartModel, program: number): Answer {
    const hash = hashOf(JSON.stringify(chart));
    const known = this.#names.get(hash);
    if (known !== undefined) return known;
    if (this.#names.size >= maxCharts)
      return { chart: null, problem: `there are ${maxCharts} charts already: start raftchart view again` };
    const name = this.#freeName(chart.id);
    const answer = { chart: name, problem: null };
    this.#taken.add(name);
    this.#names.set(hash, answer);
    this.#pending.set(
      name,
      this.#draw({ name, title: chart.id, path: '', chart, paths: null }, hash, program),
    );
    return answer;
  }

  async #draw(named: NamedChart, hash: string, program: number): Promise<void> {
    const { name } = named;
    try {
      const data = await this.#thread.draw(named, program);
      const size = data.files.reduce((sum, { content }) => sum + content.length, 0);
      if (this.#characters + size > maxCharacters)
        throw new Error('the pictures take too much memory: start raftchart view again');
      this.#characters += size;
      this.#page.put(data);
      if (this.#missed.delete(name)) this.#changed(name, null);
    } catch (error) {
      const { message: problem } = error as Error;
      this.#names.set(hash, { chart: null, problem });
      for (const [definition, answer] of this.#answers)
        if (answer.chart === name) this.#answers.set(definition, { chart: null, problem });
      this.#changed(name, problem);
    } finally {
      this.#pending.delete(name);
    }
  }

  #freeName(id: string): string {
    // XState calls a machine without an id `(machine)`.
    const plain =
      id
        .replaceAll(/[^\w.-]+/g, '-')
        .replaceAll(/^-|-$/g, '')
        .slice(0, maxNameLength) || 'machine';
    let name = plain;
    for (let count = 2; this.#taken.has(name) || this.#page.has(name); count += 1) name = `${plain}-${count}`;
    return name;
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');
