import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PageCharts } from '../../src/cli/view/page-charts.ts';
import { readPageFiles } from '../../src/cli/view/page-files.ts';
import { type PageServer, servePage } from '../../src/cli/view/serve-page.ts';
import { loadMachine, shownMachines } from '../../src/cli/view/shown-machines.ts';
import { projectOf, removeProjects } from '../cli/machine/module-folder.ts';
import { axeFindings } from './axe-findings.ts';
import { isBrowserMissing, openBrowser } from './browser.ts';
import { buildPage } from './built-page.ts';

/** A shared machine can be slow. */
const poll = <Value>(read: () => Value | Promise<Value>) => expect.poll(read, { timeout: 15_000 });

const machineText = `import { createMachine } from 'xstate';
export const lamp = createMachine({
  id: 'lamp',
  initial: 'dark',
  states: {
    dark: { on: { PRESS: 'lit', BREAK: { guard: 'isOld', target: 'broken' } } },
    lit: { after: { 500: 'dark' }, on: { PRESS: 'dark' } },
    broken: { type: 'final' },
  },
}, { guards: { isOld: () => false } });
`;

if (isBrowserMissing) {
  process.stderr.write('Browser tests are skipped: no chromium here (apt-get install chromium).\n');
}

removeProjects();

describe.skipIf(isBrowserMissing)('page for everybody, in Chromium', () => {
  let folder: string;
  let own: PageServer;
  /** With one of our charts. */
  let small: PageServer;
  /** With a machine of somebody else. */
  let others: PageServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    folder = buildPage();
    const file = join(projectOf({ 'lamp.ts': machineText }), 'lamp.ts');
    own = await servePage(0, { files: readPageFiles(folder) });
    small = await servePage(0, { files: new PageCharts(readPageFiles(folder), ['log-writer']).files });
    const charts = new PageCharts(readPageFiles(folder), []);
    const [lamp] = shownMachines([file], undefined, []);
    const { data, paths, pathsAddress } = await loadMachine(lamp!, {
      loadTimeout: 30_000,
      verbose: false,
      events: null,
    });
    charts.put(data);
    others = await servePage(0, { files: charts.files, made: new Map([[`/${pathsAddress}`, paths]]) });
    browser = await openBrowser();
    page = await browser.newPage();
  });
  afterEach(() => page.unrouteAll());
  afterAll(async () => {
    await browser?.close();
    await own?.close();
    await small?.close();
    await others?.close();
  });

  const open = async ({ url }: PageServer, width: number, address = '') => {
    await page.setViewportSize({ width, height: 800 });
    // An address that differs behind its # alone would load nothing.
    await page.goto('about:blank');
    await page.goto(`${url}/${address}`);
    await page.waitForSelector('.drawing text, .list-rule');
  };
  const heading = () => page.locator('.panel h2').last().innerText();

  it.each([400, 1400])('has nothing that axe finds, light or dark, %i px wide', async (width) => {
    for (const server of [small, others]) {
      await open(server, width);
      await page.keyboard.press('ArrowDown');
      await poll(() => page.locator('.panel .walks').count()).toBe(1);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await axeFindings(page)).toEqual([]);
      }
      await page.emulateMedia({ colorScheme: null });
    }
  });

  it('has nothing that axe finds where much is drawn', async () => {
    await open(own, 1400, '#/raft/gate');
    expect(await axeFindings(page)).toEqual([]);
  });

  it.each([400, 1280])('opens at a size that can be read, %i px wide', async (width) => {
    await open(own, width);
    const smallest =
      await page.evaluate<number>(`Math.min(...[...document.querySelectorAll('.drawing text, .list *')].map(
      (text) => parseFloat(getComputedStyle(text).fontSize) * (text.getCTM?.().a ?? 1)))`);
    expect(smallest).toBeGreaterThanOrEqual(10.99);
  });

  it('begins with a list at full width on a phone, and shows details once something is selected', async () => {
    await open(own, 400);
    expect((await page.locator('.list').boundingBox())!.width).toBe(400);
    expect(await page.locator('.panel').isVisible()).toBe(false);
    await page.locator('.list-rule').nth(2).click();
    await poll(heading).toBe('Received [isStaleRequest]');
    await page.getByRole('button', { name: 'Close' }).click();
    expect(await page.locator('.panel').isVisible()).toBe(false);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
  });

  it('is used from the keyboard alone: Tab into the picture, arrows, Enter for the details, Escape back', async () => {
    await open(others, 1400);
    const focus = () =>
      page.evaluate<string>('document.activeElement.closest("[class]")?.getAttribute("class") ?? ""');
    for (let tab = 0; tab < 30 && !(await focus()).includes('region'); tab++)
      await page.keyboard.press('Tab');
    expect(await focus()).toContain('region');
    await page.keyboard.press('ArrowDown');
    await poll(heading).toBe('PRESS');
    await page.keyboard.press('ArrowDown');
    await poll(heading).toBe('BREAK [isOld]');
    await poll(() => page.locator('.region:focus').getAttribute('aria-label')).toContain('BREAK');
    await page.keyboard.press('Enter');
    expect(await focus()).toContain('panel');
    await page.keyboard.press('Escape');
    expect(await focus()).toContain('region');
    await page.keyboard.press('Escape');
    expect(await page.locator('.region.is-selected').count()).toBe(0);
  });

  it('claims only what a path has walked, and says why a rule was not', async () => {
    await open(others, 1400, `#/lamp/overview?${encodeURIComponent('lamp.dark/BREAK/0')}`);
    const walks = page.locator('.walks');
    await poll(() => walks.innerText()).toMatch(
      /No generated path walks it: isOld was false .*By the arrows alone\s+The chart starts in its state\. Guards are not evaluated here/s,
    );
    await page.goto(`${others.url}/#/lamp/overview?${encodeURIComponent('lamp.lit/after:500/0')}`);
    await poll(() => walks.innerText()).toMatch(
      /The shortest generated path that walks it.*starts in dark.*PRESS.*after 500 ms/s,
    );
    expect(await walks.innerText()).toMatch(/npx raftchart paths \S+lamp\.ts --format markdown prints them/);
  });

  it('shows the lines of a guard of any machine, and nothing of Raft', async () => {
    await open(others, 1400, `#/lamp/overview?${encodeURIComponent('lamp.dark/BREAK/0')}`);
    await poll(() => page.locator('.panel').innerText()).toContain('isOld: () => false');
    const text = await page.locator('body').innerText();
    expect(text).not.toMatch(/§|Raft paper|Live nodes|Tests that walk it|\braft\b/);
    expect(await page.locator('nav.charts button').allInnerTexts()).toEqual(['lamp']);
  });

  it.each([
    ['#/lamp/overview?lamp.nowhere', 'There is no state or rule lamp.nowhere in lamp.'],
    ['#/lamp/somewhere', 'There is no view somewhere of lamp.'],
    ['#/raft/overview', 'There is no chart raft here.'],
    ['#/lamp/overview?%E0%A4%A', 'There is no state or rule %E0%A4%A in lamp.'],
  ])('says that %s leads nowhere, with a way back', async (address, sentence) => {
    await open(others, 1400, address);
    await poll(() => page.locator('[role=alert]').innerText()).toContain(sentence);
    await page.getByRole('button', { name: 'Show the chart' }).click();
    expect(await page.locator('[role=alert]').count()).toBe(0);
    expect(page.url()).toBe(`${others.url}/#/lamp/overview`);
  });

  it('marks the view that it shows where another cannot be loaded', async () => {
    await open(own, 1400);
    await page.route('**/data/raft=leader.json', (route) => route.abort());
    await page.locator('nav.views').getByRole('button', { name: 'leader', exact: true }).click();
    await poll(() => page.locator('[role=alert]').innerText()).toContain('cannot be loaded');
    expect(await page.locator('nav.views [aria-current]').innerText()).toBe('overview');
    expect(await page.locator('.drawing text').first().textContent()).toMatch(/overview/);
  });
});
