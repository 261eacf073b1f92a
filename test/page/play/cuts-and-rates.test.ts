import { describe, expect, it } from 'vitest';
import { cutsOf, mendsOf, type Pair, rateIn, rateNames, ratesOf } from '../../../src/page/play/directives.ts';
import { cutMarkRadiusOf, cutMarksOf } from '../../../src/page/play/ring/cut-marks.ts';
import { layoutOf, linksCrossed, type Point } from '../../../src/page/play/ring/geometry.ts';
import { Play } from '../../../src/simulate/play/play.ts';

const played = async (text: string): Promise<Play> => {
  const play = new Play(text);
  while (await play.playNext());
  return play;
};

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

const distanceToLine = ({ x, y }: Point, a: Point, b: Point): number =>
  Math.abs((b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x)) / distance(a, b);

describe('a line across links', () => {
  const layout = layoutOf(900, 600, 5);
  const [top, right] = [layout.nodes[0]!, layout.nodes[1]!];

  it('crosses those that have an end on either side of it', () => {
    // Between node 1 at the top and all others.
    const below = { y: top.y + layout.radius * 2 };
    expect(
      linksCrossed(layout, [
        { x: 0, ...below },
        { x: 900, ...below },
      ]),
    ).toEqual([
      [1, 2],
      [1, 3],
      [1, 4],
      [1, 5],
    ]);
  });

  it('crosses what any part of it crosses, once, and nothing where it ends before', () => {
    const middle = { x: (top.x + right.x) / 2, y: (top.y + right.y) / 2 };
    const outside = { x: middle.x + 40, y: middle.y - 40 };
    const inside = { x: middle.x - 15, y: middle.y + 15 };
    expect(linksCrossed(layout, [outside, inside, outside, inside])).toEqual([[1, 2]]);
    expect(linksCrossed(layout, [outside, { x: middle.x + 5, y: middle.y - 5 }])).toEqual([]);
    expect(linksCrossed(layout, [outside])).toEqual([]);
  });

  it('crosses no link under the circle of a node', () => {
    const { x, y } = top;
    const { radius } = layout;
    expect(
      linksCrossed(layout, [
        { x: x - radius, y: y + radius * 0.8 },
        { x: x + radius, y: y + radius * 0.8 },
      ]),
    ).toEqual([]);
  });
});

describe('the signs of links that are cut', () => {
  const rings = [
    ...[2, 3, 4, 5, 6, 7, 8, 9].map((count) => [count, 900, 600] as const),
    ...[2, 3, 4, 5, 6, 7].map((count) => [count, 400, 430] as const),
  ];

  it.each(rings)('stand apart, one on each link, of %i nodes on %i × %i pixels', (count, width, height) => {
    const ring = layoutOf(width, height, count);
    const marks = cutMarksOf(ring);
    const pairs = ring.nodes.flatMap((_, a) =>
      ring.nodes.slice(a + 1).map((_, b) => `${a + 1} ${a + 2 + b}`),
    );
    expect(marks.map(({ a, b }) => `${a} ${b}`)).toEqual(pairs);
    for (const [at, { a, b, place }] of marks.entries()) {
      expect(distanceToLine(place, ring.nodes[a - 1]!, ring.nodes[b - 1]!)).toBeLessThan(11);
      for (const other of marks.slice(at + 1))
        expect(distance(place, other.place)).toBeGreaterThanOrEqual(2 * cutMarkRadiusOf(ring));
    }
  });

  it.each(rings)('cover no node and no log, of %i nodes on %i × %i pixels', (count, width, height) => {
    const ring = layoutOf(width, height, count);
    const radius = cutMarkRadiusOf(ring);
    for (const { place } of cutMarksOf(ring)) {
      for (const node of ring.nodes) {
        expect(distance(place, node)).toBeGreaterThan(ring.radius + radius);
        const aside = Math.abs(place.x - node.x) - (ring.cells * ring.cellWidth) / 2;
        const below = place.y - node.y - ring.radius - 31;
        expect(Math.max(aside, -below, below - ring.cellWidth)).toBeGreaterThan(radius);
      }
    }
  });
});

describe('links that are cut by hand', () => {
  const pairs = (...of: Pair[]): readonly Pair[] => of;

  it('are a partition where they are all that lies between groups', () => {
    const between = pairs([1, 3], [1, 4], [1, 5], [2, 3], [2, 4], [2, 5]);
    expect(cutsOf(between, 5, [])).toEqual(['partition 1 2 | 3 4 5']);
    expect(cutsOf(pairs([1, 2]), 2, [])).toEqual(['partition 1 | 2']);
  });

  it('are cut each by itself, both ways, where they are not', () => {
    expect(cutsOf(pairs([1, 3], [2, 3]), 4, [])).toEqual([
      'cut 1 to 3',
      'cut 3 to 1',
      'cut 2 to 3',
      'cut 3 to 2',
    ]);
    // A link inside a group besides.
    expect(cutsOf(pairs([1, 2], [1, 3], [1, 4], [2, 3]), 4, []).length).toBe(8);
  });

  it('are not cut again', () => {
    expect(cutsOf(pairs([1, 3]), 4, [[1, 3]])).toEqual(['cut 3 to 1']);
    expect(
      cutsOf(pairs([1, 3]), 4, [
        [1, 3],
        [3, 1],
      ]),
    ).toEqual([]);
    expect(cutsOf([], 4, [])).toEqual([]);
  });

  it('are whole again after they are mended, whatever cut them', async () => {
    const play = await played('nodes: 3\n\nstart\npartition 1 | 2 3\ncut 1 to 2\n');
    expect(mendsOf(2, 1, play.frame.cuts)).toEqual(['mend 1 to 2', 'mend 2 to 1']);
    for (const directive of mendsOf(2, 1, play.frame.cuts)) await play.act(directive);
    expect(play.frame.cuts).toEqual([
      [1, 3],
      [3, 1],
    ]);
  });
});

describe('the rates of a frame', () => {
  const story = 'nodes: 3\ntime: runs\n\nstart\nrates delay=8ms..16ms loss=12.5%\n';

  it('are those in force at its moment', async () => {
    const play = await played(story);
    const before = play.frame;
    await play.act('rates loss=50% duplicates=3% reorders=1%');
    expect(rateNames.map((name) => rateIn(before.rates, name))).toEqual([12.5, 0, 0, 8, 16]);
    expect(rateNames.map((name) => rateIn(play.frame.rates, name))).toEqual([50, 3, 1, 8, 16]);
    expect(rateIn(play.frames[0]!.rates, 'loss')).toBe(0);
  });

  it.each([
    ['loss', 7, [7, 0, 0, 8, 16]],
    ['duplicates', 9, [12.5, 9, 0, 8, 16]],
    ['reorders', 4, [12.5, 0, 4, 8, 16]],
    ['least', 2, [12.5, 0, 0, 2, 16]],
    ['least', 40, [12.5, 0, 0, 40, 40]],
    ['most', 90, [12.5, 0, 0, 8, 90]],
    ['most', 3, [12.5, 0, 0, 3, 3]],
  ] as const)('change as a slider is moved: %s to %d', async (name, value, rates) => {
    const play = await played(story);
    await play.act(ratesOf(play.frame.rates, name, value));
    expect(rateNames.map((each) => rateIn(play.frame.rates, each))).toEqual(rates);
  });
});
