import { escapeXml } from '../../../statechart/export/xml-text.ts';

interface About {
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
}

/** A picture of the page as a file that needs no style sheet: light, and dark where the reader's system is. */
export const stillSvg = (svg: SVGSVGElement, { title, description, width, height }: About): string => {
  const elements = [...svg.querySelectorAll<SVGElement>('*')].filter(isDrawn);
  const [light, dark] = (['light', 'dark'] as const).map((theme) => stylesIn(theme, elements));
  const classes = new Map<string, string>();
  const classOf = new Map<Element, string>();
  for (const [at, element] of elements.entries()) {
    const key = `${light![at]}|${dark![at]}`;
    if (key === '|') continue;
    const name = classes.get(key) ?? `s${classes.size}`;
    classes.set(key, name);
    classOf.set(element, name);
  }
  const rules = (part: number) =>
    [...classes].map(([key, name]) => `.${name}{${key.split('|')[part]}}`).join('');
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="t d">`,
    `<title id="t">${escapeXml(title)}</title>`,
    `<desc id="d">${escapeXml(description)}</desc>`,
    `<style>${escapeXml(`${rules(0)}@media(prefers-color-scheme:dark){${rules(1)}}`)}</style>`,
    ...[...svg.children].map((child) => markupOf(child, classOf)),
    '</svg>',
  ]
    .filter((line) => line !== '')
    .join('\n')}\n`;
};

/** What only takes presses is not part of a still picture. */
const unseen = '.node-region, .lane-region, .flight-region';

const isDrawn = (element: Element): boolean => !element.matches(`title, ${unseen}`);

/** What a shape or a text looks like; groups look like nothing. */
const properties = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-opacity',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
] as const;
const textProperties = ['font-family', 'font-size', 'font-weight', 'text-anchor', 'paint-order'] as const;
/** What holds where nothing is said. */
const usual: Readonly<Record<string, string>> = {
  'fill-opacity': '1',
  'stroke-opacity': '1',
  'stroke-width': '1px',
  'stroke-dasharray': 'none',
  'stroke-linecap': 'butt',
  'stroke-linejoin': 'miter',
  'paint-order': 'normal',
};

/** The page's own style sheet says what each looks like in a theme. Nothing is shown meanwhile: the page is not painted before this returns. */
const stylesIn = (theme: 'light' | 'dark', elements: readonly Element[]): readonly string[] => {
  const { dataset } = document.documentElement;
  const before = dataset.theme;
  dataset.theme = theme;
  try {
    return elements.map((element) => (/^(g|defs|pattern)$/.test(element.localName) ? '' : styleOf(element)));
  } finally {
    if (before === undefined) delete dataset.theme;
    else dataset.theme = before;
  }
};

const styleOf = (element: Element): string => {
  const style = getComputedStyle(element);
  const names = /^(text|tspan)$/.test(element.localName) ? [...properties, ...textProperties] : properties;
  const hasStroke = style.getPropertyValue('stroke') !== 'none';
  return names
    .filter((name) => hasStroke || !name.startsWith('stroke-'))
    .map((name) => [name, plainValue(style.getPropertyValue(name))] as const)
    .filter(([name, value]) => usual[name] !== value)
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
};

/** Colours that programs which draw SVG may not know, in those that all know. */
const plainValue = (value: string): string => {
  if (value.startsWith('url(')) return value.replace(/url\(["']?[^#]*#([\w-]+)["']?\)/, 'url(#$1)');
  return /^(rgb|oklch|oklab|color|lab|lch|hsl)/.test(value) ? plainColour(value) : value;
};

const known = new Map<string, string>();
let canvas: OffscreenCanvasRenderingContext2D | null = null;

const plainColour = (colour: string): string => {
  const before = known.get(colour);
  if (before !== undefined) return before;
  canvas ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
  const hex = [red, green, blue].map((part) => part!.toString(16).padStart(2, '0')).join('');
  const plain = alpha === 0 ? 'none' : `#${hex}`;
  known.set(colour, plain);
  return plain;
};

/** What says where a shape is; all else is said by the style, or only means something on the page. */
const kept = /^(d|x|y|x1|x2|y1|y2|r|rx|cx|cy|width|height|points|transform|id|pattern\w+)$/;

const markupOf = (node: Element, classOf: ReadonlyMap<Element, string>): string => {
  if (node.matches(unseen)) return '';
  const name = node.localName;
  if (name === 'title') return `<title>${escapeXml(node.textContent)}</title>`;
  const attributes = [...node.attributes].filter((each) => kept.test(each.name));
  const isGroup = /^(g|defs|pattern)$/.test(name);
  const style = classOf.get(node);
  const written = [
    ...attributes.map((each) => ` ${each.name}="${escapeXml(each.value)}"`),
    ...(style === undefined ? [] : [` class="${style}"`]),
    // Many programs that draw SVG drop a space at the beginning of a text.
    ...(name === 'tspan' && node.textContent.startsWith(' ') ? [' dx="0.28em"'] : []),
  ].join('');
  const inside = [...node.childNodes]
    .map((child) =>
      child instanceof Element ? markupOf(child, classOf) : escapeXml(child.textContent ?? ''),
    )
    .join('');
  return inside === '' ? (isGroup ? '' : `<${name}${written}/>`) : `<${name}${written}>${inside}</${name}>`;
};
