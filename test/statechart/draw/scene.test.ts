import { describe, expect, it } from 'vitest';
import { type Paint, palettes } from '../../../src/statechart/draw/palette.ts';
import { type Label, placeRuns } from '../../../src/statechart/draw/scene.ts';
import { noLinks } from '../../../src/statechart/draw/state-box.ts';
import { toSvg } from '../../../src/statechart/draw/svg.ts';
import { textWidth, wrapText } from '../../../src/statechart/draw/text-metrics.ts';
import { layoutView } from '../../../src/statechart/draw/view.ts';
import { everyView } from './charts-and-views.ts';
import { overlaps } from './overlaps.ts';
import { descendants, parseXml } from './xml-tree.ts';

describe.each(everyView)('$name, $label', ({ chart, view }) => {
  it('has no text over another, and none beyond the page', async () => {
    const scene = await layoutView(chart, view, noLinks);
    expect(overlaps(scene)).toEqual([]);
    for (const item of scene.items) {
      if (item.kind !== 'label') continue;
      expect(item.x, item.text).toBeGreaterThanOrEqual(0);
      expect(item.x + item.width, item.text).toBeLessThanOrEqual(scene.width);
      expect(item.y, item.text).toBeLessThan(scene.height);
    }
  });

  it('is a well-formed SVG whose texts are held to their widths', async () => {
    const scene = await layoutView(chart, view, (name) => `../rules.ts#${name}`);
    const svg = toSvg(scene, 'dark');
    const elements = descendants(parseXml(svg));
    expect(elements[0]!.name).toBe('svg');
    expect(
      elements.filter(({ name }) => name === 'script' || name === 'foreignObject' || name === 'image'),
    ).toEqual([]);
    for (const { attributes, text } of elements.filter(({ name }) => name === 'text')) {
      if (text.trim() !== '') expect(Number(attributes.textLength), text).toBeGreaterThan(0);
    }
    expect(svg).not.toContain('NaN');
    expect(svg).not.toContain('undefined');
  });

  it('is laid out the same each time', async () => {
    const [one, two] = [await layoutView(chart, view, noLinks), await layoutView(chart, view, noLinks)];
    expect(two).toEqual(one);
  });
});

describe('text', () => {
  it('is as wide as its characters', () => {
    expect(textWidth('abcd', 'code', 10)).toBe(24.1);
    expect(textWidth('il', 'prose', 10)).toBe(4.5);
    expect(textWidth('', 'prose', 10)).toBe(0);
    expect(textWidth('終わり', 'code', 10)).toBe(30);
  });

  it('that is struck has a line through it, as long as it is', () => {
    const [label] = placeRuns([{ text: 'gone', face: 'prose', paint: 'removed', isStruck: true }], 5, 20);
    const scene = { title: '', description: '', width: 50, height: 30, items: [label!] };
    const [, top, length] = /<path d="M5 ([\d.]+)h([\d.]+)"/.exec(toSvg(scene, 'light'))!;
    expect(Number(top)).toBeGreaterThan(10);
    expect(Number(top)).toBeLessThan(20);
    expect(Number(length)).toBeCloseTo((label as Label).width, 0);
  });

  it('is broken at spaces only', () => {
    expect(wrapText('aa bb cc', 'code', 10, 31)).toEqual(['aa bb', 'cc']);
    expect(wrapText('aaaaaaaaaa', 'code', 10, 31)).toEqual(['aaaaaaaaaa']);
  });
});

describe.each(['light', 'dark'] as const)('the %s palette', (theme) => {
  const colours = palettes[theme];
  const luminance = (colour: string): number => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const contrast = (a: string, b: string): number => {
    const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
    return (high! + 0.05) / (low! + 0.05);
  };

  it('writes with a contrast of at least 4.5 on every ground (WCAG AA)', () => {
    const inks: readonly Paint[] = ['ink', 'faint', 'move', 'stay', 'timer', 'added', 'removed', 'changed'];
    const grounds: readonly Paint[] = ['paper', 'panel', 'heading', 'band'];
    for (const ink of inks) {
      for (const ground of grounds) {
        expect(contrast(colours[ink], colours[ground]), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  });
});
