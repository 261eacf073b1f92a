import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { openBrowser } from '../browser.ts';
import { buildPlayground } from '../built-page.ts';

/** How it is looked at. */
interface Look {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly hasTouch?: boolean;
  /** The whole address, or its part behind #. */
  readonly link?: string;
}

/** The built playground for the tests of one `describe`, on one page, which opens it much faster the second time. Nothing moves by itself, and a test fails that leaves an error or a request behind. */
export const playgroundInChromium = (): { readonly open: (look?: Look) => Promise<Page> } => {
  let browser: Browser;
  let page: Page;
  let session: CDPSession;
  let url: string;
  const problems: string[] = [];

  beforeAll(async () => {
    url = buildPlayground();
    browser = await openBrowser();
    page = await browser.newPage({ reducedMotion: 'reduce' });
    session = await page.context().newCDPSession(page);
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('request', (request) => {
      if (!/^(file|blob|data):/.test(request.url())) problems.push(`asks for ${request.url()}`);
    });
  });
  afterEach(() => {
    expect(problems.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());

  return {
    open: async ({ width = 1400, colorScheme = 'light', hasTouch = false, link = '' } = {}) => {
      // An address that differs behind its # alone would load nothing.
      await page.goto('about:blank');
      await page.setViewportSize({ width, height: 860 });
      await page.emulateMedia({ colorScheme });
      await session.send('Emulation.setTouchEmulationEnabled', { enabled: hasTouch });
      await page.goto(new URL(link, url).href);
      await page.waitForSelector('.ring-node');
      return page;
    },
  };
};

export const openStory = async (page: Page, text: string): Promise<void> => {
  await page.getByRole('button', { name: 'Open …' }).click();
  await page.getByLabel('Text of a story').fill(text);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
};

export const nodeOf = (page: Page, id: number) => page.locator(`.ring-node[data-node="${id}"] .node-region`);
