import { readdirSync, readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { axeFindings } from '../axe-findings.ts';
import { isBrowserMissing } from '../browser.ts';
import { nodeOf, openStory, playgroundInChromium } from './playground-in-chromium.ts';

/** A shared machine can be slow. */
const poll = <Value>(read: () => Value | Promise<Value>) => expect.poll(read, { timeout: 30_000 });

describe.skipIf(isBrowserMissing)('a story on the playground, in Chromium', () => {
  const playground = playgroundInChromium();
  let page: Page;
  const open = async (look?: Parameters<typeof playground.open>[0]): Promise<void> => {
    page = await playground.open(look);
  };

  const runToTheEnd = async (): Promise<void> => {
    await page.getByLabel('Speed').selectOption('100 ×');
    await page.getByRole('button', { name: 'Run' }).click();
    await poll(() => page.getByRole('button', { name: 'Run' }).isDisabled()).toBe(true);
  };

  /** All that is drawn of a moment. */
  const shown = async () => ({
    now: await page.locator('.now').innerText(),
    nodes: await page
      .locator('.node-region')
      .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label'))),
    logs: await page.locator('.ring-node .cell').allTextContents(),
    flights: await page.locator('.flight title').allTextContents(),
    told: await page.locator('.events .row').last().innerText(),
  });

  const tabTo = async (target: Locator): Promise<void> => {
    const focused = target.and(page.locator(':focus'));
    for (let passed = 0; (await focused.count()) === 0; passed++) {
      if (passed > 40) throw new Error(`Tab does not lead to ${target}`);
      await page.keyboard.press('Tab');
    }
  };

  it('is chosen and played to its end with the keyboard alone, in the words of its lesson', async () => {
    const lesson = readFileSync('src/simulate/scenario/lessons/01-election.txt', 'utf8');
    const words = [...lesson.matchAll(/^say (.*)$/gm)].map(([, said]) => said);
    await open();
    await tabTo(page.getByRole('button', { name: 'Open …' }));
    await page.keyboard.press('Enter');
    await tabTo(page.getByLabel('A story that comes with the page'));
    await page.keyboard.press('ArrowDown');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    const said = page.locator('.story-words p');
    await said.waitFor();
    const heard = [await said.innerText()];
    const next = page.getByRole('button', { name: 'Next', exact: true });
    await tabTo(next);
    while (await next.isVisible()) {
      await page.keyboard.press('Enter');
      await poll(async () => (await said.innerText()) !== heard.at(-1) || !(await next.isVisible())).toBe(
        true,
      );
      if ((await said.innerText()) !== heard.at(-1)) heard.push(await said.innerText());
    }
    expect(heard).toEqual(words);
    await page.getByRole('button', { name: 'The end', exact: true }).waitFor();
    expect((await shown()).nodes[0]).toContain('node1, leader, term 1');
  });

  it('is opened by a link at the moment at which the link was made', async () => {
    await open();
    await openStory(page, 'title: Handed on\nnodes: 3\n\nstart\nelect 1\npropose 1 put x 1\n');
    await runToTheEnd();
    await nodeOf(page, 2).click();
    await page.getByRole('button', { name: 'Crash' }).click();
    await poll(async () => (await shown()).nodes[1]).toContain('down');
    const before = await shown();
    const url = page.url();
    await page.getByRole('button', { name: 'Share …' }).click();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = page.getByLabel('Link', { exact: true });
    await poll(() => link.inputValue()).toContain(`${url}#story=1.`);
    await page.getByText(/^(Copy the link from the field|The link is in the clipboard)\.$/).waitFor();
    await open({ link: await link.inputValue() });
    await page.getByText('Handed on').waitFor();
    await poll(shown).toEqual(before);
    expect(before.flights.length).toBeGreaterThan(0);
  });

  it('is the lesson whose number a link names', async () => {
    await open({ link: '#lesson=3' });
    await page.locator('strong', { hasText: 'Lesson 3: the leader repairs logs (Figure 7)' }).waitFor();
  });

  it.each([
    ['#lesson=13', 'there is no such lesson: the lessons are 1 to 12'],
    ['#story=1.AAAA', 'the link is incomplete or was changed: copy all of it'],
    [
      '#story=9.AAAA',
      'the story in the link is of version 9, and this page reads 1: open it with the raftchart that made it',
    ],
  ])(
    'that cannot be read from the link %s is one line, above a cluster that can be used',
    async (link, line) => {
      await open({ link });
      const refusal = page.getByRole('alert');
      await poll(() => refusal.innerText()).toBe(`${line}\n✕`);
      await page.getByRole('button', { name: 'Dismiss' }).click();
      await refusal.waitFor({ state: 'hidden' });
      await page.getByText('A cluster of 5 nodes').waitFor();
    },
  );

  /** Runs it to where it is stopped. */
  const openBroken = async (title = 'One vote that arrives twice'): Promise<void> => {
    await page.getByRole('button', { name: 'Open …' }).click();
    await page.getByLabel('A story that comes with the page').selectOption(title);
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByLabel('Speed').selectOption('100 ×');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByRole('alert').waitFor();
  };
  const verdicts = async (): Promise<readonly string[]> => {
    await page.getByRole('tab', { name: 'Safety' }).click();
    return (await page.locator('.properties li').allInnerTexts()).filter((text) => /is violated/.test(text));
  };

  it('with a broken rule ends with the property that is violated, and goes back to just before', async () => {
    await open();
    await openBroken();
    await poll(() => page.getByRole('alert').innerText()).toMatch(
      /^A safety property is violated\. .*Election Safety/,
    );
    await poll(async () => (await verdicts()).length).toBe(1);
    const end = await shown();
    await page.getByRole('button', { name: 'Just before' }).click();
    await poll(verdicts).toEqual([]);
    await page.getByRole('button', { name: 'On by one event' }).click();
    await poll(shown).toEqual(end);
  });

  it('is stopped within 20 s, whichever of the ten rules is broken', async () => {
    const folder = 'src/simulate/broken/stories';
    const stories = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
    expect(stories).toHaveLength(10);
    await open();
    for (const story of stories) {
      const [, property = ''] = /^# Breaks: (.*)$/m.exec(story) ?? [];
      const [, title = ''] = /^title: (.*)$/m.exec(story) ?? [];
      const from = performance.now();
      await openBroken(title);
      expect(await page.getByRole('alert').innerText()).toContain(property);
      const seconds = (performance.now() - from) / 1000;
      expect(seconds).toBeLessThan(20);
      process.stdout.write(`${seconds.toFixed(1)} s until ${property} is violated: ${title}\n`);
    }
  });

  it('is saved as a story, a test, a trace and a picture', async () => {
    await open();
    await openStory(page, 'title: Saved\nnodes: 3\n\nstart\nelect 1\n');
    await runToTheEnd();
    await page.getByRole('button', { name: 'Share …' }).click();
    const saved = async (kind: string) => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: kind, exact: true }).click(),
      ]);
      return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
    };
    expect(await saved('Story')).toEqual({
      name: 'play.txt',
      text: expect.stringMatching(/^title: Saved\nnodes: 3\n[\s\S]*\nstart\nelect 1\n$/),
    });
    expect(await saved('Test')).toEqual({
      name: 'play.test.ts',
      text: expect.stringMatching(/from 'vitest';[\s\S]*elect 1/),
    });
    const trace = await saved('Trace');
    expect(trace.name).toBe('play.ndjson');
    const events = trace.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.some(({ type }) => type === 'delivered')).toBe(true);
    expect(await saved('Sequence diagram')).toEqual({
      name: 'play.svg',
      text: expect.stringMatching(/^<svg [\s\S]*RequestVote[\s\S]*<\/svg>\s*$/),
    });
  });

  it.each([
    [1400, 'light'],
    [400, 'dark'],
  ] as const)(
    'has nothing that axe-core finds in words, violation and dialog, at %i px in the %s',
    async (width, colorScheme) => {
      await open({ width, colorScheme });
      await openBroken();
      await page.locator('.story-words').waitFor();
      expect(await axeFindings(page)).toEqual([]);
      expect(await verdicts()).toHaveLength(1);
      expect(await axeFindings(page)).toEqual([]);
      await page.getByRole('button', { name: 'Share …' }).click();
      await page.getByRole('button', { name: 'Make a link' }).click();
      await poll(() => page.getByRole('dialog').getByRole('status').innerText()).not.toBe('');
      expect(await axeFindings(page)).toEqual([]);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    },
  );
});
