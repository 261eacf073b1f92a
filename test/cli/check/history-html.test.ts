import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBrowserMissing, openBrowser } from '../../page/browser.ts';
import { raftchart } from '../run-raftchart.ts';

if (isBrowserMissing) {
  process.stderr.write('Browser tests are skipped: no chromium here (apt-get install chromium).\n');
}

describe.skipIf(isBrowserMissing)('the picture of a history, in Chromium', () => {
  let folder: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'raftchart-picture-'));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  const opened = async (width: number, ...args: readonly string[]): Promise<Page> => {
    const file = join(folder, 'picture.html');
    await raftchart('check', ...args, '--html', file);
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    page.on('pageerror', (error) => expect.unreachable(error.message));
    await page.goto(pathToFileURL(file).href);
    return page;
  };
  const details = (page: Page): Promise<string> => page.locator('#details').innerText();
  const focused = (page: Page): Promise<string | null> =>
    page.evaluate(`document.activeElement?.getAttribute('aria-label') ?? null`);

  it('opens at the operation that no order has a place for', async () => {
    const page = await opened(1400, 'examples/histories/stale-read.ndjson');
    expect(await details(page)).toMatch(
      /read "a"[\s\S]*✗ no order has a place for it[\s\S]*states meanwhile\s+"b"/,
    );
    expect(await page.locator('.bar').count()).toBe(4);
    // Not by colour alone.
    expect(await page.locator('.bar.culprit').innerText()).toBe('✗ read "a"');
    expect(await page.locator('svg g').count()).toBe(2);
  });

  it('is walked with the keyboard: by time, by client, with a pin and a legend', async () => {
    const page = await opened(1400, 'examples/histories/stale-read.ndjson');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toMatch(
      /^process 4 read "a".*No order has a place for it\. Meanwhile: "b"\.$/,
    );
    await page.keyboard.press('ArrowUp');
    expect(await focused(page)).toMatch(/^process 3 write "c".*In no order, and need not be\.$/);
    await page.keyboard.press('ArrowLeft');
    expect(await focused(page)).toMatch(
      /^process 2 write "b".*Number 2 in the order: "a" before, "b" after\.$/,
    );
    await page.keyboard.press('Enter');
    expect(await details(page)).toContain('(pinned)');
    await page.keyboard.press('ArrowLeft');
    expect(await focused(page)).toMatch(/^process 1 write "a"/);
    expect(await details(page)).toContain('write "b" (pinned)');
    await page.keyboard.press('Escape');
    expect(await details(page)).toMatch(/write "a"[\s\S]*state before\s+null\s+state after\s+"a"/);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowUp');
    expect(await focused(page)).toMatch(/^process 1 write "a"/);
    expect(await page.locator('#legend').isVisible()).toBe(false);
    await page.keyboard.press('?');
    expect(await page.locator('#legend').isVisible()).toBe(true);
  });

  it.for([400, 1400])(
    'does not scroll sideways as a whole at %d px, and shows an order of a pass',
    async (width) => {
      const page = await opened(width, 'examples/histories/set.edn', '--model', 'set');
      const overflow = () =>
        page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect(await overflow()).toBe(0);
      expect(await page.locator('h1').innerText()).toContain('✓ linearizable');
      await page.locator('.bar', { hasText: 'read' }).hover();
      expect(await details(page)).toContain('number 4');
    },
  );
});
