import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployed } from '../store/metrics/deployed.ts';
import { freePorts } from './free-ports.ts';
import { until } from './use-cluster.ts';

/** What is not installed of what these tests need. */
export const missingPrometheus = ['prometheus', 'promtool'].filter(
  (program) => spawnSync(program, ['--version']).error !== undefined,
);

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
}

interface Rule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

/** `deploy/prometheus/prometheus.yml` for nodes at `targets`, scraped often. */
const configFor = (targets: readonly string[]): string => {
  let config = readFileSync(deployed('prometheus/prometheus.yml'), 'utf8');
  const replace = (from: string, to: string): void => {
    if (!config.includes(from)) throw new Error(`prometheus.yml says nothing of ${from}`);
    config = config.replace(from, to);
  };
  replace('scrape_interval: 5s', 'scrape_interval: 500ms\n  scrape_timeout: 500ms');
  replace('evaluation_interval: 5s', 'evaluation_interval: 500ms');
  replace('- alerts.yml', `- ${deployed('prometheus/alerts.yml')}`);
  for (const [at, target] of targets.entries()) replace(`127.0.0.1:${8001 + at}`, target);
  return config;
};

/** A real Prometheus on 127.0.0.1 that scrapes a cluster as `deploy/prometheus` has it. */
export class Prometheus {
  readonly #base: string;
  readonly #process: ChildProcess;

  private constructor(port: number, process: ChildProcess) {
    this.#base = `http://127.0.0.1:${port}`;
    this.#process = process;
  }

  /** Resolves once it is ready. `directory` is its own. */
  static async start(targets: readonly string[], directory: string): Promise<Prometheus> {
    const config = join(directory, 'prometheus.yml');
    writeFileSync(config, configFor(targets));
    const [port] = await freePorts(1);
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ];
    const child = spawn('prometheus', flags, { stdio: ['ignore', 'inherit', 'inherit'] });
    const prometheus = new Prometheus(port!, child);
    await until(async () => (await fetch(`${prometheus.#base}/-/ready`)).ok);
    return prometheus;
  }

  /** What an instant query finds. Rejects with what Prometheus has against it. */
  async query(query: string): Promise<readonly Series[]> {
    const { result } = await this.#ask<{
      readonly result: readonly {
        readonly metric: Record<string, string>;
        readonly value: readonly [number, string];
      }[];
    }>(`query?query=${encodeURIComponent(query)}`);
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  async rules(): Promise<readonly Rule[]> {
    const { groups } = await this.#ask<{
      readonly groups: readonly { readonly rules: readonly Rule[] }[];
    }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  /** Names of the alerts that fire, or will if it goes on like this. */
  async alerts(): Promise<readonly string[]> {
    const { alerts } = await this.#ask<{ readonly alerts: readonly Alert[] }>('alerts');
    return alerts.map(({ labels }) => labels.alertname!);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill('SIGTERM');
    await once(this.#process, 'exit');
  }

  async #ask<Data>(path: string): Promise<Data> {
    const response = await fetch(`${this.#base}/api/v1/${path}`);
    const answer = (await response.json()) as { readonly data: Data; readonly error?: string };
    if (!response.ok) throw new Error(`${decodeURIComponent(path)}: ${answer.error}`);
    return answer.data;
  }
}
