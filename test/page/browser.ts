import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where Chromium is: `CHROMIUM_PATH`, or where Linux distributions put it; null if it is nowhere. */
const chromiumPath = (): string | null =>
  [process.env.CHROMIUM_PATH, ...candidates].find((path) => path !== undefined && existsSync(path)) ?? null;

/** True where the browser tests cannot run and nobody insists. In CI a missing browser is a failure. */
export const isBrowserMissing = chromiumPath() === null && !process.env.CI;

/** A headless Chromium that asks the network for nothing by itself. */
export const openBrowser = (): Promise<Browser> => {
  const path = chromiumPath();
  if (path === null) throw new Error('the browser tests need chromium: apt-get install chromium');
  return chromium.launch({
    executablePath: path,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
};
