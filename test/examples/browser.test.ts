import { resolve } from 'node:path';
import { build, createLogger } from 'vite';
import { describe, expect, it } from 'vitest';
import type { Shown } from '../../examples/browser/main.ts';
import { isBrowserMissing, openBrowser } from '../page/browser.ts';

const root = resolve(import.meta.dirname, '../..');

/** Bundles a module for a browser, in one piece; what the bundler had to say, and the text. */
const bundled = async (
  entry: string,
): Promise<{ readonly code: string; readonly warnings: readonly string[] }> => {
  const warnings: string[] = [];
  const logger = createLogger('warn');
  const tell = (message: string) => void warnings.push(message);
  const output = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    customLogger: { ...logger, warn: tell, warnOnce: tell, error: tell },
    resolve: {
      alias: [{ find: /^raftchart\/(.+)$/, replacement: `${root}/src/entry/$1.ts` }],
    },
    build: {
      write: false,
      minify: false,
      target: 'es2024',
      lib: { entry: resolve(root, entry), formats: ['iife'], name: 'raftchart' },
      rolldownOptions: { checks: { pluginTimings: false } },
    },
  });
  const [{ output: chunks }] = output as unknown as [{ output: readonly { code?: string }[] }];
  return { code: chunks.map(({ code }) => code ?? '').join('\n'), warnings };
};

const requiredBy = (code: string): readonly string[] =>
  [...code.matchAll(/\brequire\(['"]([^'"]+)/g)].map(([, specifier]) => specifier!);

/** ELK comes as a bundle: its `require` is a function in there, and the worker is for those who ask for one. */
const withinElk = new Set(['./elk-api.js', './elk-worker.min.js', 'web-worker']);

describe.each(['chart', 'statechart', 'check', 'memory', 'sessions', 'client', 'inspect'])(
  'raftchart/%s, bundled for a browser',
  (name) => {
    it('takes no module of Node.js, and the bundler warns of nothing', async () => {
      const { code, warnings } = await bundled(`src/entry/${name}.ts`);
      expect(warnings).toEqual([]);
      expect(code).not.toMatch(/__vite[-_]browser[-_]external/);
      expect(requiredBy(code).filter((each) => !withinElk.has(each))).toEqual([]);
      expect(code.match(/(?:from|import\()\s*['"]node:[^'"]+/g)).toBeNull();
    });
  },
);

it.skipIf(isBrowserMissing)('the browser example runs in Chromium', async () => {
  const { code, warnings } = await bundled('examples/browser/main.ts');
  expect(warnings).toEqual([]);
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: code });
    const shown = (await page.evaluate('raftchart.show()')) as Shown;
    expect(shown).toMatchObject({
      state: '"preCandidate"',
      effects: ['send', 'send'],
      history: 'linearizable',
      sums: [1, 11],
    });
    expect(shown.mermaid).toMatch(/^stateDiagram-v2\n/);
  } finally {
    await browser.close();
  }
});
