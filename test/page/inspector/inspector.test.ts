import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inspectPrograms } from '../../../src/cli/view/inspect-programs.ts';
import { originsWith, type ProgramListener } from '../../../src/cli/view/listen-for-programs.ts';
import { PageCharts } from '../../../src/cli/view/page-charts.ts';
import { readPageFiles } from '../../../src/cli/view/page-files.ts';
import { type PageServer, servePage } from '../../../src/cli/view/serve-page.ts';
import { axeFindings } from '../axe-findings.ts';
import { isBrowserMissing, openBrowser } from '../browser.ts';
import { buildPage } from '../built-page.ts';

/** A shared machine can be slow. */
const poll = <Value>(read: () => Value | Promise<Value>) => expect.poll(read, { timeout: 20_000 });

const programFile = fileURLToPath(new URL('./inspected-program.ts', import.meta.url));

/** What `createBrowserInspector` does in its page: opens a window, and posts to it once that says that it is there. */
const openInspector = `((url) => {
  addEventListener('message', ({ data, source }) => {
    if (data.type !== '@statelyai.connected') return;
    const definition = JSON.stringify({ id: 'lamp', initial: 'on', states: { on: {}, off: {} } });
    const snapshot = { status: 'active', value: 'on' };
    const actor = { type: '@xstate.actor', name: 'lamp', sessionId: 'x:0', rootId: 'x:0', definition, snapshot };
    source.postMessage({ ...actor, _version: '0.7.2', createdAt: '1', id: null }, '*');
  });
  open(url);
})`;

