import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stories } from '../../../src/simulate/scenario/stories.ts';
import { transcriptOf } from './golden-transcripts.ts';

const document = readFileSync(new URL('../../../docs/questions.md', import.meta.url), 'utf8');
const excerpts = [...document.matchAll(/^`raftchart scenario ([\w-]+)`[^\n]*\n\n```\n(.*?)^```$/gms)].map(
  ([, name, text]) => ({
    name: name!,
    lines: text!.split('\n').filter((line) => line !== '' && line !== '…'),
  }),
);

it.each(excerpts)(
  'docs/questions.md quotes what raftchart scenario $name prints',
  async ({ name, lines }) => {
    const story = stories.find((each) => each.name === name)!;
    const told = (await transcriptOf(story, 1)).text.split('\n');
    let at = 0;
    for (const line of lines) {
      const found = told.indexOf(line, at);
      expect(found, line).toBeGreaterThanOrEqual(0);
      at = found + 1;
    }
  },
);

it('docs/questions.md names only scenarios that there are, and quotes one a question', () => {
  const names = [...document.matchAll(/raftchart scenario ([a-z][\w-]+)/g)].map(([, name]) => name);
  expect(names.filter((name) => !stories.some((story) => story.name === name))).toEqual([]);
  expect(excerpts.length).toBeGreaterThanOrEqual(4);
});

it('docs/questions.md leads from each question to lessons that there are', () => {
  const files = readdirSync(new URL('../../../src/simulate/scenario/lessons/', import.meta.url));
  const [, ...questions] = document.split(/^## /m);
  expect(questions.length).toBeGreaterThanOrEqual(4);
  for (const question of questions) {
    const lessons = [
      ...question.matchAll(/\[(\d+), [^\]]+\]\(\.\.\/src\/simulate\/scenario\/lessons\/([^)]+)\)/g),
    ];
    expect(lessons.length, question.slice(0, 40)).toBeGreaterThan(0);
    for (const [, number, file] of lessons) {
      expect(files).toContain(file);
      expect(Number(file!.slice(0, 2))).toBe(Number(number));
    }
  }
});
