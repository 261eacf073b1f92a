import { beforeAll, describe, expect, it } from 'vitest';
import { drawnOf, playedStory } from '../../src/cli/diagram/story-files.ts';
import { stories } from '../../src/simulate/scenario/stories.ts';
import type { Story } from '../../src/simulate/scenario/story.ts';
import type { Scene } from '../../src/statechart/draw/scene.ts';
import { isMark, isMessage, type SequenceEvent } from '../../src/trace/sequence.ts';
import { sequenceToMermaid } from '../../src/trace/sequence-mermaid.ts';
import { eventsOf, rowsOf } from '../../src/trace/sequence-rows.ts';
import { sequenceScene } from '../../src/trace/sequence-scene.ts';
import { sequenceToText } from '../../src/trace/sequence-text.ts';
import { struckLabels } from './struck-labels.ts';

const told = ['act', 'note', 'expectation', 'logs'];

/** What a story says outside of its hushed parts, and what clients ask and are told there. */
const toldIn = (events: readonly SequenceEvent[]): readonly SequenceEvent[] => {
  let isHushed = false;
  return events.filter((event) => {
    if (event.kind === 'hush') isHushed = event.isHushed;
    return !isHushed && (told.includes(event.kind) || (isMessage(event) && event.isClients));
  });
};

describe('the pictures of the stories', () => {
  const played = new Map<Story, readonly SequenceEvent[]>();
  const drawn = new Map<Story, readonly SequenceEvent[]>();
  const scenes = new Map<Story, Scene>();
  beforeAll(async () => {
    for (const story of stories) {
      played.set(story, await playedStory(story));
      drawn.set(story, drawnOf(played.get(story)!));
      scenes.set(story, sequenceScene(story.title, drawn.get(story)!));
    }
  });

  it('have no label that a line, a head, an edge or another label runs through', () => {
    const labels = stories.flatMap((story) =>
      scenes.get(story)!.items.filter(({ kind }) => kind === 'label'),
    );
    const struck = stories.flatMap((story) =>
      struckLabels(scenes.get(story)!).map((text) => `${story.name}: ${text}`),
    );
    console.info(
      `labels struck through: ${struck.length} of ${labels.length}, in ${stories.length} pictures`,
    );
    expect(struck).toEqual([]);
  });

  it('are 400 pixels wide for a phone, and have no such label there either', () => {
    for (const story of stories) {
      const scene = sequenceScene(story.title, drawn.get(story)!, { form: 'narrow' });
      expect(scene.width, story.name).toBe(400);
      expect(struckLabels(scene), story.name).toEqual([]);
      for (const item of scene.items) {
        if (item.kind === 'label') expect(item.x + item.width, item.text).toBeLessThanOrEqual(400);
      }
    }
  });

  it.each(stories)('$name: time never goes back, and everything that the story says is there', (story) => {
    const shown = drawn.get(story)!;
    const rows = rowsOf(shown);
    expect(rows.map(({ time }) => time)).toEqual(rows.map(({ time }) => time).toSorted((a, b) => a - b));
    const whole = toldIn(played.get(story)!);
    expect(toldIn(rows.flatMap(eventsOf))).toEqual(whole);
    expect(shown.some(({ kind }) => kind === 'violation')).toBe(false);
    const mermaid = sequenceToMermaid(shown);
    const text = sequenceToText(story.title, shown);
    for (const event of [...whole, ...shown.filter(({ kind }) => kind === 'cut')]) {
      if (!('label' in event)) continue;
      expect(mermaid).toContain(event.label.replace(/;/g, ','));
      expect(text).toContain(event.label);
    }
  });

  it('stay within what a screen shows at full width', () => {
    for (const story of stories) {
      expect(scenes.get(story)!.width, story.name).toBeLessThanOrEqual(1400);
    }
  });

  it('show every election, or name it where a cut leaves it out', () => {
    for (const story of stories) {
      const shown = drawn.get(story)!;
      const text = shown.map((event) => ('label' in event ? event.label : '')).join('\n');
      const elections = played
        .get(story)!
        .filter(isMark)
        .filter(({ kind }) => kind === 'election');
      for (const { label } of elections) expect(text, story.name).toContain(label);
    }
  });
});

it('the picture of a story that fails ends with what does not hold', async () => {
  const doomed: Story = {
    name: 'doomed',
    title: 'Doomed',
    source: 'none',
    moral: 'none',
    async tell(stage) {
      stage.start();
      stage.expect('a leader at once', stage.leaders().length === 1);
    },
  };
  expect((await playedStory(doomed)).at(-1)).toMatchObject({
    kind: 'violation',
    label: 'expected: a leader at once',
  });
});
