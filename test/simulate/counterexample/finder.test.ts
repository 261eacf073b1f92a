import { expect, it } from 'vitest';
import {
  answerFinder,
  type FinderNews,
  type FinderRequest,
} from '../../../src/simulate/counterexample/finder.ts';
import { calmPlan } from '../../../src/simulate/plan.ts';

const newsOf = async (request: FinderRequest): Promise<readonly FinderNews[]> => {
  const news: FinderNews[] = [];
  await answerFinder(request, (each) => news.push(each));
  return news;
};

it('a finder tells how far it is, and in the end the story that it has found from the first seed on', async () => {
  const news = await newsOf({ type: 'find', broken: 'vote-before-fsync', firstSeed: 40 });
  const found = news.at(-1)!;
  expect(found).toMatchObject({ type: 'found', story: expect.stringMatching(/^seed: [4-9]\d$/m) });
  const progress = news.slice(0, -1);
  expect(progress.length).toBeGreaterThan(1);
  for (const each of progress) expect(each.type).toBe('progress');
  expect(progress.at(-1)).toMatchObject({ property: 'Durable Before Promised', weight: expect.any(Number) });
});

it('a finder tells the story of a failing plan, or in one line why there is none', async () => {
  const text = JSON.stringify({ ...calmPlan, durationMs: 2000 });
  const [found] = await newsOf({ type: 'tell', text, broken: 'vote-before-fsync' });
  expect(found).toMatchObject({
    type: 'found',
    story: expect.stringContaining('broken: vote-before-fsync\n'),
  });
  expect(await newsOf({ type: 'tell', text: '{', broken: null })).toEqual([
    { type: 'refused', why: expect.stringMatching(/^this is no plan of raftchart simulate: .*$/) },
  ]);
});
