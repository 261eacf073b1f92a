import { describe, expect, it } from 'vitest';
import { brokenRules } from '../../../src/simulate/broken/broken-rules.ts';
import { isFailureFile, storyOfFile } from '../../../src/simulate/counterexample/story-of-file.ts';
import { calmPlan, type Plan } from '../../../src/simulate/plan.ts';
import { runStory } from '../../../src/simulate/scenario/run-story.ts';
import { textStory } from '../../../src/simulate/scenario/text/text-story.ts';

const broken = brokenRules.find(({ name }) => name === 'vote-before-fsync')!;
/** Messages are lost by chance, and one link is stalled, slow and cut on the way to the first election. */
const plan: Plan = {
  ...calmPlan,
  durationMs: 2000,
  network: { ...calmPlan.network, dropRate: 0.2, duplicateRate: 0.2, reorderRate: 0.2 },
  faults: [
    { kind: 'hold', fromMs: 5, toMs: 60, from: 1, to: 2 },
    { kind: 'slowLink', fromMs: 10, toMs: 400, from: 2, to: 3, addMs: 20 },
    { kind: 'disconnect', fromMs: 30, toMs: 30, nodes: [1, 3] },
    { kind: 'partition', fromMs: 20, toMs: 80, groups: [[1], [2, 3]], oneWay: true },
    { kind: 'partition', fromMs: 40, toMs: 100, groups: [[1], [2, 3]], oneWay: false },
    { kind: 'skew', fromMs: 50, toMs: 90, node: 1, rate: 0.5 },
  ],
};

describe('a failing plan', () => {
  it('becomes a story that violates the same property, with its faults as directives', async () => {
    const story = await storyOfFile(JSON.stringify(plan), broken);
    for (const directive of [
      'stall 1 to 2 55ms',
      'slow-link 2 to 3 20ms',
      'disconnect 1 3',
      'cut 1 to 2',
      'mend 1 to 2|heal',
      'clock 1 0.5',
      'next (drop|repeat|delay) from \\d to \\d \\w+',
    ])
      expect(story).toMatch(new RegExp(`^(${directive})$`, 'm'));
    expect(await runStory(textStory('story', story), { seed: plan.seed, print: () => {} })).toBeNull();
  }, 60_000);

  it.each([
    ['{', /^this is no plan of raftchart simulate: not JSON: .*$/],
    ['{"a": tru\n}', /^this is no plan of raftchart simulate: not JSON: .*$/],
    ['{"seed":1}', /^this is no plan of raftchart simulate: nodes: .*$/],
    ['{"format":"raftchart-schedule"}', /^this trace cannot be played: it is of version undefined; /],
    [JSON.stringify({ ...plan, durationMs: 300 }), /^the plan violates nothing here: choose the rule/],
  ])(
    'is refused in one line where it is none, or violates nothing: %#',
    async (text, line) => {
      expect(isFailureFile(text)).toBe(true);
      await expect(storyOfFile(text, null)).rejects.toThrow(line);
    },
    60_000,
  );

  it('is refused in one line where the rule that is broken does not show', async () => {
    const lease = brokenRules.find(({ name }) => name === 'lease-despite-drift')!;
    await expect(storyOfFile(JSON.stringify({ ...calmPlan, durationMs: 100 }), lease)).rejects.toThrow(
      /^the plan violates nothing with lease-despite-drift broken: choose the rule/,
    );
  });

  it('is refused in one line where it violates only what is checked once a run has ended', async () => {
    const groups = [[1], [2], [3]];
    const lasting = { kind: 'partition', fromMs: 0, toMs: 1, groups, oneWay: false, lasts: true } as const;
    const text = JSON.stringify({ ...calmPlan, durationMs: 50, faults: [lasting] });
    await expect(storyOfFile(text, broken)).rejects.toThrow(
      /^the plan violates Recovery, which shows only once a run has ended: replay it/,
    );
  });

  it('is known by its first sign, wherever that is', () => {
    expect(isFailureFile('\n {"seed":1}')).toBe(true);
    expect(isFailureFile('start\n')).toBe(false);
  });

  it('is refused in one line where no story tells it', async () => {
    const flip = { kind: 'bitFlip', fromMs: 1, toMs: 2, node: 1, at: 0, bit: 0 } as const;
    await expect(storyOfFile(JSON.stringify({ ...plan, faults: [flip] }), broken)).rejects.toThrow(
      /^the plan violates a safety property, but no story tells it: no story says what befalls node1: bitFlip; replay it/,
    );
  }, 60_000);
});
