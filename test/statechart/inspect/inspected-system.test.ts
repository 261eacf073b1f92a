import { describe, expect, it } from 'vitest';
import { InspectedSystem } from '../../../src/statechart/inspect/inspected-system.ts';
import type { ActorSnapshot, News } from '../../../src/statechart/inspect/news.ts';

const live = Number.POSITIVE_INFINITY;
const common = (number: number) => ({ number, atMs: 1000 + number, program: 1 });

const program = (number: number, isConnected = true): News => ({
  ...common(number),
  kind: 'program',
  name: 'shop',
  isConnected,
  takesEvents: false,
});
const actor = (number: number, id: string, parent: string | null = null, value: unknown = 'off'): News => ({
  ...common(number),
  kind: 'actor',
  actor: id,
  parent,
  name: `the ${id}`,
  chart: 'lamp',
  problem: null,
  snapshot: { status: 'active', value },
});
const event = (number: number, id: string, type: string): News => ({
  ...common(number),
  kind: 'event',
  actor: id,
  source: null,
  event: { type },
});
const snapshot = (number: number, id: string, type: string, parts: ActorSnapshot): News => ({
  ...common(number),
  kind: 'snapshot',
  actor: id,
  event: { type },
  snapshot: { status: 'active', ...parts },
});

const systemOf = (news: readonly News[], limit?: number): InspectedSystem => {
  const system = new InspectedSystem(limit);
  system.take(news);
  return system;
};

/** `the a off (the b on)` */
const treeAt = (system: InspectedSystem, step: number): string => {
  type Actors = ReturnType<InspectedSystem['programsAt']>[number]['roots'];
  const text = (actors: Actors): string =>
    actors
      .map(({ name, value, status, children }) =>
        [name, value, status === 'active' ? '' : status, children.length > 0 ? `(${text(children)})` : '']
          .filter(Boolean)
          .join(' '),
      )
      .join(', ');
  return system
    .programsAt(step)
    .map(({ name, isConnected, roots }) => `${name}${isConnected ? '' : ' gone'}: ${text(roots)}`)
    .join('; ');
};

const story = [
  program(1),
  actor(2, 'a'),
  actor(3, 'b', 'a'),
  event(4, 'b', 'TURN'),
  snapshot(5, 'b', 'TURN', { value: 'on', context: { turns: 1 } }),
  event(6, 'b', 'TURN'),
  snapshot(7, 'b', 'TURN', { value: 'off', context: { turns: 2 } }),
  snapshot(8, 'a', 'xstate.stop', { status: 'stopped', value: 'off' }),
  program(9, false),
];

