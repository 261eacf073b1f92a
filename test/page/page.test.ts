import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generatedPaths, pathsAddress } from '../../src/cli/view/generated-paths.ts';
import { readPageFiles } from '../../src/cli/view/page-files.ts';
import { type MadeFile, type PageServer, servePage } from '../../src/cli/view/serve-page.ts';
import { isBrowserMissing, openBrowser } from './browser.ts';
import { buildPage } from './built-page.ts';

/** A shared machine can be slow. */
const poll = <Value>(read: () => Value | Promise<Value>) => expect.poll(read, { timeout: 15_000 });

if (isBrowserMissing) {
  process.stderr.write('Browser tests are skipped: no chromium here (apt-get install chromium).\n');
}

describe.skipIf(isBrowserMissing)('page of the charts, in Chromium', () => {
  let folder: string;
  let server: PageServer;
  /** Only of a sole voter: those are generated in a moment. */
  let generated: MadeFile;
  /** What the generator waits for. */
  let gate: Promise<void> = Promise.resolve();
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let requests: Request[];
  let problems: string[];

  beforeAll(async () => {
    folder = buildPage();
    generated = generatedPaths({ cover: 'transitions', voters: 1 });
    const made = {
      file: () => gate.then(() => generated.file()),
      progress: () => '3 of 40 searches',
      close: () => generated.close(),
    };
    server = await servePage(0, {
      files: readPageFiles(folder),
      made: new Map([[`/${pathsAddress}`, made]]),
    });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  beforeEach(async () => {
    await context?.close();
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    page = await context.newPage();
    [requests, problems] = [[], []];
    page.on('request', (request) => requests.push(request));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
  });

  const open = async (address = '') => {
    await page.goto(`${server.url}/${address}`);
    await page.waitForSelector('.drawing text');
  };
  const heading = () => page.locator('.panel h2').last().innerText();

  it('loads offline: every request goes to its own server, and nothing fails', async () => {
    await open();
    for (const chart of ['log-writer', 'peer-link', 'client-session', 'raft']) {
      await page.getByRole('button', { name: chart, exact: true }).click();
      await poll(() => page.locator('.drawing text').first().textContent()).toMatch(/overview/);
    }
    await page.waitForTimeout(500);
    const hosts = new Set(
      requests.map((request) => new URL(request.url()).origin).filter((url) => url !== 'null'),
    );
    expect([...hosts]).toEqual([server.url]);
    expect(problems).toEqual([]);
  });

  it('draws every view of every chart', async () => {
    await open();
    for (const chart of await page.locator('nav.charts button').allInnerTexts()) {
      await page.getByRole('button', { name: chart, exact: true }).click();
      for (const view of await page.locator('nav.views button').allInnerTexts()) {
        await page.locator('nav.views').getByRole('button', { name: view, exact: true }).click();
        if (view === 'list') {
          await poll(() => page.locator('.list-rule').count()).toBeGreaterThan(0);
          continue;
        }
        const titles: Readonly<Record<string, RegExp>> = {
          everything: /every state/,
          outline: /states and arrows/,
        };
        const title = titles[view] ?? new RegExp(view);
        await poll(() => page.locator('.drawing text').first().textContent()).toMatch(title);
        // The outline has arrows, and no rules.
        const regions = view === 'outline' ? '.region' : '.region.rule';
        expect(await page.locator(regions).count()).toBeGreaterThan(0);
      }
    }
    expect(problems).toEqual([]);
  });

  it('finds a guard from the keyboard and shows its sentence, its lines and its tests', async () => {
    await open();
    await page.keyboard.press('/');
    await page.keyboard.type('isLogBehind requestvote follower');
    await page.keyboard.press('Enter');
    await poll(heading).toBe('RequestVote [isLogBehind]');
    const panel = page.locator('.panel');
    await poll(() => panel.innerText()).toMatch(/src\/raft\/election\.ts:\d+/);
    const text = await panel.innerText();
    expect(text).toContain('The candidate has a less up-to-date log and might lack a committed entry.');
    expect(text).toContain('Raft paper §5.4.1');
    expect(text).toMatch(/machines\/raft\/raft\.machine\.ts:\d+/);
    expect(text).toContain('export const isLogBehind');
    expect(text).toMatch(/Tests that walk it\s+\S+.*test\//s);
    expect(page.url()).toContain(encodeURIComponent('raft.follower/RequestVote/1'));
  });

  it('is walked through with the keys alone', async () => {
    await open('#/raft/candidate');
    await page.keyboard.press('ArrowDown');
    const first = await heading();
    await page.keyboard.press('ArrowDown');
    expect(await heading()).not.toBe(first);
    await page.keyboard.press('ArrowUp');
    expect(await heading()).toBe(first);
    expect(await page.locator('.region.is-selected').count()).toBeGreaterThan(0);

    const focused = page.locator('.region:focus');
    await poll(() => focused.getAttribute('aria-label')).toContain('isTermTooFar');
    await page.keyboard.press('Enter');
    expect(await page.locator('.panel:focus').count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await focused.getAttribute('aria-label')).toContain('isTermTooFar');
    expect(await page.locator('.region[tabindex="0"]').count()).toBe(1);

    await page.keyboard.press(']');
    await poll(() => page.locator('nav.views [aria-current]').innerText()).toBe('leader');
    await page.keyboard.press('Escape');
    expect(await page.locator('.region.is-selected').count()).toBe(0);
    await page.keyboard.press('?');
    expect(await page.locator('.help').isVisible()).toBe(true);
  });

  it('follows a transition to where it leads, and back to the state that has it', async () => {
    await open(`#/raft/overview?${encodeURIComponent('raft.candidate/RequestVoteResponse/2')}`);
    await poll(heading).toBe('RequestVoteResponse [isVoteQuorum]');
    await page.keyboard.press('ArrowLeft');
    await poll(heading).toBe('candidate');
    await open(`#/raft/overview?${encodeURIComponent('raft.candidate/AppendEntries/0')}`);
    await poll(heading).toBe('AppendEntries');
    await page.keyboard.press('ArrowRight');
    await poll(() => page.locator('.panel .where').last().innerText()).toContain('follower');
  });

  it('shows the generated test that walks a transition, and how far its generation is until it is there', async () => {
    const opening = Promise.withResolvers<void>();
    gate = opening.promise;
    await open();
    const asked = () =>
      requests.filter((request) => request.url() === `${server.url}/paths/raft.json`).length;
    const walks = page.locator('.walks');
    expect(asked()).toBe(0);
    await page.goto(
      `${server.url}/#/raft/leader?${encodeURIComponent('raft.leader.transfer.idle/Proposed/0')}`,
    );
    await poll(() => walks.innerText()).toMatch(/Generating paths… 3 of 40 searches.*By the arrows alone/s);
    expect(await walks.getAttribute('aria-busy')).toBe('true');
    opening.resolve();
    await poll(() => walks.innerText()).toContain('The shortest generated test that walks it');
    expect(await walks.getByRole('status').count()).toBe(0);
    expect(await walks.locator('.step').first().innerText()).toMatch(/electionTimeout expires.*now leader/s);
    expect(await walks.locator('[aria-current=step]').innerText()).toMatch(
      /clients propose .*Proposed \/ appendProposals.*client: accepted/s,
    );
    expect(await walks.innerText()).toMatch(/\d+ other generated tests that walk it/);
    expect(await walks.innerText()).toContain('npx raftchart paths --format markdown');

    await walks.getByRole('button', { name: 'Persisted [isSoleVoter] → leader' }).focus();
    await page.keyboard.press('Enter');
    await poll(heading).toBe('Persisted [isSoleVoter]');
    await poll(() => walks.locator('[aria-current=step]').innerText()).toContain('electionTimeout expires');

    await page.goto(
      `${server.url}/#/raft/leader?${encodeURIComponent('raft.leader/AppendEntriesResponse/3')}`,
    );
    await poll(() => walks.innerText()).toMatch(/No generated test walks it\..*By the arrows alone/s);
    await page.getByRole('button', { name: 'log-writer', exact: true }).click();
    await page.keyboard.press('ArrowDown');
    await poll(() => walks.innerText()).toContain('Guards are not evaluated here');
    expect(await walks.innerText()).not.toContain('generated');
    expect(asked()).toBe(1);
    expect(problems).toEqual([]);
  });

  it('selects what is clicked at: a row, an arrow shared by several, a state', async () => {
    await open();
    await page.keyboard.press('0');
    const clickAt = async (selector: string) => {
      const box = (await page.locator(selector).first().boundingBox())!;
      await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    };
    await clickAt('.region.rule[data-ref="raft.follower/RequestVote/0"]');
    expect(await heading()).toBe('RequestVote [votedForAnother]');
    await clickAt('.region.rule[data-ref="raft.leader.quorumCheck.listening/after:quorumCheck/1"]');
    expect(await heading()).toBe('after quorumCheck [isDiskStalled]');
    const box = (await page.locator('.region.state[data-ref="raft.candidate"]').boundingBox())!;
    await page.mouse.click(box.x + 40, box.y + 8);
    expect(await heading()).toBe('candidate');
  });

  it('zooms about the pointer and moves by dragging, without selecting', async () => {
    await open();
    await page.keyboard.press('0');
    const row = page.locator('.region.rule[data-ref="raft.follower/RequestVote/0"]').first();
    const before = (await row.boundingBox())!;
    await page.mouse.move(before.x, before.y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    const zoomed = (await row.boundingBox())!;
    expect(zoomed.width).toBeGreaterThan(before.width * 1.5);
    expect(Math.abs(zoomed.x - before.x)).toBeLessThan(3);

    await page.mouse.down();
    await page.mouse.move(before.x + 120, before.y + 60, { steps: 5 });
    await page.mouse.up();
    const moved = (await row.boundingBox())!;
    expect(Math.abs(moved.x - zoomed.x - 120)).toBeLessThan(6);
    expect(await page.locator('.region.is-selected').count()).toBe(0);

    await page.keyboard.press('0');
    expect((await row.boundingBox())!.width).toBeCloseTo(before.width, 0);
  });

  it.each(['light', 'dark'] as const)('is %s where the system is', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await open();
    const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(ground).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 23, 26)');
  });

  it('paints in a moment and transfers little', async () => {
    await open();
    const paintMs = await page.evaluate<number>(
      'performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0',
    );
    const bytes = await page.evaluate<number>(
      '["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type)).reduce((sum, { transferSize }) => sum + transferSize, 0)',
    );
    console.log(
      `first contentful paint ${Math.round(paintMs)} ms, ${Math.round(bytes / 1024)} KiB transferred`,
    );
    expect(bytes).toBeLessThan(120 * 1024);
  });
});