describe.skipIf(isBrowserMissing)('page with the inspector, in Chromium', () => {
  let folder: string;
  let server: PageServer;
  let listener: ProgramListener;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];
  let program: ChildProcess | null = null;

  beforeAll(async () => {
    folder = buildPage();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    const charts = new PageCharts(readPageFiles(folder));
    const inspection = inspectPrograms(charts, { port: 0, origins: originsWith([]), tell: () => {} });
    server = await servePage(0, { files: charts.files, ...inspection.content });
    listener = await inspection.listen(server.url);
    context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    page = await context.newPage();
    problems = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(server.url);
  });
  afterEach(async () => {
    program?.kill();
    program = null;
    await context?.close();
    await Promise.all([server?.close(), listener?.close()]);
  });

  const start = (inspector: 'stately' | 'raftchart'): void => {
    program = spawn(process.execPath, [programFile], {
      env: { ...process.env, INSPECT_URL: listener.url, INSPECTOR: inspector },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
  };
  const send = (event: object): void => {
    program!.stdin!.write(`${JSON.stringify(event)}\n`);
  };
  /** By their text, also while they are hidden. */
  const tree = () =>
    page.locator('[role=treeitem]').evaluateAll((all) =>
      all.map((each) =>
        [...each.children]
          .map((part) => part.textContent)
          .filter(Boolean)
          .join(' '),
      ),
    );
  const lit = () =>
    page.locator('.live .badge').evaluateAll((all) => all.map((each) => each.getAttribute('data-state')));
  /** The inspected shop is open, and has sold. */
  const openShop = async (inspector: 'stately' | 'raftchart' = 'stately') => {
    start(inspector);
    await poll(tree).toContain('▾ shop open');
    await poll(lit).toEqual(['shop.open']);
    send({ type: 'SELL', item: 'tea', price: 3 });
    await poll(lit).toEqual(['shop.selling']);
  };

  it('says how to connect while no program is there', async () => {
    await poll(() => page.locator('.connect').innerText()).toContain(
      `createWebSocketInspector({ url: '${listener.url}' })`,
    );
    expect(await axeFindings(page)).toEqual([]);
  });

  it('shows the actors of an unmodified program, lights the states and marks what was taken', async () => {
    await openShop();
    await poll(tree).toEqual(['▾ shop', '▾ shop selling', 'till paid', 'stocktaking done']);
    await poll(() => page.locator('[data-taken]').first().getAttribute('data-taken')).toBe(
      'shop.open/SELL/0',
    );
    const details = page.locator('.actor-details');
    expect(await details.locator('[data-key=sold]').innerText()).toMatch(/~\s*sold\s+1\s+was 0/);
    expect(await details.locator('[data-change=removed]').innerText()).toContain('"tea"');
    await page.getByRole('treeitem', { name: 'till' }).click();
    await poll(lit).toEqual(['payment.paid']);
    expect(await page.locator('.send').innerText()).toContain('takes no events');
    expect(await page.locator('.send button[type=submit]').isDisabled()).toBe(true);
    expect(problems).toEqual([]);
  });

  it('goes back and forth in time with the keyboard, and follows again', async () => {
    await openShop();
    for (let steps = 0; steps < 4; steps += 1) await page.keyboard.press('ArrowLeft');
    await poll(lit).toEqual(['shop.open']);
    send({ type: 'OPEN' });
    await poll(() => page.locator('.news.is-later').allInnerTexts()).toContainEqual(
      expect.stringContaining('OPEN'),
    );
    expect(await lit()).toEqual(['shop.open']);
    for (let steps = 0; steps < 4; steps += 1) await page.keyboard.press('ArrowRight');
    await poll(lit).toEqual(['shop.selling']);
    await page.keyboard.press('l');
    await poll(lit).toEqual(['shop.open']);
    await page.locator('[role=tree]').focus();
    await page.keyboard.press('ArrowDown');
    await poll(lit).toEqual(['payment.waiting']);
    await page.getByRole('tab', { name: 'events' }).focus();
    await page.keyboard.press('ArrowRight');
    await poll(() => page.locator('.sequence [role=img]').getAttribute('aria-label')).toContain(
      'outside → shop: SELL',
    );
    await page.locator('.sequence .message', { hasText: 'SELL' }).click();
    await poll(() => page.locator('.timeline .what').innerText()).toBe('outside → shop: SELL');
  });

  it('finds what happened by its payload, and lists only what the filters let through', async () => {
    await openShop();
    await page.getByLabel('Search the log').fill('tea sell');
    await page.getByLabel('states').uncheck();
    await poll(() => page.locator('.news').allInnerTexts()).toEqual([expect.stringMatching(/SELL/)]);
  });

  it('sends an event from the form to a program with our adapter, and shows the new state', async () => {
    await openShop('raftchart');
    await poll(async () => (await tree())[0]).toBe('▾ our shop');
    const form = page.getByRole('form', { name: 'Send an event' });
    await form.getByRole('button', { name: 'OPEN', exact: true }).click();
    await form.getByLabel('payload').fill('[1');
    await form.getByRole('button', { name: 'Send' }).click();
    await poll(() => form.locator('output').innerText()).toMatch(/^The payload is not JSON/);
    await form.getByLabel('payload').fill('{"by":"page"}');
    await form.getByRole('button', { name: 'Send' }).click();
    await poll(() => form.locator('output').innerText()).toBe('Sent OPEN.');
    await poll(lit).toEqual(['shop.open']);
    program!.kill();
    await poll(async () => (await tree())[0]).toBe('▾ our shop disconnected');
    await poll(() => form.innerText()).toContain('Its program has disconnected.');
  });

  it('is the window of an inspector that opens one, and forwards what that posts', async () => {
    const opener = await context.newPage();
    await opener.goto(`${server.url}/#/raft`);
    const [window] = await Promise.all([
      context.waitForEvent('page'),
      opener.evaluate(`${openInspector}('${server.url}')`),
    ]);
    await poll(() => window.locator('[role=treeitem]').allInnerTexts()).toContainEqual(
      expect.stringMatching(/lamp\s+on/),
    );
    await poll(() => window.locator('.live .badge').getAttribute('data-state')).toBe('lamp.on');
  });

  for (const [width, height] of [
    [1400, 900],
    [400, 800],
  ] as const) {
    it(`has no fault that axe-core knows at ${width} pixels`, async () => {
      await page.setViewportSize({ width, height });
      await page.reload();
      await openShop();
      const press = (name: string) =>
        page
          .getByRole('navigation', { name: 'Parts of the inspector' })
          .getByRole('button', { name })
          .click();
      for (const part of width < 900 ? ['actors', 'picture', 'details', 'log'] : ['']) {
        if (part !== '') await press(part);
        expect(await axeFindings(page)).toEqual([]);
      }
      await page.getByRole('tab', { name: 'sequence' }).click();
      expect(await axeFindings(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    });
  }
});
