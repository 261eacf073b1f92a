import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { axeFindings } from '../axe-findings.ts';
import { isBrowserMissing } from '../browser.ts';
import { nodeOf, openStory, playgroundInChromium } from './playground-in-chromium.ts';

describe.skipIf(isBrowserMissing)('the playground', () => {
  const { open } = playgroundInChromium();

  const openFast = async (page: Page, text: string): Promise<void> => {
    await openStory(page, text);
    await page.getByLabel('Speed').selectOption('4 ×');
  };
  const says = (page: Page, id: number, words: string) =>
    expect.poll(() => nodeOf(page, id).getAttribute('aria-label'), { timeout: 30_000 }).toContain(words);

  it('elects a leader while time runs, and asks no network for anything', async () => {
    const page = await open();
    await page.getByLabel('Speed').selectOption('4 ×');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.waitForSelector('.ring-node.role-leader');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.waitForSelector('.mark.election');
  });

  it('plays a story that is pasted, where time is held, message by message', async () => {
    const page = await open();
    await openFast(page, 'title: By hand\nnodes: 3\n\nstart\n');
    await page.getByText('By hand').waitFor();
    await nodeOf(page, 1).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Campaign' }).click();
    await says(page, 1, 'pre-candidate');
    await page.getByRole('tab', { name: 'Network' }).click();
    await page.getByRole('button', { name: '1 → 2 PreVote' }).click();
    await page.getByRole('button', { name: 'Deliver now' }).click();
    await page.getByText('not under way').waitFor();
    await page.getByRole('tab', { name: 'Network' }).click();
    await page.getByRole('button', { name: 'Deliver everything' }).click();
    await says(page, 1, 'leader');
    await page.getByRole('option', { name: /leads term 1: leader/ }).waitFor();
    await page.getByRole('option', { name: /node2\s*votes for node1/ }).click();
    const source = page.locator('.why').getByRole('link', { name: 'Raft paper §5.2' });
    expect(await source.getAttribute('href')).toBe('https://raft.github.io/raft.pdf#page=6');
  });

  it('does what is said while time runs, and plays nothing again for it', async () => {
    const page = await open();
    await openFast(page, 'nodes: 3\ntime: runs\n\nstart\n');
    await nodeOf(page, 1).click();
    await page.evaluate(`(() => {
      globalThis.requests = [];
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (request) {
        requests.push(request.type);
        postMessage.call(this, request);
      };
    })()`);
    await page.getByRole('button', { name: 'Run' }).click();
    await page.waitForSelector('.ring-node.role-leader');
    // Two things can be paused, each with a name of its own.
    await page.getByRole('button', { name: 'Pause node1' }).click();
    await says(page, 1, 'paused');
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Crash' }).click();
    await says(page, 1, 'down');
    const requests = await page.evaluate<string[]>('requests');
    expect(requests).toContain('act');
    expect(requests).not.toContain('open');
  });

  it('branches from the past: what is done there takes the place of what came after', async () => {
    const page = await open();
    await openFast(page, 'nodes: 3\n\nstart\nelect 1\n');
    await page.getByRole('button', { name: 'Run' }).click();
    await says(page, 1, 'leader');
    await nodeOf(page, 1).click();
    await page.getByRole('button', { name: 'Crash' }).click();
    await says(page, 1, 'down');
    const timeline = page.getByRole('slider', { name: 'Timeline' });
    await timeline.focus();
    // The crash itself, and the directive that is done with it, have a frame each.
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await says(page, 1, 'leader');
    await nodeOf(page, 2).click();
    await page.getByRole('button', { name: 'Crash' }).click();
    await says(page, 2, 'down');
    await timeline.focus();
    await page.keyboard.press('End');
    await says(page, 2, 'down');
    expect(await nodeOf(page, 1).getAttribute('aria-label')).toContain('leader');
  });

  it('acts on what is shown, in the middle of what happens at one time too', async () => {
    const page = await open();
    await openStory(page, 'nodes: 3\ntime: runs\n\nstart\n');
    await says(page, 3, 'follower');
    await nodeOf(page, 1).click();
    await page.getByRole('slider', { name: 'Timeline' }).focus();
    await page.keyboard.press('ArrowLeft');
    // At that time, two have started by now.
    await says(page, 3, 'down');
    await says(page, 2, 'follower');
    await page.getByRole('button', { name: 'Mute' }).click();
    await page.locator('.mend').first().waitFor();
    expect(await nodeOf(page, 3).getAttribute('aria-label')).toContain('down');
  });

  it('finds a counterexample to a broken rule, and opens it just before the violation', async () => {
    const page = await open();
    await page.getByRole('tab', { name: 'Safety' }).click();
    const finder = page.getByRole('region', { name: 'Counterexample' });
    await finder.getByLabel('Broken rule').selectOption('vote-before-fsync');
    await finder.getByRole('button', { name: 'Find me a counterexample' }).click();
    await page.getByText('Durable Before Promised: node').first().waitFor({ timeout: 120_000 });
    await page.getByText('A counterexample to Durable Before Promised').waitFor();
    await page.getByText('It ends here.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await finder.getByLabel('Broken rule').selectOption('');
    await finder.getByRole('button', { name: 'Find me a counterexample' }).click();
    await finder.getByText(/^Nothing yet: \d+ runs/).waitFor({ timeout: 120_000 });
    await finder.getByRole('button', { name: 'Cancel' }).click();
    await finder.getByText('Cancelled.').waitFor();
    await finder.getByRole('button', { name: 'Find me a counterexample' }).waitFor();
    await page.getByRole('button', { name: 'Open …' }).click();
    await page.getByLabel('Text of a story').fill('{"seed":1}');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page
      .getByText(/^this is no plan of raftchart simulate/)
      .first()
      .waitFor({ timeout: 60_000 });
  }, 300_000);

  it('says in one line why something is not done', async () => {
    const page = await open();
    await says(page, 2, 'follower');
    await page.getByRole('button', { name: 'node2', exact: true }).click();
    await page.getByRole('button', { name: 'Lose disk' }).click();
    const refusal = page.getByRole('alert');
    await refusal.waitFor();
    expect(await refusal.innerText()).toMatch(/^the others could not tell that node2 has lost its disk/);
    await page.getByRole('button', { name: 'Open …' }).click();
    await page.getByLabel('Text of a story').fill('nodes: many\n\nstart\n');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByText('story:1: "many" is not').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await openStory(page, 'nodes: 3\n\nstart\n');
    for (const key of ['.', ' ']) {
      await page.keyboard.press(key);
      await expect
        .poll(() => refusal.innerText())
        .toMatch(/^time is held, and nothing happens by itself: act on/);
      await page.getByRole('button', { name: 'Dismiss' }).click();
      await refusal.waitFor({ state: 'hidden' });
    }
  });

  it('steps by message, and back', async () => {
    const page = await open();
    await page.getByLabel('A step is').selectOption('message');
    const now = page.locator('.now');
    await expect.poll(() => now.innerText(), { timeout: 30_000 }).toBe('2.0 ms');
    await page.getByRole('button', { name: 'On by one message' }).click();
    await expect.poll(() => now.innerText(), { timeout: 30_000 }).not.toBe('2.0 ms');
    const first = await now.innerText();
    await page.getByRole('button', { name: 'On by one message' }).click();
    await expect.poll(() => now.innerText(), { timeout: 30_000 }).not.toBe(first);
    await page.getByRole('button', { name: 'Back by one message' }).click();
    await expect.poll(() => now.innerText(), { timeout: 30_000 }).toBe(first);
  });

  it.each([
    [1400, 'light'],
    [400, 'dark'],
  ] as const)('has nothing that axe-core finds at %i px in the %s', async (width, colorScheme) => {
    const page = await open({ width, colorScheme });
    await openFast(
      page,
      'nodes: 5\nspares: 1\n\nstart\nelect 1\npropose 1 put x 1\ncut 1 to 2\ncrash 3\nslow-disk 4\n',
    );
    await page.getByRole('button', { name: 'Run' }).click();
    await says(page, 3, 'down');
    expect(await axeFindings(page)).toEqual([]);
    await nodeOf(page, 1).click();
    await page.getByRole('heading', { name: 'What it knows of the others' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    for (const tab of ['Network', 'Safety']) {
      await page.getByRole('tab', { name: tab }).click();
      expect(await axeFindings(page)).toEqual([]);
    }
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await page.getByRole('button', { name: 'Open …' }).click();
    expect(await axeFindings(page)).toEqual([]);
    const { scrollWidth, clientWidth } = await page
      .getByRole('dialog')
      .evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
    expect(scrollWidth).toBe(clientWidth);
  });
});
