import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricTable } from '../../src/store/metrics/metric-table.ts';
import { GrpcClient } from '../store/etcd/grpc-client.ts';
import { alerts, dashboardQueries, deployed } from '../store/metrics/deployed.ts';
import { seriesIn } from '../store/metrics/exposition.ts';
import { freePorts } from './free-ports.ts';
import { KvHttpClient } from './kv-http-client.ts';
import { ProcessCluster } from './process-cluster.ts';
import { missingPrometheus, Prometheus } from './prometheus.ts';
import { until } from './use-cluster.ts';

if (missingPrometheus.length > 0) {
  console.warn('metrics are not tested with a Prometheus here; it takes: apt-get install prometheus');
}

const promtool = (args: readonly string[], input = ''): { code: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
};

describe.skipIf(missingPrometheus.length > 0)('promtool, about what is deployed,', () => {
  it.each([
    ['check', 'config', 'prometheus.yml'],
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ])('has nothing against: %s %s %s', (action, what, file) => {
    const { code, output } = promtool([action, what, deployed(`prometheus/${file}`)]);
    expect(output).not.toMatch(/FAILED|error|warn/i);
    expect(code, output).toBe(0);
  });
});

/** What there is nothing to tell of in a cluster of three that is well and small. */
const mayBeEmpty = [
  'Requests that are not answered with 2xx: {{operation}} {{code}}',
  'Calls that do not end with OK: {{method}} {{code}}',
  'Snapshot sent to a peer: node {{peer}}',
  'annotation',
];

