import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { inspectPrograms } from '../../../src/cli/view/inspect-programs.ts';
import { originsWith } from '../../../src/cli/view/listen-for-programs.ts';
import { PageCharts } from '../../../src/cli/view/page-charts.ts';
import { readPageFiles } from '../../../src/cli/view/page-files.ts';
import { servePage } from '../../../src/cli/view/serve-page.ts';
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
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const problems: string[] = [];
  const closing: (() => unknown)[] = [];

  /** A page's server that listens for programs, until the end of these tests. */
  const serve = async (): Promise<{ readonly url: string; readonly listenUrl: string }> => {
    const charts = new PageCharts(readPageFiles(folder), ['log-writer']);
    const inspection = inspectPrograms(charts, { port: 0, origins: originsWith([]), tell: () => {} });
    const server = await servePage(0, { files: charts.files, ...inspection.content });
    const listener = await inspection.listen(server.url);
    closing.push(() => Promise.all([server.close(), listener.close()]));
    return { url: server.url, listenUrl: listener.url };
  };
  const start = (url: string, inspector: 'stately' | 'raftchart'): ChildProcess => {
    const program = spawn(process.execPath, [programFile], {
      env: { ...process.env, INSPECT_URL: url, INSPECTOR: inspector },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    closing.unshift(() => program.kill());
    return program;
  };
  const send = (program: ChildProcess, event: object): void => {
    program.stdin!.write(`${JSON.stringify(event)}\n`);
  };

  beforeAll(async () => {
    folder = buildPage();
    browser = await openBrowser();
    context = await browser.newContext();
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
  });
  beforeEach(async () => {
    await page.setViewportSize({ width: 1400, height: 900 });
  });
  afterEach(() => {
    expect(problems.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    for (const close of closing) await close();
  });

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
  const log = () => page.locator('.news').allInnerTexts();

  it('says how to connect while no program is there', async () => {
    const { url, listenUrl } = await serve();
    await page.goto(url);
    await poll(() => page.locator('.connect').innerText()).toContain(
      `createWebSocketInspector({ url: '${listenUrl}' })`,
    );
    expect(await axeFindings(page)).toEqual([]);
  });

  describe('of a shop that has sold', () => {
    let url: string;
    let listenUrl: string;
    let program: ChildProcess;

    // One program for all: each test leaves it selling.
    beforeAll(async () => {
      ({ url, listenUrl } = await serve());
      program = start(listenUrl, 'stately');
      await page.goto(url);
      await page.locator('.live [data-state="shop.open"]').waitFor();
      send(program, { type: 'SELL', item: 'tea', price: 3 });
    });
    beforeEach(async () => {
      await page.goto(url);
      await poll(lit).toEqual(['shop.selling']);
    });

    it('shows the actors of an unmodified program, lights the states and marks what was taken', async () => {
      await poll(tree).toEqual(['▾ shop', '▾ shop selling', 'till paid', 'stocktaking done']);
      await poll(() => page.locator('[data-taken]').first().getAttribute('data-taken')).toBe(
        'shop.open/SELL/0',
      );
      expect(await page.locator('[data-taken]').allTextContents()).toEqual(['shop', 'shop']);
      const details = page.locator('.actor-details');
      expect(await details.locator('[data-key=sold]').innerText()).toMatch(/~\s*sold\s+1\s+was 0/);
      expect(await details.locator('[data-change=removed]').innerText()).toContain('"tea"');
      await page.getByRole('treeitem', { name: 'till' }).click();
      await poll(lit).toEqual(['payment.paid']);
      expect(await page.locator('.send').innerText()).toContain('takes no events');
      expect(await page.locator('.send button[type=submit]').isDisabled()).toBe(true);
    });

    it('finds what happened by its payload, and lists only what the filters let through', async () => {
      await page.getByLabel('Search the log').fill('tea sell');
      await page.getByLabel('states').uncheck();
      await poll(log).toEqual([expect.stringMatching(/SELL/)]);
    });

    it('goes back and forth in time with the keyboard, and follows again', async () => {
      for (let steps = 0; steps < 4; steps += 1) await page.keyboard.press('ArrowLeft');
      await poll(lit).toEqual(['shop.open']);
      send(program, { type: 'OPEN' });
      onTestFinished(() => send(program, { type: 'SELL', item: 'bread', price: 2 }));
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
      await page.getByRole('slider', { name: 'Time' }).fill('0');
      await poll(tree).toEqual(['program 1']);
      await poll(() => page.locator('.timeline .what').innerText()).toBe('program 1: connected');
    });

    it.each([
      [1400, 900],
      [400, 800],
    ])('has no fault that axe-core knows at %i pixels', async (width, height) => {
      await page.setViewportSize({ width, height });
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

    it('sends an event from the form to one of two programs, with our adapter, and shows the new state', async () => {
      const ours = start(listenUrl, 'raftchart');
      await poll(tree).toContain('▾ our shop');
      const ourShop = page.getByRole('treeitem', { name: 'our shop' }).locator('+ [role=treeitem]');
      await ourShop.click();
      await poll(lit).toEqual(['shop.open']);
      const form = page.getByRole('form', { name: 'Send an event' });
      await form.getByRole('button', { name: 'SELL', exact: true }).click();
      await form.getByLabel('payload').fill('[1');
      await form.getByRole('button', { name: 'Send' }).click();
      await poll(() => form.locator('output').innerText()).toMatch(/^The payload is not JSON/);
      await form.getByLabel('payload').fill('{"item":"coffee"}');
      await form.getByRole('button', { name: 'Send' }).click();
      await poll(() => form.locator('output').innerText()).toBe('Sent SELL.');
      await poll(lit).toEqual(['shop.selling']);
      await page.getByLabel('Search the log').fill('"item":"coffee"');
      await poll(log).toContainEqual(expect.stringMatching(/event\s+outside → shop\s+SELL/));
      ours.kill();
      await poll(tree).toContain('▾ our shop disconnected');
      await poll(() => form.innerText()).toContain('Its program has disconnected.');
    });

    it('is the window of an inspector that opens one, and forwards what that posts', async () => {
      const opener = await context.newPage();
      await opener.goto(`${url}/#/log-writer`);
      const [window] = await Promise.all([
        context.waitForEvent('page'),
        opener.evaluate(`${openInspector}('${url}')`),
      ]);
      await window.getByRole('treeitem', { name: /lamp\s+on/ }).click();
      await poll(() => window.locator('.live .badge').getAttribute('data-state')).toBe('lamp.on');
      await Promise.all([opener.close(), window.close()]);
    });
  });
});
