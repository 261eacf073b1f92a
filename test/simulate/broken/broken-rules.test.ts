import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { brokenRules } from '../../../src/simulate/broken/broken-rules.ts';
import { Play } from '../../../src/simulate/play/play.ts';
import { runStory } from '../../../src/simulate/scenario/run-story.ts';
import { textStory } from '../../../src/simulate/scenario/text/text-story.ts';

const folder = new URL('../../../src/simulate/broken/stories/', import.meta.url);
const storyOf = (name: string): string => readFileSync(new URL(`${name}.txt`, folder), 'utf8');

const told = async (text: string): Promise<{ readonly text: string; readonly failure: string | null }> => {
  const lines: string[] = [];
  const failure = await runStory(textStory('story.txt', text), {
    seed: 1,
    print: (line) => lines.push(line),
  });
  return { text: lines.join('\n'), failure };
};

it('each rule that may be broken has a story, and each story a rule', () => {
  const names = readdirSync(folder).map((file) => file.replace(/\.txt$/, ''));
  expect(names.toSorted()).toEqual(brokenRules.map(({ name }) => name).toSorted());
});

describe.each(brokenRules)('the story of $name', ({ name, property, wrong }) => {
  it(`violates ${property}, as it says`, async () => {
    const play = new Play(storyOf(name));
    while (await play.playNext());
    expect(play.frame.violation?.property).toBe(property);
    expect(storyOf(name)).toMatch(new RegExp(`^# Breaks: ${property}$`, 'm'));
  });

  it('violates nothing when the rule is kept', async () => {
    const kept = storyOf(name).replace(/^broken: .*\n/m, '');
    expect(kept).not.toBe(storyOf(name));
    expect((await told(kept)).failure).toBeNull();
  });

  it('says that it is broken on purpose, and how', async () => {
    const said = (await told(storyOf(name))).text.replaceAll('\n', ' ');
    expect(said).toContain(`Broken on purpose: ${wrong}`);
    const play = new Play(storyOf(name));
    expect(play.told[0]?.what).toBe(`Broken on purpose: ${wrong}`);
  });
});

it('a story that breaks a rule that does not exist is refused, in one line that lists those that do', () => {
  const names = brokenRules.map(({ name }) => name).join(', ');
  expect(() => textStory('a.txt', 'broken: everything\n\nstart\n')).toThrow(
    `a.txt:1: there is no rule "everything" to break; there are ${names}`,
  );
});
