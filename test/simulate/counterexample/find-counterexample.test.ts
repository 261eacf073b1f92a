import { describe, expect, it } from 'vitest';
import { brokenRules } from '../../../src/simulate/broken/broken-rules.ts';
import {
  findCounterexample,
  type SearchProgress,
} from '../../../src/simulate/counterexample/find-counterexample.ts';
import { Play } from '../../../src/simulate/play/play.ts';

const ruleOf = (name: string) => brokenRules.find((rule) => rule.name === name)!;

describe('a search for a counterexample', () => {
  it.each([
    ['double-vote', 'One Vote Per Term'],
    ['vote-before-fsync', 'Durable Before Promised'],
    ['acknowledged-before-durable', 'Durable Before Promised'],
  ])(
    'finds one for %s, and its story violates %s when it is played',
    async (name, property) => {
      const { found, misfits } = await findCounterexample(ruleOf(name));
      expect(misfits).toBe(0);
      expect(found!.story).toContain(`broken: ${name}\n`);
      expect(found!.story).toContain(`violates: ${property}\n`);
      const play = new Play(found!.story);
      while (await play.playNext());
      expect(play.frame.violation?.property).toBe(property);
      // The directive that violates it is the last.
      expect(play.ahead).toBe(0);
      const kept = new Play(found!.story.replace(/^broken: .*\n/m, ''));
      while (await kept.playNext());
      expect(kept.frame.violation).toBeNull();
    },
    120_000,
  );

  it('goes on for a lighter violation where the first one is heavy, and never forgets how light the lightest is', async () => {
    const forgotten: SearchProgress[] = [];
    const { found } = await findCounterexample(ruleOf('vote-counted-twice'), {
      onProgress: (progress) => {
        if (progress.property !== null && progress.weight === null) forgotten.push(progress);
      },
    });
    expect(found!.failure.weight).toBeLessThan(60);
    expect(forgotten).toEqual([]);
  }, 120_000);

  it('finds nothing where no rule is broken, and says how much it has tried', async () => {
    const heard: number[] = [];
    const { found, searched, events } = await findCounterexample(null, {
      maxEvents: 3000,
      onProgress: ({ runs }) => heard.push(runs),
    });
    expect(found).toBeNull();
    expect(events).toBeGreaterThanOrEqual(3000);
    expect(heard.at(-1)).toBe(searched);
  }, 120_000);
});
