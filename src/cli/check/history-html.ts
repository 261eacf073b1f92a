import { pageScript, pageStyle } from './history-page.ts';
import type { Bar, HistoryPicture } from './history-picture.ts';

/** A column is wide enough for a few words where there are few of them. */
const columnWidthOf = (columnCount: number): number =>
  Math.min(Math.max(34, Math.floor(1200 / columnCount)), 110);
const rowHeight = 44;
const barHeight = 28;

/** A picture of a history as one HTML file that loads nothing. Whatever comes from the history is escaped. */
export const historyHtml = (picture: HistoryPicture): string => {
  const { title, verdict, sentences, rows, bars, columnCount } = picture;
  const columnWidth = columnWidthOf(columnCount);
  const width = (columnCount + 2) * columnWidth;
  // The number of the last row hangs below its bar.
  const height = rows.length * rowHeight + 8;
  const words = {
    linearizable: '✓ linearizable',
    notLinearizable: '✗ not linearizable',
    unknown: '? unknown',
  }[verdict];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`${words}: ${title}`)}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1><span class="verdict ${verdict}">${words}</span> ${escaped(title)}</h1>
<p>${sentences.map(escaped).join(' ')}</p>
<p class="keys"><kbd>←</kbd> <kbd>→</kbd> by time, <kbd>↑</kbd> <kbd>↓</kbd> by client, <kbd>Enter</kbd> pins, <kbd>Esc</kbd> lets go, <kbd>?</kbd> shows the legend.</p>
<dl id="legend" hidden>
<dt>①</dt><dd>its place in the order</dd>
<dt>fading bar</dt><dd>never completed, or nobody knows whether it did</dd>
<dt>dotted bar</dt><dd>in no order, and need not be</dd>
<dt>✗, thick dashed bar</dt><dd>no order has a place for it</dd>
<dt>▼ line</dt><dd>no order goes on from here</dd>
</dl>
</header>
<main>
<div class="timeline" role="group" aria-label="Timeline of ${bars.length} operations, a row a client">
<div class="names" style="height:${height}px" aria-hidden="true">${rows.map(nameHtml).join('')}</div>
<div class="field" style="width:${width}px;height:${height}px">
${pathSvg(picture, columnWidth, width, height)}
${bars.map((bar, index) => barHtml(bar, index, columnWidth)).join('\n')}
</div>
</div>
<section id="details" aria-live="polite" aria-label="The operation"><p>Point at an operation, or move to one.</p></section>
</main>
<script type="application/json" id="bars">${inScript(JSON.stringify(bars))}</script>
<script>${pageScript}</script>
</body>
</html>
`;
};

const nameHtml = (name: string, row: number, all: readonly string[]): string =>
  `<div style="top:${row * rowHeight}px" title="client ${escaped(name)}">${all[row - 1] === name ? '' : escaped(name)}</div>`;

const barHtml = (bar: Bar, index: number, columnWidth: number): string => {
  const left = bar.from * columnWidth + 4;
  const right = (bar.to ?? Math.max(bar.from + 3, (bar.placed?.at ?? 0) + 1.5)) * columnWidth;
  const kind = [
    bar.to === null ? 'open' : '',
    bar.isCulprit ? 'culprit' : '',
    bar.placed === null ? 'unplaced' : '',
  ]
    .filter((each) => each !== '')
    .join(' ');
  const style = `left:${left}px;top:${bar.row * rowHeight + (rowHeight - barHeight) / 2}px;width:${Math.max(right - left, 24)}px`;
  const label = `<span>${bar.isCulprit ? '✗ ' : ''}${escaped(bar.call)}</span>`;
  return `<button type="button" class="bar ${kind}" style="${style}" data-bar="${index}" tabindex="-1" aria-label="${escaped(labelOf(bar))}">${label}</button>`;
};

const labelOf = (bar: Bar): string => {
  if (bar.isCulprit)
    return `${bar.text}. No order has a place for it. Meanwhile: ${bar.meanwhile.join(', ')}.`;
  if (bar.placed === null) return `${bar.text}. In no order, and need not be.`;
  return `${bar.text}. Number ${bar.placed.number} in the order: ${bar.placed.before} before, ${bar.placed.after} after.`;
};

/** The way through the bars in the order that was found, and where it ends. */
const pathSvg = (
  { bars, stopsAt }: HistoryPicture,
  columnWidth: number,
  width: number,
  height: number,
): string => {
  const placed = bars.flatMap(({ placed, row }) =>
    placed === null ? [] : [{ ...placed, x: placed.at * columnWidth, y: row * rowHeight + rowHeight - 7 }],
  );
  placed.sort((a, b) => a.number - b.number);
  const line = placed.map(({ x, y }) => `${x.toFixed(1)},${y}`).join(' ');
  const stop = stopsAt === null ? null : stopsAt * columnWidth + 2;
  return `<svg width="${width}" height="${height}" aria-hidden="true">
<polyline class="path" points="${line}"/>
${placed.map(({ x, y, number }) => `<g transform="translate(${x.toFixed(1)} ${y})"><circle r="8"/><text y="3">${number}</text></g>`).join('')}
${stop === null ? '' : `<path class="stop" d="M${stop} 0V${height}M${stop - 6} 0h12l-6 9z"/>`}
</svg>`;
};

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);

/** JSON that cannot end the script element that it is in. */
const inScript = (json: string): string =>
  json.replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