describe('inspected system', () => {
  it('shows the actors as they were after any piece of news', () => {
    const system = systemOf(story);
    expect([1, 2, 3, 5, 7].map((step) => treeAt(system, step))).toEqual([
      'shop: ',
      'shop: the a off',
      'shop: the a off (the b off)',
      'shop: the a off (the b on)',
      'shop: the a off (the b off)',
    ]);
  });

  it('shows actors as stopped once their parent is, and a program as gone', () => {
    expect(treeAt(systemOf(story), live)).toBe('shop gone: the a off stopped (the b off stopped)');
  });

  it('gives an actor its snapshot, the event that led there and the snapshot before', () => {
    const system = systemOf(story);
    expect(system.momentAt('1/b', 6)).toMatchObject({
      number: 5,
      event: { type: 'TURN' },
      before: { value: 'off' },
      snapshot: { value: 'on', context: { turns: 1 } },
      isNext: true,
    });
    expect(system.momentAt('1/b', 7)).toMatchObject({ before: { value: 'on' }, isNext: true });
    expect(system.momentAt('1/b', 3)).toMatchObject({ number: 3, event: null, before: null });
    expect(system.momentAt('1/b', 2)).toBeNull();
    expect(system.momentAt('1/nobody', live)).toBeNull();
  });

  it('says when a snapshot is not the next, since one of an earlier event never came', () => {
    const system = systemOf([...story.slice(0, 4), event(5, 'b', 'TURN'), snapshot(6, 'b', 'TURN', {})]);
    expect(system.momentAt('1/b', live)).toMatchObject({ number: 6, isNext: false });
  });

  it('says when a snapshot is not the next, since news between is missing', () => {
    const system = systemOf([...story.slice(0, 5), ...story.slice(6, 7)]);
    expect(system.momentAt('1/b', live)).toMatchObject({
      number: 7,
      before: { value: 'on' },
      isNext: false,
    });
    system.take([event(8, 'b', 'TURN'), snapshot(9, 'b', 'TURN', { value: 'on' })]);
    expect(system.momentAt('1/b', live)).toMatchObject({ number: 9, isNext: true });
  });

  it('shows an actor that is told of again as it is now, and not what led there', () => {
    const system = systemOf([
      ...story.slice(0, 5),
      actor(6, 'b', 'a', 'broken'),
      actor(7, 'b', 'a', 'broken'),
    ]);
    expect(treeAt(system, live)).toBe('shop: the a off (the b broken)');
    expect(system.momentAt('1/b', live)).toMatchObject({
      number: 6,
      event: null,
      before: { value: 'on' },
      isNext: false,
    });
  });

  it('knows an actor whose first news are gone by its id', () => {
    const system = systemOf(story.slice(3, 7));
    expect(treeAt(system, 5)).toBe('program 1: b on');
    expect(system.nameOf('1/b')).toBe('b');
  });

  it('is the same where news comes twice or out of order', () => {
    const system = systemOf([...story.slice(4), ...story.slice(0, 6), ...story]);
    expect(system.news).toEqual(story);
    for (const step of [1, 3, 5, 7, live]) expect(treeAt(system, step)).toBe(treeAt(systemOf(story), step));
  });

  it('keeps the state of an actor that is told of again, and takes over its chart', () => {
    const { snapshot: now } = story[4] as News & { readonly snapshot: ActorSnapshot };
    const again = { ...actor(10, 'b', 'a'), chart: 'lamp-2', snapshot: { ...now } } as News;
    const system = systemOf([...story.slice(0, 5), again]);
    expect(treeAt(system, live)).toBe('shop: the a off (the b on)');
    expect(system.momentAt('1/b', live)).toMatchObject({ number: 5, event: { type: 'TURN' } });
    expect(system.programsAt(live)[0]!.roots[0]!.children[0]!.chart).toBe('lamp-2');
  });

  it('forgets the oldest beyond its limit, and still knows every actor that is there', () => {
    const many = Array.from({ length: 500 }, (_, at) =>
      snapshot(10 + at, 'b', 'TURN', { value: at % 2 === 0 ? 'on' : 'off' }),
    );
    const system = systemOf([...story.slice(0, 7), ...many], 100);
    expect(system.news.length).toBeLessThanOrEqual(120);
    expect(treeAt(system, live)).toBe('shop: the a off (the b off)');
    expect(treeAt(system, 508)).toBe('shop: the a off (the b on)');
  });

  it('forgets actors that ended long ago', () => {
    const short = Array.from({ length: 200 }, (_, at) => [
      actor(10 + 2 * at, `c${at}`, 'a'),
      snapshot(11 + 2 * at, `c${at}`, 'xstate.done', { status: 'done' }),
    ]).flat();
    const system = systemOf([...story.slice(0, 3), ...short], 50);
    expect(system.programsAt(live)[0]!.roots[0]!.children.length).toBeLessThan(40);
  });

  it('forgets programs that went long ago, and keeps the name of an actor that has ended but is still mentioned', () => {
    const other = (news: News): News => ({ ...news, program: 2 });
    const many = Array.from({ length: 100 }, (_, at) => event(10 + at, 'b', 'TURN'));
    const ended = snapshot(5, 'b', 'TURN', { status: 'done' });
    const system = systemOf(
      [...[program(1), actor(2, 'a'), program(3, false)].map(other), actor(4, 'b'), ended, ...many],
      50,
    );
    expect(treeAt(system, live)).toBe('program 1: the b done');
  });

  it('forgets the oldest when all together are too large', () => {
    const many = Array.from({ length: 100 }, (_, at) => snapshot(10 + at, 'b', 'TURN', { value: `${at}` }));
    const system = new InspectedSystem(1000, 5000);
    system.take([...story.slice(0, 3), ...many], () => 100);
    expect(system.news.length).toBeLessThanOrEqual(55);
    expect(treeAt(system, live)).toBe('shop: the a off (the b 99)');
  });

  it('does not forget an actor whose status nobody has told', () => {
    const nameless: News = { ...actor(2, 'a'), snapshot: {} } as News;
    const many = Array.from({ length: 100 }, (_, at) => event(10 + at, 'b', 'TURN'));
    expect(
      systemOf([program(1), nameless, ...many], 50)
        .programsAt(live)[0]!
        .roots.map(({ actor: id }) => id),
    ).toEqual(['a', 'b']);
  });

  it('shows actors of which a program says that they started each other, or that there are thousands in each other', () => {
    const rootsOf = (news: readonly News[]) =>
      systemOf(news)
        .programsAt(live)[0]!
        .roots.map(({ actor: id }) => id);
    expect(rootsOf([actor(1, 'a', 'b'), actor(2, 'b', 'a'), actor(3, 'c', 'c')])).toEqual(['a', 'b', 'c']);
    const deep = Array.from({ length: 5000 }, (_, at) => actor(1 + at, `x${at}`, `x${at - 1}`));
    expect(rootsOf(deep).slice(0, 2)).toEqual(['x0', 'x100']);
  });

  it('forgets all when the inspector was started again', () => {
    const system = systemOf(story);
    system.clear();
    expect([system.news.length, system.programsAt(live).length]).toEqual([0, 0]);
  });

  it('answers for any of 10,000 pieces of news without walking through all of them', () => {
    const many = Array.from({ length: 10_000 }, (_, at) =>
      snapshot(10 + at, 'b', 'TURN', { value: `s${at}` }),
    );
    const system = systemOf([...story.slice(0, 3), ...many]);
    const started = performance.now();
    for (let at = 0; at < 10_000; at += 1)
      expect(system.momentAt('1/b', 10 + at)!.snapshot.value).toBe(`s${at}`);
    // A walk for each would take half a minute.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
