import { describe, expect, it } from 'vitest';
import { arrowShape, lanesOf, laneWidth, linesAround } from '../../../src/page/inspector/sequence-layout.ts';
import type { ActorSnapshot, News } from '../../../src/statechart/inspect/news.ts';

type Told =
  | { readonly from: string | null; readonly to: string }
  | { readonly actor: string; readonly snapshot: ActorSnapshot };

/** News of one program: events from one actor to another, and snapshots. */
const newsOf = (...told: readonly Told[]): readonly News[] =>
  told.map((each, at): News => {
    const common = { number: at + 1, atMs: at, program: 1 };
    return 'to' in each
      ? { ...common, kind: 'event', actor: each.to, source: each.from, event: { type: `E${at}` } }
      : { ...common, kind: 'snapshot', actor: each.actor, event: { type: 'X' }, snapshot: each.snapshot };
  });
const textsAround = (news: readonly News[], at: number, isLive: boolean) =>
  linesAround(news, at, { most: 4, isLive }).map(({ text }) => text);

describe('sequence diagram', () => {
  const ten = newsOf(...Array.from({ length: 10 }, () => ({ from: 'a', to: 'b' })));

  it('shows the lines that lead to the newest step', () => {
    expect(textsAround(ten, 9, true)).toEqual(['E6', 'E7', 'E8', 'E9']);
  });

  it('shows as many lines before a step as after it, and more after it near the start', () => {
    expect(textsAround(ten, 5, false)).toEqual(['E4', 'E5', 'E6', 'E7']);
    expect(textsAround(ten, 0, false)).toEqual(['E0', 'E1', 'E2', 'E3']);
  });

  it('leaves out a snapshot in the state of the one before, and tells its status unless it is active', () => {
    const news = newsOf(
      { actor: 'a', snapshot: { value: 'on' } },
      { actor: 'b', snapshot: { value: 'on' } },
      { actor: 'a', snapshot: { value: 'on', context: 1 } },
      { actor: 'a', snapshot: { value: 'on', status: 'done' } },
      { actor: 'b', snapshot: {} },
    );
    expect(linesAround(news, 4, { most: 9, isLive: true }).map(({ to, text }) => `${to} ${text}`)).toEqual([
      '1/a on',
      '1/b on',
      '1/a on done',
    ]);
  });

  it('has a lane for each actor in the order in which they come, and outside in front', () => {
    const lines = linesAround(newsOf({ from: 'b', to: 'a' }, { from: null, to: 'b' }), 1, {
      most: 4,
      isLive: true,
    });
    expect(lanesOf(lines)).toEqual(['outside', '1/b', '1/a']);
  });

  it('draws arrows up to the lane that they lead to, with the text in the middle', () => {
    expect(arrowShape(65, 195, 15)).toEqual({
      shaft: 'M65 23H186',
      head: 'M192 23l-7 -4v8Z',
      text: { x: 130, y: 17, anchor: 'middle' },
      letters: 16,
    });
    expect(arrowShape(195, 65, 15)).toMatchObject({ shaft: 'M195 23H74', head: 'M68 23l7 -4v8Z' });
    expect(arrowShape(65, 65 + 2 * laneWidth, 15).letters).toBe(35);
  });

  it('turns an arrow round beside the lane of an actor that sends to itself', () => {
    expect(arrowShape(65, 65, 15)).toEqual({
      shaft: 'M65 13h24v11H74',
      head: 'M68 24l7 -4v8Z',
      text: { x: 95, y: 21, anchor: 'start' },
      letters: 16,
    });
  });
});
