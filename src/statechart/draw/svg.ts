import { escapeXml } from '../export/xml-text.ts';
import { type Paint, palettes, type Theme } from './palette.ts';
import type { Arrow, Box, Item, Label, Line, Scene } from './scene.ts';
import { type Face, fontFamilies } from './text-metrics.ts';

/** Draws a scene: self-contained, no script, no external font; scales without cutting text. */
export const toSvg = (scene: Scene, theme: Theme | 'auto'): string =>
  theme === 'auto' ? toSvgIn(scene, palettes.light, '', darkRules) : toSvgIn(scene, palettes[theme], '');

/** Replaces each colour of the light theme where the reader's system is dark. A program that does not know this rule shows the light theme. */
const darkRules = `@media(prefers-color-scheme:dark){${Object.entries(palettes.light)
  .flatMap(([paint, colour]) =>
    ['fill', 'stroke'].map((part) => `[${part}="${colour}"]{${part}:${palettes.dark[paint as Paint]}}`),
  )
  .join('')}}`;

/** The same in colours of its own, such as `var(--ink)`, for a page with several pictures: `name` keeps their ids apart. */
export const toSvgIn = (scene: Scene, colours: Colours, name: string, style = ''): string => {
  const width = Math.ceil(scene.width);
  const height = Math.ceil(scene.height);
  const faces = (Object.keys(fontFamilies) as Face[])
    .map(
      (face) => `.${face}{font-family:${fontFamilies[face]}${face === 'strong' ? ';font-weight:700' : ''}}`,
    )
    .join('');
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="t${name} d${name}">`,
    `<title id="t${name}">${escapeXml(scene.title)}</title>`,
    `<desc id="d${name}">${escapeXml(scene.description)}</desc>`,
    `<style>text{white-space:pre}${faces}a{text-decoration:none}a:hover text,a:focus text{text-decoration:underline}${escapeXml(style)}</style>`,
    `<rect width="${width}" height="${height}" fill="${colours.paper}"/>`,
    ...scene.items.map((item) => draw(item, colours)),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
};

export type Colours = Readonly<Record<Paint, string>>;

const draw = (item: Item, colours: Colours): string => {
  switch (item.kind) {
    case 'box':
      return drawBox(item, colours);
    case 'label':
      return drawLabel(item, colours);
    case 'line':
      return drawLine(item, colours);
    case 'arrow':
      return drawArrow(item, colours);
  }
};

const drawBox = (box: Box, colours: Colours): string =>
  element('rect', {
    x: round(box.x),
    y: round(box.y),
    width: round(box.width),
    height: round(box.height),
    rx: box.radius,
    fill: box.fill === undefined ? 'none' : colours[box.fill],
    'fill-opacity': box.opacity,
    stroke: box.stroke && colours[box.stroke],
    'stroke-width': box.strokeWidth,
    'stroke-dasharray': box.isDashed ? '5 3' : undefined,
    'data-ref': box.ref,
  });

const drawLabel = (label: Label, colours: Colours): string => {
  const hint = label.hint === undefined ? '' : `<title>${escapeXml(label.hint)}</title>`;
  const text = element(
    'text',
    {
      class: label.face,
      x: round(label.x),
      y: round(label.y),
      'font-size': label.size,
      fill: colours[label.paint],
      'paint-order': label.halo && 'stroke',
      stroke: label.halo && colours[label.halo],
      'stroke-width': label.halo && 3,
      textLength: label.text.trim() === '' ? undefined : round(label.width),
      lengthAdjust: label.text.trim() === '' ? undefined : 'spacingAndGlyphs',
      'data-ref': label.ref,
    },
    `${hint}${escapeXml(label.text)}`,
  );
  const written = label.href === undefined ? text : element('a', { href: label.href }, text);
  return label.isStruck ? `${written}${drawStrike(label, colours)}` : written;
};

/** A line of its own: some programs that draw SVG paint the ground of the letters over a decoration of the text. */
const drawStrike = ({ x, y, width, size, paint }: Label, colours: Colours): string =>
  element('path', {
    d: `M${round(x)} ${round(y - size * 0.3)}h${round(width)}`,
    stroke: colours[paint],
    'stroke-width': round(size / 10),
  });

const drawLine = (line: Line, colours: Colours): string =>
  element('line', {
    x1: round(line.x1),
    y1: round(line.y1),
    x2: round(line.x2),
    y2: round(line.y2),
    stroke: colours[line.paint],
    'stroke-width': line.strokeWidth ?? 1,
    'stroke-dasharray': line.isDashed ? '4 3' : undefined,
    'data-ref': line.ref,
  });

const drawArrow = (arrow: Arrow, colours: Colours): string => {
  const [start, ...rest] = arrow.points.map(({ x, y }) => `${round(x)} ${round(y)}`);
  const path = element('path', {
    d: `M${start}C${rest.join(' ')}`,
    fill: 'none',
    stroke: colours[arrow.paint],
    'stroke-width': arrow.strokeWidth ?? 1.6,
    'stroke-dasharray': arrow.isDashed ? '6 3' : undefined,
    'data-ref': arrow.ref,
  });
  return `${path}${drawHead(arrow, colours)}`;
};

/** A filled triangle at the end, turned the way the curve arrives. */
const drawHead = (arrow: Arrow, colours: Colours): string => {
  const tip = arrow.points.at(-1)!;
  const before = arrow.points.findLast(({ x, y }) => Math.hypot(tip.x - x, tip.y - y) > 0.5) ?? tip;
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const along = { x: (tip.x - before.x) / length, y: (tip.y - before.y) / length };
  const corner = (side: number) =>
    `${round(tip.x - along.x * 9 - along.y * side)} ${round(tip.y - along.y * 9 + along.x * side)}`;
  return element('path', {
    d: `M${round(tip.x)} ${round(tip.y)}L${corner(4)}L${corner(-4)}Z`,
    fill: colours[arrow.paint],
  });
};

const round = (value: number): number => Math.round(value * 10) / 10;

const element = (
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content = '',
): string => {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
};
