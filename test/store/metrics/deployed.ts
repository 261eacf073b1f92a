import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';

/** Where a file of `deploy/` is. */
export const deployed = (path: string): string => join(packageRoot(), 'deploy', path);

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: unknown;
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
  }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

export const dashboard = (): Dashboard =>
  JSON.parse(readFileSync(deployed('grafana/raftchart.json'), 'utf8')) as Dashboard;

/** Its queries as Grafana sends them, of all nodes of the job `raftchart`, with where each stands. */
export const dashboardQueries = (): readonly { readonly at: string; readonly query: string }[] => {
  const { panels, annotations } = dashboard();
  const shown = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ at: `${title}: ${legendFormat}`, query: asSent(expr) })),
  );
  return [...shown, ...annotations.list.map(({ expr }) => ({ at: 'annotation', query: asSent(expr) }))];
};

const asSent = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '15s').replaceAll('$job', 'raftchart').replaceAll('$instance', '.*');

/** The alerts, as `alerts.yml` has them: each key on a line of its own. */
export const alerts = (): readonly Readonly<Record<string, string>>[] =>
  readFileSync(deployed('prometheus/alerts.yml'), 'utf8')
    .split(/^ {6}- /m)
    .slice(1)
    .map((text) =>
      Object.fromEntries(
        [...text.matchAll(/^ *(\w+): (.+)$/gm)].map(([, key, value]) => [
          key!,
          value!.replace(/^'(.*)'$/, '$1'),
        ]),
      ),
    );
