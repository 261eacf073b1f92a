import { createHash } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Request } from '../../../src/simulate/play/engine.ts';
import { randomPlay } from '../../simulate/play/random-play.ts';
import { isBrowserMissing, openBrowser } from '../browser.ts';
import { buildPlayground } from '../built-page.ts';

const plays = 100;
const interventions = 8;

if (isBrowserMissing) {
  process.stderr.write('Browser tests are skipped: no chromium here (apt-get install chromium).\n');
}

/** Keeps what the page makes its worker of, so that the tests can start one more. */
const keepWorker = (): void => {
  const { createObjectURL } = URL;
  URL.createObjectURL = (made: Blob) => {
    if (made instanceof Blob && made.type.includes('javascript')) Object.assign(globalThis, { kept: made });
    return createObjectURL.call(URL, made);
  };
};

interface PageWorker {
  onmessage: (event: { readonly data: Answer }) => void;
  onerror: (event: { readonly message: string }) => void;
  postMessage(request: Request): void;
}

/** What the page has, and the worker that the tests start in it. */
interface InPage {
  readonly kept: Blob;
  readonly Worker: new (url: string) => PageWorker;
  worker?: PageWorker;
}

/** In the page: its worker does what is asked, and the hash of the trace comes back. One does all plays, since it starts slower than it plays. */
const hashIn = async (requests: readonly Request[]): Promise<string> => {
  const inPage = globalThis as unknown as InPage;
  inPage.worker ??= new inPage.Worker(URL.createObjectURL(inPage.kept));
  const { worker } = inPage;
  const ask = (request: Request): Promise<Answer> =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(request);
    });
  for (const request of requests) {
    const { refusal } = await ask(request);
    if (refusal !== null) return `refused ${JSON.stringify(request)}: ${refusal}`;
  }
  const { exported } = await ask({ type: 'export', as: 'trace' });
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(exported!));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
};

describe.skipIf(isBrowserMissing)('a play in a page that was opened from a file', () => {
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    const url = buildPlayground();
    browser = await openBrowser();
    // Nothing moves on the page itself, which would take time from the plays.
    page = await browser.newPage({ reducedMotion: 'reduce' });
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('request', (request) => asked.push(request.url()));
    await page.addInitScript(keepWorker);
    await page.goto(url);
    await page.waitForFunction(() => 'kept' in globalThis);
  });
  afterAll(() => browser?.close());

  it('has the same trace in Chromium as in Node.js, whatever is done', async () => {
    let events = 0;
    for (let seed = 1; seed <= plays; seed++) {
      const { requests, trace } = await randomPlay(seed, interventions);
      events += trace.split('\n').length - 1;
      const here = createHash('sha256').update(trace).digest('hex');
      expect(await page.evaluate(hashIn, requests), `the play of seed ${seed}`).toBe(here);
    }
    const { user, system } = process.cpuUsage();
    process.stdout.write(
      `${plays} plays of ${events} events; this process took ${((user + system) / 1e6).toFixed(1)} s of CPU\n`,
    );
    expect(errors).toEqual([]);
  }, 300_000);

  it('asks nobody for anything but the files of the page', () => {
    expect(asked.filter((url) => !/^(file|blob|data):/.test(url))).toEqual([]);
  });
});