describe.skipIf(missingPrometheus.length > 0)(
  'a Prometheus that scrapes a cluster of three processes',
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'raftchart-prometheus-'));
    const client = new KvHttpClient(4);
    let cluster: ProcessCluster;
    let etcdClients: readonly GrpcClient[] = [];
    let prometheus: Prometheus;
    let isLoaded = true;
    let load: Promise<void>;

    /** Keeps writing and reading, so that there are rates and latencies to be seen. */
    const keepBusy = async (): Promise<void> => {
      for (let at = 0; isLoaded; at++) {
        for (const endpoint of cluster.endpoints) {
          await client.send('PUT', endpoint, `/v1/kv/key${at % 10}`, 'value').catch(() => null);
          await client.send('GET', endpoint, `/v1/kv/key${at % 10}`, '').catch(() => null);
        }
        for (const etcd of etcdClients)
          await etcd.kv('Put', { key: Buffer.from('key'), value: Buffer.from('1') });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };

    beforeAll(async () => {
      const ports = await freePorts(3);
      cluster = await ProcessCluster.start({
        size: 3,
        flagsOf: (id) => ['--listen-etcd', `127.0.0.1:${ports[id - 1]}`],
        dataDir: directory,
        flags: ['--log-level', 'warn', '--snapshot-entries', '50', '--trailing-entries', '20'],
      });
      etcdClients = ports.map((port) => new GrpcClient(`127.0.0.1:${port}`));
      for (const etcd of etcdClients) {
        const watch = etcd.watch();
        watch.send({ create_request: { key: Buffer.from('key') } });
        await watch.next();
      }
      prometheus = await Prometheus.start(cluster.endpoints, directory);
      load = keepBusy();
    });
    afterAll(async () => {
      isLoaded = false;
      await load;
      client.close();
      for (const etcd of etcdClients) etcd.close();
      await prometheus?.stop();
      await cluster?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    const instanceOf = (id: number): string => cluster.endpoints[id - 1]!;
    /** Waits until `query` finds what `isSo` says. */
    const finds = (query: string, isSo: (value: number) => boolean): Promise<void> =>
      until(async () => {
        const found = await prometheus.query(query);
        return found.length === 1 && isSo(found[0]!.value);
      });

    it('reaches every node', () => finds('sum(up)', (up) => up === 3));

    it('finds nothing to lint in what a node answers, and every series once', async () => {
      const response = await fetch(`http://${instanceOf(1)}/metrics`);
      expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      const text = await response.text();
      expect(promtool(['check', 'metrics'], text)).toEqual({ code: 0, output: '' });
      expect(seriesIn(text).size).toBeGreaterThan(300);
    });

    it('has every metric of the table, from some node', async () => {
      const missing = metricTable.filter(({ name }) => name !== 'raft_peer_snapshot_sent_bytes');
      for (const { name, type } of missing) {
        const series = type === 'histogram' ? `${name}_bucket` : name;
        await until(async () => (await prometheus.query(series)).length > 0);
      }
    });

    it('answers each query of the dashboard', async () => {
      const queries = dashboardQueries();
      expect(queries.length).toBeGreaterThan(50);
      for (const { at, query } of queries) {
        if (mayBeEmpty.includes(at)) await prometheus.query(query);
        else await until(async () => (await prometheus.query(query)).length > 0);
      }
    });

    it('evaluates each alert without an error, and none of them concerns this cluster', async () => {
      const evaluated = async () => {
        const rules = await prometheus.rules();
        expect(rules.map(({ name }) => name)).toEqual(alerts().map(({ alert }) => alert));
        return rules.every(({ health }) => health !== 'unknown');
      };
      await until(evaluated);
      for (const { name, health, lastError } of await prometheus.rules()) {
        expect({ name, health, lastError: lastError ?? '' }).toEqual({ name, health: 'ok', lastError: '' });
      }
      // The machine that this runs on may be slow, busy and full.
      const ofTheMachine = /^Raft(EventLoopLate|FsyncSlow|WritesSlow|DiskNearlyFull|LeaderChangesOften)$/;
      await until(async () => (await prometheus.alerts()).every((alert) => ofTheMachine.test(alert)));
    });

    it('sees the leader killed, another one elected, and the killed one come back', async () => {
      const killed = await cluster.leader();
      const here = `{instance="${instanceOf(killed)}"}`;
      const elsewhere = `{instance!="${instanceOf(killed)}"}`;
      const becameLeader = `sum(raft_transitions_total{transition=~"raft.candidate/.*",rule=~".*Candidates.*",instance!="${instanceOf(killed)}"})`;
      await finds(`raft_role{role="leader",instance="${instanceOf(killed)}"}`, (leads) => leads === 1);
      const [before] = await prometheus.query('max(raft_term)');
      const [changes] = await prometheus.query(`min(raft_leader_changes_total${elsewhere})`);
      await cluster.end(killed, 'SIGKILL');

      await finds(`up${here}`, (up) => up === 0);
      await finds(`max(raft_term${elsewhere})`, (term) => term > before!.value);
      await finds(`sum(raft_role{role="leader"})`, (leaders) => leaders === 1);
      await finds(`min(raft_leader_changes_total${elsewhere})`, (count) => count > changes!.value);
      await finds(becameLeader, (count) => count >= 1);
      await finds(`max(raft_peer_link_open{peer="${killed}"})`, (open) => open === 0);
      await finds(
        'max(raft_spare_voters and on (instance) raft_role{role="leader"} == 1)',
        (spare) => spare === 0,
      );
      // Nothing of it is told any more as if it were there.
      expect(await prometheus.query(`raft_role${here}`)).toEqual([]);
      await until(async () => {
        const names = await prometheus.alerts();
        return names.includes('RaftNodeDown') && names.includes('RaftQuorumAtRisk');
      });

      cluster.start(killed);
      await finds(`up${here}`, (up) => up === 1);
      await finds(
        `sum by (peer) (raft_peer_lag_entries{peer="${killed}"}) < bool 50`,
        (isNear) => isNear === 1,
      );
      await finds(
        'max(raft_spare_voters and on (instance) raft_role{role="leader"} == 1)',
        (spare) => spare === 1,
      );
      await finds(`raft_node_info${here}`, (info) => info === 1);
      await until(async () => !(await prometheus.alerts()).includes('RaftQuorumAtRisk'));
    }, 120_000);
  },
);
