import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PageCharts } from '../../../src/cli/view/page-charts.ts';
import { readPageFiles } from '../../../src/cli/view/page-files.ts';
import { type PageServer, type Route, servePage } from '../../../src/cli/view/serve-page.ts';
import type { ActorNews, News, ProgramNews } from '../../../src/statechart/inspect/news.ts';
import { isBrowserMissing, openBrowser } from '../browser.ts';
import { buildPage } from '../built-page.ts';

/** A shared machine can be slow. */
const poll = <Value>(read: () => Value | Promise<Value>) => expect.poll(read, { timeout: 20_000 });

const snapshot = { status: 'active', value: 'idle' };
const actor = (number: number, told: Omit<ActorNews, 'kind' | 'problem' | 'snapshot'>): News => ({
  ...{ number, atMs: number, program: 1, kind: 'actor', problem: null, snapshot },
  ...told,
});
const program: ProgramNews = { kind: 'program', name: 'office', isConnected: true, takesEvents: false };

/** A program with a thousand actors that run one chart, below one that has none. */
const news: readonly News[] = [
  { number: 1, atMs: 1, program: 1, ...program },
  actor(2, { actor: 'x:0', parent: null, name: 'root', chart: null }),
  ...Array.from({ length: 1000 }, (_, at) =>
    actor(at + 3, { actor: `x:${at + 1}`, parent: 'x:0', name: `writer ${at + 1}`, chart: 'log-writer' }),
  ),
];

const inspected: Route = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('event: start\ndata: {}\n\n');
  response.write(news.map((each) => `data: ${JSON.stringify(each)}\n\n`).join(''));
};

describe.skipIf(isBrowserMissing)('inspector of a thousand actors, in Chromium', () => {
  let server: PageServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const { files } = new PageCharts(readPageFiles(buildPage()), ['log-writer']);
    server = await servePage(0, { files, routes: new Map([['/inspected', inspected]]) });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.goto(server.url);
    await page.getByRole('treeitem', { name: 'writer 1 idle', exact: true }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const rows = () => page.getByRole('treeitem');
  /** The row that a screen reader reads while the tree has the focus. */
  const active = () =>
    page.evaluate<string | null>(`(() => {
      const row = document.getElementById(document.querySelector('[role=tree]').getAttribute('aria-activedescendant'));
      const [box, tree] = [row?.getBoundingClientRect(), document.querySelector('[role=tree]').getBoundingClientRect()];
      if (row === null || box.top < tree.top - 1 || box.bottom > tree.bottom + 1) return null;
      const place = ['level', 'posinset', 'setsize'].map((name) => row.getAttribute('aria-' + name));
      return row.querySelector('.name, b').textContent + ' ' + place.join(' ');
    })()`);

  it('has only the rows in sight in the document, and no gap between them', async () => {
    expect(await rows().count()).toBeLessThan(100);
    await page.locator('[role=tree]').evaluate((tree) => tree.scrollTo(0, 13_000));
    await poll(() =>
      page.evaluate<boolean>(`(() => {
        const { left, top, bottom } = document.querySelector('[role=tree]').getBoundingClientRect();
        for (let y = top + 1; y < bottom; y += 13)
          if (document.elementFromPoint(left + 60, y).closest('[role=treeitem]') === null) return false;
        return true;
      })()`),
    ).toBe(true);
    expect(await rows().first().innerText()).toMatch(/writer 4\d\d/);
    expect(await rows().count()).toBeLessThan(100);
  });

  it('is walked through with the keys, from its end to its beginning; each row says where it stands', async () => {
    await page.locator('[role=tree]').focus();
    await page.keyboard.press('End');
    await poll(active).toBe('writer 1000 3 1000 1000');
    await page.keyboard.press('ArrowUp');
    await poll(active).toBe('writer 999 3 999 1000');
    await page.keyboard.press('ArrowLeft');
    await poll(active).toBe('root 2 1 1');
    await page.keyboard.press('ArrowLeft');
    await poll(() => rows().count()).toBe(2);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await poll(active).toBe('writer 1 3 1 1000');
    await page.keyboard.press('Home');
    await poll(active).toBe('office 1 1 1');
  });

  it('counts the marks on a state in which there are too many to be read', async () => {
    await page.locator('[role=tree]').press('Home');
    await page.getByRole('treeitem', { name: /^root/ }).click();
    await page.getByRole('button', { name: 'log-writer', exact: true }).click();
    await poll(() => page.locator('.badge[data-state="logWriter.idle"]').allTextContents()).toEqual([
      '×1000',
    ]);
  });
});
