import type { Browser, Page } from 'playwright-core';
import { readPageFiles } from '../src/cli/view/page-files.ts';
import { servePage } from '../src/cli/view/serve-page.ts';
import { linkTo } from '../src/simulate/play/link.ts';
import { openBrowser } from '../test/page/browser.ts';
import { median } from './quantile.ts';

/**
 * The playground in a headless Chromium, which draws without a graphics card: `node bench/playground.ts [folder …]`, each a built page (default:
 * dist/play), in turn, so that two builds are compared in one run. First paint, the moment at which a node that is clicked shows its details, the size of the files, frames a second and
 * what the page's main thread takes for one, and virtual seconds a second. On a busy machine only the processor times mean anything.
 */
const folders = process.argv.length > 2 ? process.argv.slice(2) : ['dist/play'];
const loads = Number(process.env.LOADS ?? 5);
const seconds = Number(process.env.SECONDS ?? 10);

const cases = [
  { nodes: 5, speed: '1 ×' },
  { nodes: 7, speed: '1 ×' },
  { nodes: 7, speed: '20 ×' },
  { nodes: 5, speed: '100 ×' },
] as const;

/** In the page: notes when the details of a node stand that was clicked as soon as there was one. */
const noteInteractive = `new MutationObserver((_, observer) => {
  const node = document.querySelector('.ring-node');
  if (document.querySelector('.details h2')?.textContent.startsWith('node1')) {
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => { document.documentElement.dataset.interactiveMs = performance.now(); }));
  } else node?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
}).observe(document, { subtree: true, childList: true });`;

/** In the page: how many frames are drawn in each of so many seconds. */
const countFrames = (count: number): string => `new Promise((resolve) => {
  const perSecond = new Array(${count}).fill(0);
  const began = performance.now();
  const draw = () => {
    const second = Math.floor((performance.now() - began) / 1000);
    if (second >= ${count}) return resolve(perSecond);
    perSecond[second]++;
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
})`;

/** Of each load with nothing in the cache. */
const loading = async (browser: Browser, url: string) => {
  const paints: number[] = [];
  const interactive: number[] = [];
  for (let load = 0; load < loads; load++) {
    const page = await browser.newPage({ viewport: { width: 1400, height: 860 } });
    await page.addInitScript(noteInteractive);
    await page.goto(url);
    const shown = await page.waitForSelector('[data-interactive-ms]');
    interactive.push(Number(await shown.getAttribute('data-interactive-ms')));
    paints.push(
      await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime"),
    );
    await page.close();
  }
  return { 'first paint ms': Math.round(median(paints)), 'interactive ms': Math.round(median(interactive)) };
};

const shownMs = async (page: Page): Promise<number> =>
  Number((await page.locator('.now').innerText()).replace(/[^\d.]/g, ''));

/** What the page's main thread has taken of a processor, and what all of the browser has. */
const processorMs = async (browser: Browser, page: Page) => {
  const ofPage = await page.context().newCDPSession(page);
  await ofPage.send('Performance.enable', { timeDomain: 'threadTicks' });
  const ofBrowser = await browser.newBrowserCDPSession();
  return async () => {
    const { metrics } = await ofPage.send('Performance.getMetrics');
    const { processInfo } = await ofBrowser.send('SystemInfo.getProcessInfo');
    return {
      thread: metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000,
      all: processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0) * 1000,
      heapMb: metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value / 1e6,
    };
  };
};

/** With the details of a node beside the ring, which say how much of its timers is left. */
const running = async (browser: Browser, url: string, { nodes, speed }: (typeof cases)[number]) => {
  const page = await browser.newPage({ viewport: { width: 1400, height: 860 } });
  await page.goto(`${url}/${await linkTo(`nodes: ${nodes}\ntime: runs\n\nstart\nrates delay=8ms..16ms\n`)}`);
  await page.locator('.ring-node[data-node="1"] .node-region').click();
  await page.getByRole('heading', { name: 'node1' }).waitFor();
  await page.getByLabel('Speed').selectOption(speed);
  await page.getByRole('button', { name: 'Run' }).click();
  await page.waitForSelector('.ring-node.role-leader');
  const taken = await processorMs(browser, page);
  const [before, fromMs, from] = [await taken(), await shownMs(page), performance.now()];
  const frames = await page.evaluate<number[]>(countFrames(seconds));
  const [after, untilMs, until] = [await taken(), await shownMs(page), performance.now()];
  await page.close();
  const drawn = frames.reduce((sum, each) => sum + each, 0);
  return {
    'frames/s': median(frames),
    'worst second': Math.min(...frames),
    'main thread ms/frame': ((after.thread - before.thread) / drawn).toFixed(2),
    'processors busy': ((after.all - before.all) / (until - from)).toFixed(2),
    'virtual s/s': ((untilMs - fromMs) / (until - from)).toFixed(2),
    'heap MB': after.heapMb.toFixed(0),
  };
};

const browser = await openBrowser();
for (const [at, folder] of folders.entries()) {
  const files = readPageFiles(folder);
  const kb = [...files].map(([path, { gzipped }]) => `${path} ${(gzipped.length / 1000).toFixed(1)}`);
  const all = [...files.values()].reduce((sum, { gzipped }) => sum + gzipped.length, 0) / 1000;
  console.log(`${at}: ${folder}, ${all.toFixed(1)} kB gzipped (${kb.join(', ')})`);
}
const servers = await Promise.all(
  folders.map((folder) => servePage(0, { files: readPageFiles(folder), startsWorkers: true })),
);
const rows: Record<string, object> = {};
for (const [at, { url }] of servers.entries()) rows[at] = await loading(browser, url);
console.table(rows);
const frames: Record<string, object> = {};
for (const each of cases) {
  for (const [at, { url }] of servers.entries())
    frames[`${each.nodes} nodes, ${each.speed}, ${at}`] = await running(browser, url, each);
}
console.table(frames);
console.log(
  'goals: first paint below 1,000 ms, interactive below 2,000 ms, below 500 kB; 60 frames/s with 5 nodes at 1 ×, never below 20 with 7',
);
await browser.close();
await Promise.all(servers.map((server) => server.close()));
