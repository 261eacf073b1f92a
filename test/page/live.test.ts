import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterPoll } from '../../src/cli/view/cluster-poll.ts';
import { readPageFiles } from '../../src/cli/view/page-files.ts';
import { type PageServer, servePage } from '../../src/cli/view/serve-page.ts';
import { ProcessCluster } from '../processes/process-cluster.ts';
import { axeFindings } from './axe-findings.ts';
import { isBrowserMissing, openBrowser } from './browser.ts';
import { buildPage } from './built-page.ts';

/** A shared machine can be slow. */
const poll = <Value>(read: () => Value | Promise<Value>) => expect.poll(read, { timeout: 15_000 });

describe.skipIf(isBrowserMissing)('page with a live cluster, in Chromium', () => {
  let folder: string;
  let dataDir: string;
  let cluster: ProcessCluster;
  let server: PageServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    folder = buildPage();
    dataDir = mkdtempSync(join(tmpdir(), 'raftchart-view-'));
    cluster = await ProcessCluster.start({ size: 3, spare: 1, dataDir });
    server = await servePage(0, {
      files: readPageFiles(folder),
      poll: new ClusterPoll(cluster.endpoints.map((endpoint) => `http://${endpoint}`)),
    });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await cluster?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const tokensIn = (state: string) => page.locator(`.badge[data-state="${state}"]`).allTextContents();
  const roles = async () => {
    const cards = await page.locator('.cluster .node').all();
    return (await Promise.all(cards.map((card) => card.getAttribute('data-role')))).filter(
      (role) => role !== null,
    );
  };

  it('shows three live nodes, each in its state, and the rule that brought it there', async () => {
    await poll(roles).toHaveLength(3);
    await poll(async () => (await roles()).toSorted()).toEqual(['follower', 'follower', 'leader']);
    const leader = await cluster.leader();
    const followers = [1, 2, 3].filter((id) => id !== leader);
    await poll(() => tokensIn('raft.leader')).toEqual([`${leader}`]);
    await poll(() => tokensIn('raft.follower')).toEqual(followers.map(String));
    await poll(() => page.locator(`.node[data-node="${leader}"]`).innerText()).toMatch(
      /role by\s+A majority voted for it: becomes the leader\./,
    );
  });

  it('marks the transitions that are being taken', async () => {
    await expect
      .poll(
        () => page.locator('[data-taken="raft.leader.heartbeat.waiting/after:heartbeatInterval/0"]').count(),
        {
          timeout: 15_000,
          interval: 50,
        },
      )
      .toBeGreaterThan(0);
    await expect
      .poll(() => page.locator('[data-taken="raft.follower/AppendEntries/2"]').count(), {
        timeout: 15_000,
        interval: 50,
      })
      .toBeGreaterThan(0);
  });

  it('shows the links of all nodes on their chart', async () => {
    await page.getByRole('button', { name: 'peer-link', exact: true }).click();
    await poll(() => tokensIn('peerLink.open')).toEqual(['1→2', '1→3', '2→1', '2→3', '3→1', '3→2']);
    await page.getByRole('button', { name: 'raft', exact: true }).click();
  });

  it('shows who belongs to the cluster while its members change', async () => {
    const change = async (...changes: readonly object[]) => {
      const leader = cluster.endpoints[(await cluster.leader()) - 1]!;
      const body = JSON.stringify({ changes });
      const { status } = await fetch(`http://${leader}/v1/members`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      return status;
    };
    const members = () => page.locator('.cluster .members').innerText();
    const standing = (id: number) => page.locator(`.node[data-node="${id}"] .standing`).allTextContents();
    await poll(members).toMatch(/^voters 1, 2, 3$/);
    cluster.join(4);
    await poll(() => standing(4)).toEqual(['waits to be added']);
    const peer = cluster.peerAddress(4);
    await poll(() => change({ type: 'add', node: 4, peer })).toBe(200);
    await poll(members).toMatch(/^voters 1, 2, 3\s+learners 4$/);
    await poll(() => standing(4)).toEqual(['learner']);
    await poll(() => change({ type: 'promote', node: 4 })).toBe(200);
    await poll(members).toMatch(/^voters 1, 2, 3, 4$/);
    await poll(() => standing(4)).toEqual([]);
  });

  it('follows the kill of the leader within 2 s', async () => {
    const before = await cluster.leader();
    await poll(() => tokensIn('raft.leader')).toEqual([`${before}`]);
    const killed = performance.now();
    await cluster.end(before, 'SIGKILL');
    await expect
      .poll(
        async () => {
          const [token, ...others] = await tokensIn('raft.leader');
          return others.length === 0 && token !== undefined && token !== `${before}`;
        },
        { timeout: 2000, interval: 20 },
      )
      .toBe(true);
    const tookMs = performance.now() - killed;
    console.log(`the page showed the new leader ${Math.round(tookMs)} ms after the kill`);
    expect(tookMs).toBeLessThan(2000);
    await poll(() => page.locator(`.node.is-down[data-node="${before}"]`).innerText()).toMatch(
      new RegExp(`node${before}\\s+does not answer\\s+was leader`),
    );
    await poll(() => page.getByRole('log', { name: 'What happened' }).innerText()).toMatch(
      new RegExp(
        `node[1-4] leads term \\d+\\s[^]*node${before}, which led term \\d+, does not answer any more`,
      ),
    );
    expect(await axeFindings(page)).toEqual([]);
  });

  it('says so when it no longer hears from its server', async () => {
    await server.close();
    await poll(() => page.locator('.cluster .problem').innerText()).toContain('has stopped');
    await poll(() => page.locator('.badge, [data-taken]').count()).toBe(0);
  });
});
