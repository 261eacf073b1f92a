import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { metricTable } from '../../../src/store/metrics/metric-table.ts';
import { NodeMetrics } from '../../../src/store/metrics/node-metrics.ts';
import { alerts, dashboard, dashboardQueries, deployed } from './deployed.ts';

const document = readFileSync(join(packageRoot(), 'docs/metrics.md'), 'utf8');

/** The series that a node offers, and `up`, which Prometheus adds. */
const offered = async (): Promise<ReadonlySet<string>> => {
  const text = await new NodeMetrics({
    info: { id: 1, clusterId: 'a', version: '1', nodeVersion: '1' },
    usage: () => Promise.reject(new Error('none')),
  }).text({ connections: 0, waiting: 0 });
  const described = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => `${name}${end}`) : [name!],
  );
  return new Set([...described, 'up']);
};

const namesIn = (query: string): readonly string[] =>
  query.match(/\b(?:raft|process|nodejs)_\w+|\bup\b/g) ?? [];

describe('docs/metrics.md', () => {
  it('has each metric that there is, with its type, labels and help', () => {
    const rows = metricTable.map(
      ({ name, type, labels, help }) =>
        `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
    );
    const written = document.split('\n').filter((line) => line.startsWith('| `raft_'));
    expect(written).toEqual(rows);
  });

  it('has a section for each alert, and each alert names its own', () => {
    const sections = [...document.matchAll(/^### (Raft\w+)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(alerts().map(({ alert }) => alert));
    for (const { alert, runbook } of alerts())
      expect(runbook).toBe(`docs/metrics.md#${alert!.toLowerCase()}`);
  });
});

describe('deploy/prometheus/alerts.yml', () => {
  it('has alerts of what nodes offer, each with what to do', async () => {
    const names = await offered();
    expect(alerts().length).toBeGreaterThan(10);
    for (const { alert, expr, severity, summary, description } of alerts()) {
      expect(namesIn(expr!).length, alert).toBeGreaterThan(0);
      expect(
        namesIn(expr!).filter((name) => !names.has(name)),
        alert,
      ).toEqual([]);
      expect(severity).toMatch(/^(critical|warning|info)$/);
      expect(summary, alert).toMatch(/\.$/);
      expect(description, alert).toMatch(/\.$/);
    }
  });

  it('has its alerts tested: each fires in one case, and does not in another', () => {
    const tests = readFileSync(deployed('prometheus/alerts.test.yml'), 'utf8');
    const cases = [...tests.matchAll(/^ {2}- name: (.*)$/gm)].map(([, name]) => name);
    expect(cases).toEqual(alerts().flatMap(({ alert }) => [`${alert} fires`, `${alert} does not fire`]));
  });
});

describe('deploy/grafana/raftchart.json', () => {
  it('asks for what nodes offer', async () => {
    const names = await offered();
    for (const { at, query } of dashboardQueries()) {
      expect(namesIn(query).length, at).toBeGreaterThan(0);
      expect(
        namesIn(query).filter((name) => !names.has(name)),
        at,
      ).toEqual([]);
      expect(query, at).not.toContain('$');
    }
  });

  it('is a dashboard: known panels, each with its own id and place, asking the data source that is chosen', () => {
    const { panels, schemaVersion, templating, uid } = dashboard();
    expect(uid).toBe('raftchart');
    expect(schemaVersion).toBeGreaterThanOrEqual(38);
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance']);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Map<string, string>();
    for (const { type, title, gridPos, targets = [], datasource } of panels) {
      expect(['row', 'stat', 'timeseries', 'state-timeline', 'table']).toContain(type);
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.get(`${x},${y}`), `under ${title}`).toBeUndefined();
          taken.set(`${x},${y}`, title);
        }
      }
      if (type === 'row') continue;
      expect(datasource, title).toEqual({
        type: 'prometheus',
        uid: expect.stringMatching(/^\$\{datasource\}$/),
      });
      expect(targets.length, title).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });
});
