import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Play } from '../../../src/simulate/play/play.ts';

const folder = new URL('../../../src/simulate/scenario/attacks/', import.meta.url);
const document = readFileSync(new URL('../../../docs/other-protocols.md', import.meta.url), 'utf8');
const textOf = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

/** What each comes to; null: nothing is violated. */
const ends = [
  ['1-two-votes.txt', 'Election Safety'],
  ['2-entries-it-lacks.txt', 'Committed On Majority'],
  ['3-a-term-far-ahead.txt', null],
] as const;

it('docs/other-protocols.md links to each attack', () => {
  expect(readdirSync(folder).toSorted()).toEqual(ends.map(([file]) => file));
  for (const [file] of ends) expect(document).toContain(`(../src/simulate/scenario/attacks/${file})`);
});

describe.each(ends)('%s', (file, property) => {
  it('comes to what it says because a node lies, and to nothing of that without the lie', async () => {
    const play = new Play(textOf(file));
    while (await play.playNext());
    expect(play.frame.violation?.property ?? null).toBe(property);
    expect(play.failure).toBe(play.frame.violation?.message ?? null);
    const honest = new Play(textOf(file).replace(/^(lie|violates:) .*\n/gm, ''));
    while (await honest.playNext());
    expect(honest.frame.violation).toBeNull();
    expect(honest.failure === null).toBe(property !== null);
  });
});

it('what a play shows of a message under way is what it says, not what its sender wrote', async () => {
  const play = new Play('without: pre-vote\n\nstart\ncampaign 1\nnetwork\nlie to 2 term=4\n');
  while (await play.playNext());
  expect(play.frame.flights.map(({ message: { to, term } }) => [to, term])).toEqual([
    [2, 4],
    [3, 1],
  ]);
});
