import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { exported } from '../../../src/simulate/play/exports.ts';
import { storyIn } from '../../../src/simulate/play/link.ts';
import { Play } from '../../../src/simulate/play/play.ts';
import { runStory } from '../../../src/simulate/scenario/run-story.ts';
import { textStory } from '../../../src/simulate/scenario/text/text-story.ts';
import { violation } from '../../../src/verify/properties/property.ts';
import { staleRead } from './stale-read.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const playedTo = async (text: string, untilUs = 0): Promise<Play> => {
  const play = new Play(text);
  while (await play.playNext());
  await play.runTo(untilUs);
  return play;
};

/** With everything in it that means something in a template. */
const calm = `title: \`Calm\` isn't \${dull} \\\\o/
time: runs

start
until led
propose 1 put x "a \`b\` \${c}"
`;

const outcomeOf = (text: string): Promise<string | null> => {
  const story = textStory('play.txt', text);
  return runStory(story, { seed: story.seed, print: () => {} });
};

describe('a play as a story', () => {
  it('ends at the moment up to which it was played', async () => {
    const play = await playedTo(calm, 1_234_567);
    const story = await exported(play, 'story');
    expect(story.split('\n').slice(-2)).toEqual(['at 1234.567ms', '']);
    const again = await playedTo(story);
    expect(again.nowUs).toBe(1_234_567);
    expect(again.events).toEqual(play.events);
    expect(await outcomeOf(story)).toBeNull();
  });

  it('expects the violation that it ends with, and holds only with that', async () => {
    const story = await exported(await playedTo(staleRead), 'story');
    expect(story).toContain('\nviolates: Read Safety\n\nstart\n');
    expect(await outcomeOf(story)).toBeNull();
    expect(await outcomeOf(story.replace('Read Safety', 'Log Matching'))).toMatch(
      /^play\.txt:\d+: violated: Read Safety: /,
    );
    expect(await outcomeOf(story.replace('clock 1 0.05', 'clock 1 1'))).toBe(
      'expected a violation of Read Safety; got none',
    );
  });

  it('expects what is wrong with what clients saw, though no step violated anything', async () => {
    const play = await playedTo(calm, 900_000);
    expect(await exported(play, 'story')).not.toContain('violates');
    const unlike = violation('Linearizability', 'x was a', 'a client read b');
    vi.spyOn(play.stage.simulation, 'checkHistory').mockReturnValue(unlike);
    expect(await exported(play, 'story')).toContain('\nviolates: Linearizability\n\nstart\n');
  });

  it('expects no violation any more where the play was changed to have none', async () => {
    const violated = await exported(await playedTo(staleRead), 'story');
    const play = await Play.at(violated, { done: 3, atUs: 1_500_000 });
    const story = await exported(play, 'story');
    expect(story).not.toContain('violates');
    expect(await outcomeOf(story)).toBeNull();
  });
});

describe('a play as a link', () => {
  it('leads to the same moment', async () => {
    const play = await playedTo(calm, 987_654);
    const again = await playedTo(await storyIn(await exported(play, 'link')));
    expect(again.nowUs).toBe(987_654);
    // The last one says that the time of the link has come.
    expect(again.frames.slice(0, play.frames.length)).toEqual(play.frames);
  });
});

describe('a play as a test', () => {
  it('passes as it is, and fails where the play violates other properties than it says', async () => {
    const kept = await exported(await playedTo(calm, 900_000), 'test');
    const violated = await exported(await playedTo(staleRead), 'test');
    expect(violated).toContain("it('A stale read violates Read Safety'");
    const folder = mkdtempSync(join(tmpdir(), 'raftchart-exported-'));
    try {
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
      const entry = JSON.stringify(join(root, 'src/entry/simulate.ts'));
      writeFileSync(
        join(folder, 'vitest.config.mjs'),
        `export default { resolve: { alias: { 'raftchart/simulate': ${entry} } } };\n`,
      );
      writeFileSync(join(folder, 'kept.test.ts'), kept);
      writeFileSync(join(folder, 'violated.test.ts'), violated);
      writeFileSync(join(folder, 'mended.test.ts'), violated.replace('clock 1 0.05', 'clock 1 1'));
      writeFileSync(join(folder, 'broken.test.ts'), kept.replace(/`\n[\s\S]*\n`;/, `\`\n${staleRead}\`;`));
      const report = join(folder, 'report.json');
      spawnSync(
        process.execPath,
        [
          join(root, 'node_modules/vitest/vitest.mjs'),
          ...['run', '--root', folder, '--no-isolate', '--maxWorkers=1'],
          ...['--reporter=json', `--outputFile=${report}`],
        ],
        { cwd: folder },
      );
      const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
        testResults: readonly { readonly name: string; readonly status: string }[];
      };
      const outcomes = testResults.map(({ name, status }) => `${name.replace(/^.*\//, '')} ${status}`);
      expect(outcomes.toSorted()).toEqual([
        'broken.test.ts failed',
        'kept.test.ts passed',
        'mended.test.ts failed',
        'violated.test.ts passed',
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a play as a picture and as a trace', () => {
  it('shows its title, what was asked and what was violated', async () => {
    const svg = await exported(await playedTo(staleRead), 'sequence');
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
    for (const text of ['A stale read', 'put x=1', 'Read Safety']) expect(svg).toContain(text);
  });

  it('tells every event in a line of its own', async () => {
    const play = await playedTo(staleRead);
    const trace = await exported(play, 'trace');
    expect(trace.trimEnd().split('\n')).toHaveLength(play.events.length);
    for (const line of trace.trimEnd().split('\n')) JSON.parse(line);
  });
});

it('a play of which nothing has happened is no file of any kind', async () => {
  for (const kind of ['story', 'test', 'trace', 'sequence', 'link'] as const)
    await expect(exported(new Play(calm), kind)).rejects.toThrow(
      'nothing has been played yet: let the story begin first',
    );
});
