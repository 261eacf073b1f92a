import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/cli/diagram/sources.ts';
import { pageOf, targetOf } from '../../tools/site/addresses.ts';
import { sections } from '../../tools/site/sections.ts';
import { axeFindings } from '../page/axe-findings.ts';
import { isBrowserMissing, openBrowser } from '../page/browser.ts';
import { type BuiltSite, buildSite, filesBelow, type SiteServer, serveSite } from './built-site.ts';

const root = packageRoot();
const base = '/somewhere/raftchart/';
const listed = sections.flatMap(({ pages }) => pages.map(({ file }) => file));

if (isBrowserMissing) {
  process.stderr.write('Browser tests are skipped: no chromium here (apt-get install chromium).\n');
}

describe('sidebar of the site', () => {
  it('has each document of the repository once', () => {
    const documents = ['.', 'docs', 'diagrams'].flatMap((folder) =>
      readdirSync(join(root, folder))
        .filter((name) => name.endsWith('.md'))
        .map((name) => posix.join(folder, name)),
    );
    expect(listed).toEqual(expect.arrayContaining(documents));
    expect(new Set(listed.map(pageOf)).size).toBe(listed.length);
  });
});

describe('link in a document', () => {
  const stories = new Map([['src/simulate/scenario/attacks/1-two-votes.txt', '#story=1.x']]);
  const target = (href: string) => targetOf(root, 'docs/questions.md', href, stories);

  it('leads to the page of a document, or of the folder of one', () => {
    expect(target('cluster.md#members')).toEqual({ kind: 'page', path: '/docs/cluster.md#members' });
    expect(target('../README.md')).toEqual({ kind: 'page', path: '/overview.md' });
    expect(target('../examples/maelstrom/')).toEqual({ kind: 'page', path: '/examples/maelstrom/index.md' });
    expect(target('../examples/embed.ts')).toEqual({ kind: 'page', path: '/examples/index.md#embed.ts' });
  });

  it('leads to the playground where it is to a lesson or a story', () => {
    const folder = '../src/simulate/scenario';
    expect(target(`${folder}/lessons/03-log-repair.txt`)).toEqual({
      kind: 'file',
      path: 'play/index.html#lesson=3',
    });
    expect(target(`${folder}/attacks/1-two-votes.txt`)).toEqual({
      kind: 'file',
      path: 'play/index.html#story=1.x',
    });
  });

  it('leads to a source nowhere, and is refused where there is none', () => {
    expect(target('../src/raft/term.ts#L17')).toEqual({ kind: 'source', path: 'src/raft/term.ts#L17' });
    expect(() => target('no-such-page.md')).toThrow(
      'docs/questions.md links to docs/no-such-page.md, which is not there',
    );
  });
});

