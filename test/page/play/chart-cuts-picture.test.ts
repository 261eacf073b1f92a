import { readFileSync } from 'node:fs';
import { Resvg } from '@resvg/resvg-js';
import type { Page } from 'playwright-core';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { axeFindings } from '../axe-findings.ts';
import { isBrowserMissing } from '../browser.ts';
import { nodeOf, openStory, playgroundInChromium } from './playground-in-chromium.ts';

const patience = { timeout: 30_000 };

describe.skipIf(isBrowserMissing)('the playground, looked into and cut', () => {
  const { open } = playgroundInChromium();

  /** With this story open, and all of it played. */
  const opened = async (text: string, look: Parameters<typeof open>[0] = {}): Promise<Page> => {
    const page = await open(look);
    await openStory(page, text);
    const run = page.getByRole('button', { name: 'Run' });
    // Where nothing is in store, all has been played.
    if ((await page.locator('.transport .next').count()) > 0) {
      await page.getByLabel('Speed').selectOption('100 ×');
      await run.click();
      await page.locator('.transport .next').waitFor({ state: 'detached', ...patience });
      // It may stop by itself any moment: no button to wait for.
      await page.evaluate("document.querySelector('.run[aria-pressed=true]')?.click()");
      // What is shown lags behind what has been played.
      await page.keyboard.press('End');
    }
    await run.waitFor();
    return page;
  };

  const mend = (page: Page, a: number, b: number) =>
    page.getByRole('button', { name: `Mend the link between node${a} and node${b}` });
  /** Presses a key that goes to another frame, and says which. */
  const step = async (page: Page, key: string): Promise<string> => {
    const now = page.locator('.now');
    const before = await now.innerText();
    await page.keyboard.press(key);
    await expect.poll(() => now.innerText(), patience).not.toBe(before);
    return now.innerText();
  };
  const rules = (page: Page) => page.locator('.taken-rules li');

  it('lights in the role chart where a node is and which rules it followed last, at any moment', async () => {
    const page = await opened('nodes: 3\n\nstart\nelect 1\n');
    await page.getByRole('tab', { name: 'Chart' }).click();
    await page.locator('.badge[data-token="1"][data-state="raft.leader"]').waitFor(patience);
    await page.locator('.badge[data-token="2"][data-state="raft.follower"]').waitFor();
    await nodeOf(page, 1).click();
    expect(await page.getByRole('tab', { name: 'Chart' }).getAttribute('aria-selected')).toBe('true');
    await page.getByRole('heading', { name: 'What node1 did last' }).waitFor();
    expect(await rules(page).count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Rules of a leader' }).click();
    await page.getByRole('region', { name: 'Rules of a leader' }).locator('.taken').first().waitFor();
    await page.getByRole('button', { name: 'All roles' }).click();
    await page.keyboard.press('Home');
    await page.getByText('It has no process.').waitFor();
    while ((await page.locator('.badge[data-token="1"][data-state="raft.leader"]').count()) === 0)
      await step(page, '.');
    await page.locator('.taken-arrows path').first().waitFor();
    const vote = page.locator('[data-rule^="raft.candidate/RequestVoteResponse"]');
    expect(await vote.innerText()).toMatch(/isVoteQuorum[\s\S]*majority/);
    expect(await vote.getByRole('link').first().getAttribute('href')).toMatch(
      /^https:\/\/raft\.github\.io\/raft\.pdf#page=/,
    );
    // What is gone from the page is measured no more.
    await page.getByRole('tab', { name: 'Safety' }).click();
    await page.getByRole('heading', { name: 'What must always hold' }).waitFor();
  });

  it('steps to the next transition of any node, and back', async () => {
    const page = await opened('nodes: 3\n\nstart\ncampaign 1\ndeliver to 2\n');
    await page.getByRole('tab', { name: 'Chart' }).click();
    await page.keyboard.press('Home');
    const first = await step(page, 't');
    // It is node 1 that begins.
    await nodeOf(page, 1).click();
    expect(await rules(page).first().innerText()).toContain('after electionTimeout');
    await nodeOf(page, 2).click();
    await page.getByText('has followed no rule').waitFor();
    expect(await rules(page).count()).toBe(0);
    await step(page, 't');
    expect(await rules(page).first().innerText()).toContain('Received');
    await page.getByLabel('A step is').selectOption('transition');
    await page.getByRole('button', { name: 'Back by one transition' }).click();
    await expect.poll(() => page.locator('.now').innerText(), patience).toBe(first);
    expect(await rules(page).count()).toBe(0);
  });

  it('cuts the links that a line crosses, mends one by a press on it, and gives up a line with Escape', async () => {
    const page = await opened('nodes: 5\n\nstart\n');
    const { x, y, width, height } = (await page.locator('.ring').boundingBox())!;
    const draw = async (): Promise<void> => {
      await page.mouse.move(x + 60, y + height * 0.2);
      await page.mouse.down();
      await page.mouse.move(x + width / 2, y + height * 0.28, { steps: 4 });
      await page.mouse.move(x + width - 60, y + height * 0.2, { steps: 4 });
    };
    await draw();
    await page.getByText('4 links will be cut').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('4 links will be cut').waitFor({ state: 'detached' });
    await page.mouse.up();
    expect(await page.locator('.mend').count()).toBe(0);
    await draw();
    await page.mouse.up();
    await mend(page, 1, 5).waitFor(patience);
    expect(await page.locator('.mend').count()).toBe(4);
    await page.getByRole('option', { name: /is cut: node1 \| node2 node3 node4 node5/ }).waitFor();
    await mend(page, 1, 3).click();
    await mend(page, 1, 3).waitFor({ state: 'detached', ...patience });
    expect(await page.locator('.mend').count()).toBe(3);
  });

  it('cuts and mends a link with the keyboard', async () => {
    const page = await opened('nodes: 3\n\nstart\n');
    await nodeOf(page, 1).focus();
    await page.keyboard.press('x');
    await page.getByText('Draw a line across links').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('node1 no longer reaches').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await mend(page, 1, 2).waitFor(patience);
    expect(await page.locator('.link-lane.is-cut').count()).toBe(2);
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await mend(page, 1, 2).waitFor({ state: 'detached', ...patience });
    await page.keyboard.press('Escape');
    expect(await page.getByRole('button', { name: 'Cut', exact: true }).getAttribute('aria-pressed')).toBe(
      'false',
    );
  });

  it('cuts with a finger only while links are being cut', async () => {
    const page = await opened('nodes: 3\n\nstart\n', { width: 400, hasTouch: true });
    const session = await page.context().newCDPSession(page);
    const swipe = async (points: readonly (readonly [number, number])[]): Promise<void> => {
      await page.locator('.ring').scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await page.locator('.ring').boundingBox())!;
      for (const [at, [right, down]] of points.entries()) {
        await session.send('Input.dispatchTouchEvent', {
          type: at === 0 ? 'touchStart' : 'touchMove',
          touchPoints: [{ x: x + width * right, y: y + height * down }],
        });
      }
      await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    };
    // Without the browser, which may take what a finger does for its own.
    await page.evaluate(`(() => {
      const svg = document.querySelector('.ring > svg');
      const { left, top, width, height } = svg.getBoundingClientRect();
      for (const [type, right] of [['pointerdown', 0.06], ['pointermove', 0.5], ['pointerup', 0.94]]) {
        const [clientX, clientY] = [left + width * right, top + height / 2];
        const about = { pointerId: 1, pointerType: 'touch', isPrimary: true, bubbles: true };
        svg.dispatchEvent(new PointerEvent(type, { ...about, clientX, clientY }));
      }
    })()`);
    await page.getByRole('button', { name: 'Cut', exact: true }).click();
    expect(await page.locator('.mend').count()).toBe(0);
    await swipe([0.06, 0.2, 0.4, 0.6, 0.8, 0.94].map((right) => [right, 0.5]));
    await mend(page, 1, 2).waitFor(patience);
    await mend(page, 1, 3).waitFor();
    expect(await page.locator('.mend').count()).toBe(2);
  });

  it('has sliders that stand at the rates of what is shown, and write one directive at rest', async () => {
    const page = await opened('nodes: 3\ntime: runs\n\nstart\nrates delay=8ms..16ms\nrates loss=20%\n');
    await page.getByRole('tab', { name: 'Network' }).click();
    const slider = (name: string) => page.getByRole('slider', { name });
    await expect.poll(() => slider('lost').inputValue(), patience).toBe('20');
    expect(await slider('takes at most').inputValue()).toBe('16');
    // In the page, whose timers go off in their order however slow it is.
    await page.evaluate(`(async () => {
      const input = document.querySelector('.sliders input');
      for (const value of ['21', '22', '23']) {
        input.value = value;
        for (const type of ['input', 'change']) input.dispatchEvent(new Event(type, { bubbles: true }));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })()`);
    await page.getByRole('option', { name: /loses 23 %/ }).waitFor(patience);
    expect(await page.getByRole('option', { name: /loses 2[12] %/ }).count()).toBe(0);
    await slider('lost').focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('option', { name: /loses 24 %/ }).waitFor(patience);
    expect(await slider('lost').inputValue()).toBe('24');
    await page.getByRole('slider', { name: 'Timeline' }).focus();
    await page.keyboard.press('Home');
    await expect.poll(() => slider('lost').inputValue(), patience).toBe('0');
    await page.keyboard.press('End');
    await expect.poll(() => slider('lost').inputValue(), patience).toBe('24');
  });

  it('saves the moment as a picture that needs nothing else', async () => {
    const page = await opened(
      'title: Two sides & a cut\nnodes: 3\n\nstart\nelect 1\npropose 1 put x 1\ncut 1 to 3\n',
    );
    const shown = await page.locator('.ring .flight').count();
    expect(shown).toBeGreaterThan(0);
    await nodeOf(page, 1).click();
    await page.getByRole('button', { name: 'Share …' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Picture' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('moment.svg');
    const svg = readFileSync(await download.path(), 'utf8');
    const names: string[] = [];
    const parser = new SaxesParser();
    parser.on('opentag', ({ name }) => names.push(name));
    parser.on('error', (error) => {
      throw error;
    });
    parser.write(svg).close();
    expect(names.filter((name) => name === 'script' || name === 'image')).toEqual([]);
    expect(svg).not.toMatch(/oklch|oklab|color-mix|var\(|undefined|is-selected/);
    expect(svg).toMatch(/<title id="t">Two sides &amp; a cut, step \d+<\/title>/);
    expect(svg).toMatch(/<desc id="d">node1, leader.*AppendEntries under way from node1 to node2/);
    expect(svg).toContain('the link from node1 to node3 is cut');
    expect(svg).toMatch(/>not durable<\/text>/);
    expect(svg).toContain('@media(prefers-color-scheme:dark)');
    expect(names.filter((name) => name === 'title').length).toBe(1 + 6 + 1 + shown);
    const png = new Resvg(svg).render();
    expect([png.width, png.height]).toEqual([960, 720]);
    // The page is as it was.
    expect(await page.locator('.still').count()).toBe(0);
    expect(await page.evaluate<string>('document.documentElement.dataset.theme')).toBe('auto');
  });

  it.each([
    [1400, 'light'],
    [400, 'dark'],
  ] as const)(
    'has nothing that axe-core finds in the chart and among cuts at %i px in the %s',
    async (width, colorScheme) => {
      const page = await opened('nodes: 5\n\nstart\nelect 1\npartition 1 2 | 3 4 5\n', {
        width,
        colorScheme,
        hasTouch: width === 400,
      });
      await page.getByRole('button', { name: 'Cut', exact: true }).click();
      await page.getByRole('tab', { name: 'Chart' }).click();
      expect(await axeFindings(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await nodeOf(page, 1).click();
      await page.getByRole('button', { name: 'Rules of a leader' }).click();
      expect(await axeFindings(page)).toEqual([]);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    },
  );
});
