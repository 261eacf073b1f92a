import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linkToFile } from '../../../src/cli/play/link-to-file.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import { calmPlan } from '../../../src/simulate/plan.ts';
import { storyIn } from '../../../src/simulate/play/link.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-link-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fileWith = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

it('a link to a story holds its text', async () => {
  const text = 'nodes: 5\n\nstart\n';
  expect(await storyIn(await linkToFile(fileWith('story.txt', text), undefined))).toBe(text);
});

it('a link to a failing plan holds its story, on nodes that break the rule', async () => {
  const file = fileWith('plan.json', JSON.stringify({ ...calmPlan, durationMs: 2000 }));
  const story = await storyIn(await linkToFile(file, 'vote-before-fsync'));
  expect(story).toContain('broken: vote-before-fsync\n');
  expect(story).toContain('violates: Durable Before Promised\n');
});

it('a file that cannot be opened is named once', async () => {
  for (const [name, text] of [
    ['story.txt', 'strat\n'],
    ['plan.json', '{'],
  ] as const) {
    const file = fileWith(name, text);
    const error: unknown = await linkToFile(file, undefined).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message.split(file)).toHaveLength(2);
  }
});
