import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPageFiles } from '../../../src/cli/view/page-files.ts';
import { type PageServer, servePage } from '../../../src/cli/view/serve-page.ts';
import { Dice } from '../../../src/simulate/dice.ts';
import { linkTo } from '../../../src/simulate/play/link.ts';
import { axeFindings } from '../axe-findings.ts';
import { isBrowserMissing, openBrowser } from '../browser.ts';
import { buildPage } from '../built-page.ts';
import { act } from './monkey.ts';

/** The longer form is `npm run monkey:nightly`; `SEED` and `SECONDS` choose others. */
const seconds = Number(process.env.SECONDS ?? 8);
const seed = Number(process.env.SEED ?? 1);
/** So long may the page take to do what it is told. */
const answerMs = 5000;
/** Of what was done before a failure, so much is told. */
const lastActions = 25;

const within = async <Value>(promise: Promise<Value>, ms: number): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the page has not answered within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};

describe.skipIf(isBrowserMissing)('the playground under a monkey', () => {
  let browser: Browser;
  let server: PageServer;

  beforeAll(async () => {
    server = await servePage(0, { files: readPageFiles(buildPage('play')), startsWorkers: true });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it(
    'has no error, asks nobody for anything, always answers, and still plays a story',
    async () => {
      const page = await browser.newPage({ viewport: { width: 1400, height: 860 } });
      const problems: string[] = [];
      const done: string[] = [];
      page.on('pageerror', ({ message }) => problems.push(`error: ${message}`));
      page.on('crash', () => problems.push('the page has crashed'));
      page.on('console', (message) => {
        if (/error|warning/.test(message.type())) problems.push(`${message.type()}: ${message.text()}`);
      });
      page.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(server.url) && !/^(blob|data):/.test(url)) problems.push(`asks for ${url}`);
      });
      const dice = new Dice(seed, 'monkey').stream(0);
      const told = () =>
        `seed ${seed}, after ${done.length} actions:\n${done.slice(-lastActions).join('\n')}`;
      await page.goto(server.url);
      await page.waitForSelector('.ring-node');
      const end = performance.now() + seconds * 1000;
      while (performance.now() < end && problems.length === 0) {
        try {
          const what = await within(act(page, dice), answerMs);
          if (what !== null) done.push(what);
        } catch (error) {
          problems.push((error as Error).message);
        }
      }
      expect(problems, told()).toEqual([]);
      expect(done.length).toBeGreaterThan(seconds);
      process.stdout.write(`${done.length} actions of seed ${seed}\n`);
      expect(await axeFindings(page), told()).toEqual([]);

      const link = await linkTo('title: After the monkey\nnodes: 3\n\nstart\nelect 1\n');
      await page.evaluate(`location.hash = ${JSON.stringify(link)}`);
      await page.locator('.story-title', { hasText: 'After the monkey' }).waitFor();
      await page.locator('.ring-node[data-node="1"].role-leader').waitFor();
      expect(problems, told()).toEqual([]);
    },
    (seconds + 120) * 1000,
  );
});
