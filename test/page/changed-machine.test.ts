import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chartOperand } from '../../src/cli/machine/chart-operand.ts';
import { FollowedMachine } from '../../src/cli/view/followed-machine.ts';
import { changesRoute, MachineChanges } from '../../src/cli/view/machine-changes.ts';
import { PageCharts } from '../../src/cli/view/page-charts.ts';
import { readPageFiles } from '../../src/cli/view/page-files.ts';
import { type MadeFile, type PageServer, servePage } from '../../src/cli/view/serve-page.ts';
import { projectOf, removeProjects } from '../cli/machine/module-folder.ts';
import { isBrowserMissing, openBrowser } from './browser.ts';
import { buildPage } from './built-page.ts';

removeProjects();

/** A shared machine can be slow. */
const poll = <Value>(read: () => Value | Promise<Value>) => expect.poll(read, { timeout: 30_000 });

const lampWith = (states: string): string => `import { createMachine } from 'xstate';
import { id } from './name.ts';
export const lamp = createMachine({ id, initial: 'dark', states: { dark: { on: { PRESS: 'lit' } }, ${states} } });
`;
const broken = 'export const id = ;\n';

describe.skipIf(isBrowserMissing)('page of a machine whose file changes, in Chromium', () => {
  let pageFolder: string;
  let folder: string;
  let machine: FollowedMachine;
  let server: PageServer;
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    pageFolder = buildPage();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    folder = projectOf({ 'lamp.ts': lampWith('lit: {}'), 'name.ts': "export const id = 'lamp';\n" });
    const charts = new PageCharts(readPageFiles(pageFolder), []);
    const made = new Map<string, MadeFile>();
    const changes = new MachineChanges();
    const operand = chartOperand(join(folder, 'lamp.ts'), undefined);
    machine = new FollowedMachine(
      { text: 'lamp.ts', name: 'lamp', operand: { ...operand, label: 'lamp.ts' } },
      {
        stock: { charts, made },
        flags: { loadTimeout: 60_000, verbose: false, events: null },
        changes,
        tell: () => {},
      },
    );
    await machine.start();
    server = await servePage(0, {
      files: charts.files,
      made,
      routes: new Map([['/changes', changesRoute(changes, 'a1')]]),
    });
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    problems = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
  });
  afterEach(async () => {
    machine.close();
    await page?.close();
    await server?.close();
  });

  const open = async (address: string): Promise<void> => {
    await page.goto(`${server.url}/${address}`);
    await page.waitForSelector('.drawing text');
  };
  const texts = async (): Promise<string> =>
    (await page.locator('.drawing text').allTextContents()).join(' ');
  const alerts = (): Promise<string[]> => page.getByRole('alert').allTextContents();
  const zoom = (): Promise<string | null> => page.locator('.zoom button').nth(1).textContent();
  const hash = (): string => new URL(page.url()).hash;
  /** As editors do. */
  const save = (name: string, text: string): void => {
    writeFileSync(join(folder, `${name}.tmp`), text);
    renameSync(join(folder, `${name}.tmp`), join(folder, name));
  };

  it('shows the new machine in the same view, at the same size and with the same selection', async () => {
    await open('#/lamp/full?lamp.dark');
    await page.getByRole('button', { name: 'Zoom in' }).click();
    const zoomed = await zoom();
    save('lamp.ts', lampWith("lit: { on: { BREAK: 'broken' } }, broken: {}"));
    await poll(texts).toContain('broken');
    expect([hash(), await zoom()]).toEqual(['#/lamp/full?lamp.dark', zoomed]);
    expect(await page.locator('.panel h2').last().innerText()).toContain('dark');
    save('name.ts', "export const id = 'torch';\n");
    await poll(() => page.title()).toContain('torch');
    expect([hash(), await alerts()]).toEqual(['#/lamp/full', []]);
    expect(problems).toEqual([]);
  });

  it('leaves a view and a selection that are gone', async () => {
    await open('#/lamp/lit?lamp.lit');
    save('lamp.ts', lampWith('bright: {}').replace("'lit'", "'bright'"));
    await poll(texts).toContain('bright');
    await poll(hash).toBe('#/lamp/overview');
    expect(await alerts()).toEqual([]);
  });

  it('keeps the old picture while a module does not load, with why, and shows the new one once it does', async () => {
    await open('#/lamp/full');
    save('name.ts', broken);
    await poll(alerts).toEqual([`cannot load lamp.ts: Expression expected (${folder}/name.ts:1)`]);
    expect(await texts()).toContain('lit');
    const late = await browser.newPage();
    await late.goto(server.url);
    await poll(() => late.getByRole('alert').count()).toBe(1);
    await late.close();
    save('name.ts', "export const id = 'torch';\n");
    await poll(alerts).toEqual([]);
    await poll(() => page.title()).toContain('torch');
  });
});
