/**
 * A machine as the model of a web page: a server of its own, the page in Chromium, and every path of the machine walked on both.
 * Run it: `node examples/model-test-page.ts`. It needs Debian's Chromium, or CHROMIUM_PATH.
 */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Page } from 'playwright-core';
import { createModelTest } from 'raftchart/model-test';
import { createMachine } from 'xstate';

const basket = createMachine({
  id: 'basket',
  initial: 'empty',
  states: {
    empty: { on: { add: 'filled' } },
    filled: { on: { clear: 'empty', order: 'ordered' } },
    ordered: { type: 'final' },
  },
});

const html = `<!doctype html><title>Basket</title><output>empty</output>
<button id="add">Add</button><button id="clear">Clear</button><button id="order">Order</button>
<script>
  const output = document.querySelector('output');
  add.onclick = () => { output.value = 'filled'; };
  clear.onclick = () => { output.value = 'empty'; };
  order.onclick = () => { if (output.value === 'filled') output.value = 'ordered'; };
</script>`;

const path = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (each) => each !== undefined && existsSync(each),
);
if (path === undefined) {
  console.log('skipped: there is no Chromium; set CHROMIUM_PATH, or apt-get install chromium');
} else {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end(html);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: path, args });

  const press = (page: Page, { type }: { readonly type: string }) => page.click(`#${type}`);
  const test = createModelTest<Page>(basket, {
    events: { add: press, clear: press, order: press },
    assertions: {
      '*': async (page, { value }) => {
        const shown = await page.textContent('output');
        if (shown !== value) throw new Error(`the page shows ${shown}`);
      },
    },
    setup: async () => {
      const page = await browser.newPage();
      await page.goto(url);
      return page;
    },
    teardown: (page) => page.close(),
  });
  try {
    await test.testAll();
    console.log(
      test
        .coverageText()
        .split('\n')
        .find((line) => line.startsWith('total')),
    );
  } finally {
    await browser.close();
    server.close();
  }
}
