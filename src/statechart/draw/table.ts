import type { Paint } from './palette.ts';
import { type Block, type Item, placeRuns, type Run, runsWidth } from './scene.ts';
import { wrapText } from './text-metrics.ts';

/** One row of a rule table: cells in columns, a sentence below them, a mark at the left edge. */
export interface Row {
  readonly cells: readonly (readonly Run[])[];
  /** Prose below the cells, wrapped to the table. */
  readonly note?: string;
  /** The sentence spans the table instead of cells: a heading inside it. */
  readonly heading?: readonly Run[];
  readonly mark?: { readonly paint: Paint; readonly isHollow: boolean };
  /** A rule above sets it off from the row before. */
  readonly isFirst?: boolean;
  readonly indent?: number;
  readonly ref?: string;
}

export interface TableStyle {
  readonly lineHeight: number;
  readonly gap: number;
  readonly padding: number;
  readonly minWidth: number;
}

export const tableStyle: TableStyle = { lineHeight: 17, gap: 16, padding: 12, minWidth: 0 };

const noteSize = 11;

/** Lays rows out in columns as wide as their widest cell. */
export const layoutTable = (rows: readonly Row[], style: TableStyle = tableStyle): Block => {
  const { lineHeight, gap, padding } = style;
  const columns = columnsOf(rows, gap);
  const headings = rows.map(({ heading, indent }) =>
    heading === undefined ? 0 : runsWidth(heading) + (indent ?? 0),
  );
  const inner = Math.max(columns.total, style.minWidth - 2 * padding, ...headings);
  const width = inner + 2 * padding;
  const items: Item[] = [];
  let y = 0;
  for (const row of rows) {
    const indent = row.indent ?? 0;
    const top = y;
    if (row.isFirst) {
      items.push({ kind: 'line', x1: indent, y1: y, x2: width, y2: y, paint: 'line', strokeWidth: 0.6 });
      y += 3;
    }
    const baseline = y + lineHeight - 5;
    if (row.heading !== undefined) {
      items.push(...placeRuns(row.heading, padding + indent, baseline, row.ref));
    } else {
      row.cells.forEach((cell, at) => {
        items.push(
          ...placeRuns(cell, padding + columns.starts[at]! + (at === 0 ? indent : 0), baseline, row.ref),
        );
      });
    }
    y += lineHeight;
    if (row.note !== undefined) {
      const start = padding + (row.heading === undefined ? (columns.starts[1] ?? 0) : indent);
      for (const line of wrapText(row.note, 'prose', noteSize, width - padding - start)) {
        const run: Run = { text: line, face: 'prose', paint: 'faint', size: noteSize };
        items.push(...placeRuns([run], start, y + 10, row.ref));
        y += 14;
      }
      y += 4;
    }
    if (row.mark !== undefined) items.push(markOf(row.mark, row.isFirst ? top + 3 : top, y, row.ref));
  }
  return { width, height: y, items };
};

const markOf = (mark: NonNullable<Row['mark']>, top: number, bottom: number, ref?: string): Item => ({
  kind: 'box',
  x: mark.isHollow ? 0.75 : 0,
  y: top + 2,
  width: mark.isHollow ? 2.5 : 4,
  height: bottom - top - 4,
  ...(mark.isHollow ? { stroke: mark.paint, strokeWidth: 0.8 } : { fill: mark.paint }),
  ...(ref === undefined ? {} : { ref }),
});

const columnsOf = (rows: readonly Row[], gap: number) => {
  const count = Math.max(0, ...rows.map(({ cells }) => cells.length));
  const starts: number[] = [];
  let x = 0;
  for (let at = 0; at < count; at++) {
    starts.push(x);
    const widest = Math.max(
      0,
      ...rows.map((row) => runsWidth(row.cells[at] ?? []) + (at === 0 ? (row.indent ?? 0) : 0)),
    );
    x += widest > 0 ? widest + gap : 0;
  }
  return { starts, total: Math.max(0, x - gap) };
};