describe('site', { timeout: 120_000 }, () => {
  let site: BuiltSite;
  let server: SiteServer;
  let browser: Browser;
  let page: Page;
  /** What the page asked for, and what went wrong there. */
  const asked: string[] = [];
  const failed: string[] = [];
  /** By path, the text of each page that VitePress wrote. */
  const pages = new Map<string, string>();

  beforeAll(async () => {
    if (!isBrowserMissing) {
      browser = await openBrowser();
      page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
      page.on('request', (request) => asked.push(request.url()));
      page.on('response', (response) => {
        if (response.status() >= 400) failed.push(response.url());
      });
      page.on('pageerror', (error) => failed.push(error.message));
    }
    site = buildSite(base);
    server = await serveSite(site.folder, base);
    for (const file of filesBelow(site.folder)) {
      if (file.endsWith('.html') && !/^(play|charts)\//.test(file) && file !== '404.html')
        pages.set(file, readFileSync(join(site.folder, file), 'utf8'));
    }
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    site?.remove();
  });

  it('has a page of each document and of each entry of the package, in its sidebar', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly exports: object;
    };
    const entries = Object.keys(exports).filter((name) => !name.endsWith('.json'));
    const api = entries.map((name) => `api/${name === '.' ? 'index' : name.slice(2)}.html`);
    const expected = ['index.html', ...listed.map((file) => pageOf(file).replace(/\.md$/, '.html')), ...api];
    expect([...pages.keys()].toSorted()).toEqual(expected.toSorted());
    for (const page of expected.slice(1))
      expect(pages.get('overview.html')).toContain(
        `href="${base}${page.replace(/(^|\/)index\.html$/, '$1')}"`,
      );
  });

  it('has no link to what is not there, headings included', () => {
    const ids = new Map(
      [...pages].map(([path, text]) => [
        path,
        new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)),
      ]),
    );
    const dead = [...pages].flatMap(([path, text]) =>
      [...text.matchAll(/ (?:href|src)="([^"]+)"/g)].flatMap(([, link]) => {
        const url = new URL(link!.replaceAll('&amp;', '&'), `http://site${base}${path}`);
        if (url.host !== 'site' || link!.startsWith('data:')) return [];
        const file = url.pathname.slice(base.length).replace(/(^|\/)$/, '$1index.html');
        const isThere = url.pathname.startsWith(base) && existsSync(join(site.folder, file));
        const anchor = decodeURIComponent(url.hash.slice(1));
        const isFound = anchor === '' || !ids.has(file) || ids.get(file)!.has(anchor);
        return isThere && isFound ? [] : [`${path}: ${link}`];
      }),
    );
    expect(dead).toEqual([]);
  });

  it('leads from each state and branch of the protocol to the live chart', () => {
    const { charts } = JSON.parse(readFileSync(join(site.folder, 'charts/data/charts.json'), 'utf8')) as {
      readonly charts: readonly {
        readonly name: string;
        readonly views: readonly { readonly name: string }[];
      }[];
    };
    const links = [
      ...pages.get('docs/protocol.html')!.matchAll(/charts\/index\.html#\/([\w-]+)\/(\w+)\?([^"]+)"/g),
    ];
    expect(links.length).toBeGreaterThan(250);
    for (const [, chart, view] of links)
      expect(charts.find(({ name }) => name === chart)?.views.map(({ name }) => name)).toContain(view);
    expect(links.map(([, , , id]) => decodeURIComponent(id!))).toContain('raft.follower/RequestVote/1');
  });

  it('explains each export of the package, with links between types', () => {
    const page = pages.get('api/index.html')!;
    for (const name of ['createNode', 'RaftNode', 'StateMachine']) expect(page).toContain(` id="${name}"`);
    expect(page).toContain(`<a href="${base}api/index.html#NodeOptions">NodeOptions</a>`);
    expect(pages.get('api/chart.html')).toContain(
      `<a href="${base}api/index.html#RaftContext">RaftContext</a>`,
    );
  });

  describe.skipIf(isBrowserMissing)('in Chromium', () => {
    it('finds joint consensus, without a server that helps', async () => {
      await page.goto(server.url);
      const field = page.locator('#localsearch-input');
      const search = async (): Promise<boolean> => {
        await page.keyboard.press('Control+k');
        return field.isVisible();
      };
      // Keys do nothing until the page's own code runs.
      await expect.poll(search, { timeout: 30_000 }).toBe(true);
      await field.fill('joint consensus');
      const found = page.locator('#localsearch-list a');
      await expect.poll(() => found.count(), { timeout: 30_000 }).toBeGreaterThan(3);
      await found.first().click();
      await expect.poll(() => page.url()).not.toBe(server.url);
      await expect.poll(() => page.locator('main').textContent()).toMatch(/joint/i);
    });

    it('opens lessons in the playground, and rules in the live chart', async () => {
      await page.goto(`${server.url}docs/questions.html`);
      await page.locator('main a[href$="#lesson=3"]').click();
      await expect
        .poll(() => page.title(), { timeout: 30_000 })
        .toMatch(/^Lesson 3: .* · raftchart playground$/);
      await page.goto(`${server.url}docs/protocol.html`);
      await page.locator('main a[href$="raft.follower%2FRequestVote%2F1"]').click();
      await expect
        .poll(() => page.locator('body').textContent(), { timeout: 30_000 })
        .toContain('The candidate has a less up-to-date log');
    });

    it.each(['light', 'dark'] as const)(
      'is accessible, and fits a phone, in the %s theme',
      async (colorScheme) => {
        await page.emulateMedia({ colorScheme });
        for (const path of ['', 'docs/protocol.html', 'api/']) {
          await page.setViewportSize({ width: 1400, height: 900 });
          await page.goto(`${server.url}${path}`);
          expect(await axeFindings(page)).toEqual([]);
          await page.setViewportSize({ width: 400, height: 800 });
          expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(400);
        }
      },
    );

    it('shows the picture of its theme alone', async () => {
      await page.setViewportSize({ width: 1400, height: 900 });
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.goto(`${server.url}docs/protocol.html`);
      await page.locator('.VPSwitchAppearance').first().click();
      const shown = page.locator('.picture:visible img');
      await expect
        .poll(() => shown.first().getAttribute('src'))
        .toBe(`${base}diagrams/raft/overview.light.svg`);
      expect(await shown.count()).toBe(5);
    });

    it('asked nobody else, and got all that it asked for', () => {
      expect(asked.length).toBeGreaterThan(20);
      const { origin } = new URL(server.url);
      expect(asked.filter((url) => !url.startsWith(origin) && !/^(?:data|blob):/.test(url))).toEqual([]);
      expect(failed).toEqual([]);
    });
  });
});
