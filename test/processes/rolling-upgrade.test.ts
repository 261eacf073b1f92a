import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { wireVersion } from '../../src/adapters/codec/wire-versions.ts';
import { checkHistory } from '../../src/check/check-history.ts';
import { historyOf } from '../../src/check/history.ts';
import { verdictText } from '../../src/check/verdict-text.ts';
import type { SessionEnd } from '../../src/cli/client/session.ts';
import { Counter } from './counter.ts';
import { previousVersion, previousWireVersion } from './previous-version.ts';
import { fetchStatus, nodeProgram, ProcessCluster, type ProcessClusterOptions } from './process-cluster.ts';
import { RecordedLoad } from './recorded-load.ts';
import { restart, restartEach, statuses } from './rolling-restart.ts';
import { clientProgram, until } from './use-cluster.ts';

const previous = previousVersion();
afterAll(() => {
  if (previous !== null) rmSync(previous.folder, { recursive: true });
});

/** A node that was away has to be sent a snapshot; the checker has few operations on each key. */
const shortLogs = ['--snapshot-entries', '60', '--trailing-entries', '10'];

describe.skipIf(previous === null)('a cluster of the version before', () => {
  let dataDir: string;
  let cluster: ProcessCluster;
  /** The nodes that run the program of now. */
  let upgraded: Set<number>;
  let load: RecordedLoad | null;
  let counting: Counting | null;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'raftchart-upgrade-'));
    upgraded = new Set();
    load = null;
    counting = null;
  });
  afterEach(async () => {
    await Promise.all([load?.stop(), counting?.stop()]);
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const start = async (options: Pick<ProcessClusterOptions, 'flags' | 'spare' | 'onLog'>): Promise<void> => {
    cluster = await ProcessCluster.reserve({ size: 3, dataDir, program: previous!.node, ...options });
    await cluster.startAll();
  };
  const client = (program: string, ...args: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const all = [program, ...args, '--endpoints', cluster.endpoints.slice(0, 3).join()];
      execFile(process.execPath, all, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(stderr)),
      );
    });
  /** Each node of now speaks the latest version to those of now, and the one before to the others; nobody refuses anybody. */
  const expectVersions = async (): Promise<void> => {
    const all = await statuses(cluster);
    expect(all).toHaveLength(3);
    for (const { id, peers } of all) {
      for (const peer of peers) {
        const version = upgraded.has(peer.id) ? wireVersion : previousWireVersion;
        expect(peer, `of node${id}`).toMatchObject({
          link: 'open',
          ...(upgraded.has(id) ? { wireVersion: version } : {}),
        });
        expect(peer).not.toHaveProperty('refusal');
      }
    }
  };

  it.each(['tcp', 'http'])(
    'is upgraded node by node, and one of them back and forth, while clients write: nothing is lost or done twice (%s)',
    async (transport) => {
      await start({ flags: ['--transport', transport, ...shortLogs] });
      load = new RecordedLoad(cluster.endpoints, 4, 1);
      counting = new Counting(cluster.endpoints);
      const [recorded, counter] = [load, counting];
      const goOn = async (): Promise<void> => {
        // A link may just be made anew.
        await vi.waitFor(expectVersions, { timeout: 20_000, interval: 50 });
        recorded.turnToOtherKeys();
        await counter.goOn(20);
      };
      await goOn();
      await restartEach(cluster, nodeProgram, async (id) => {
        upgraded.add(id);
        await goOn();
      });
      // Back again, a follower and then one that leads.
      const leader = await cluster.leader();
      for (const id of [(leader % 3) + 1, leader]) {
        await restart(cluster, id, previous!.node);
        upgraded.delete(id);
        await goOn();
      }
      await restartEach(cluster, nodeProgram, (id) => {
        upgraded.add(id);
      });
      await goOn();
      await Promise.all([load.stop(), counting.stop()]);
      await load.readAll();
      expect(counting.failures).toEqual([]);
      expect(await counting.counter.stored()).toBe(String(counting.counter.count));
      expect(load.unexpected).toEqual([]);
      const verdict = checkHistory(historyOf(load.events));
      expect(verdict.result, verdictText(verdict)).toBe('linearizable');
      console.log(
        `${transport}: ${counting.counter.count} steps of a counter, ${counting.counter.replayed} of them answered by a later attempt; ${load.count('ok', 'write', 'cas', 'delete')} other writes, ${verdict.result}`,
      );
    },
    300_000,
  );

  it('and one of now take the raft-client of each other', async () => {
    await start({ flags: [] });
    const [now, before] = [clientProgram, previous!.client];
    await client(now, 'put', 'a', '1');
    expect(await client(now, 'status')).toMatch(/leader/);
    expect(JSON.parse(await client(now, 'member', 'list', '-w', 'json'))).toMatchObject({
      voters: [1, 2, 3],
    });
    await restartEach(cluster, nodeProgram);
    await client(before, 'put', 'b', '2');
    expect([await client(before, 'get', 'a'), await client(before, 'get', 'b')]).toEqual(['1\n', '2\n']);
    expect(await client(before, 'status')).toMatch(/leader/);
    expect(JSON.parse(await client(before, 'member', 'list', '-w', 'json'))).toMatchObject({
      voters: [1, 2, 3],
    });
    await client(before, 'transfer-leader');
    expect(await client(before, 'get', 'a')).toBe('1\n');
  }, 120_000);

  it('is joined by a node of now, which is added, sent a snapshot and becomes the leader', async () => {
    let snapshots = 0;
    await start({
      // The node that joins is sent a snapshot, and can keep up with what is written meanwhile.
      flags: ['--snapshot-entries', '150', '--trailing-entries', '100'],
      spare: 1,
      onLog: (id, { msg }) => {
        if (id === 4 && msg === 'snapshot received') snapshots++;
      },
    });
    counting = new Counting(cluster.endpoints.slice(0, 3));
    await counting.goOn(300);
    cluster.install(4, nodeProgram);
    cluster.join(4);
    await client(clientProgram, 'member', 'add', '4', '--peer', cluster.peerAddress(4), '--timeout', '20000');
    // Its disk is named when it is promoted: the leader has to know it by then.
    await until(async () => typeof (await fetchStatus(cluster.members[3]!.clientPort))?.leader === 'number');
    await client(clientProgram, 'member', 'promote', '4', '--timeout', '20000');
    expect(snapshots).toBeGreaterThan(0);
    await client(clientProgram, 'transfer-leader', '4');
    await until(async () => (await fetchStatus(cluster.members[3]!.clientPort))?.role === 'leader');
    await counting.goOn(200);
    const status = await fetchStatus(cluster.members[3]!.clientPort);
    expect(status?.peers.map((peer) => [peer.link, peer.wireVersion])).toEqual(
      [1, 2, 3].map(() => ['open', previousWireVersion]),
    );
    expect(counting.failures).toEqual([]);
  }, 120_000);
});

/** Counts up a key until it is told to stop. */
class Counting {
  readonly counter: Counter;
  readonly failures: SessionEnd[] = [];
  readonly #loop: Promise<void>;
  #isOver = false;

  constructor(endpoints: readonly string[]) {
    this.counter = new Counter('counter', endpoints);
    this.#loop = this.#run();
  }

  /** Resolves after so many steps more. */
  async goOn(steps: number): Promise<void> {
    const goal = this.counter.count + steps;
    await until(async () => this.counter.count >= goal || this.failures.length > 0);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#isOver && this.failures.length === 0) {
      const failure = await this.counter.step();
      if (failure !== null) this.failures.push(failure);
    }
  }
}
