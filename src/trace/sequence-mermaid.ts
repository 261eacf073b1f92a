import { type Flight, nodesOf, type SequenceEvent } from './sequence.ts';
import { rowsOf, type SequenceRow, termsOf } from './sequence-rows.ts';
import { fateOf, markText, wideLines } from './sequence-words.ts';

/** A story as a Mermaid sequence diagram: the rows of the picture, with a band for each term. */
export const sequenceToMermaid = (events: readonly SequenceEvent[]): string => {
  const nodes = nodesOf(events);
  const rows = rowsOf(events);
  const bands = new Map(termsOf(rows).map(({ term, from }, at) => [from, { term, at }]));
  const lines: string[] = [];
  let isOpen = false;
  for (const [at, row] of rows.entries()) {
    const band = bands.get(at);
    if (band !== undefined) {
      if (isOpen) lines.push('end');
      lines.push(`rect rgba(86, 180, 233, ${band.at % 2 === 0 ? 0.08 : 0.2})`);
      lines.push(`Note over ${span(nodes)}: term ${band.term}`);
      isOpen = true;
    }
    lines.push(...rowLines(row, nodes));
  }
  if (isOpen) lines.push('end');
  const people = nodes.map((node) => `participant ${idOf(node)} as ${clean(node)}`);
  return `${['sequenceDiagram', ...[...people, ...lines].map((line) => `  ${line}`)].join('\n')}\n`;
};

const rowLines = (row: SequenceRow, nodes: readonly string[]): readonly string[] => {
  switch (row.kind) {
    case 'message':
      return row.sendings.map(({ flight, number }) =>
        number === null
          ? messageLine(flight, arrows[fateOf(flight)], '')
          : messageLine(flight, '-)', ` (sent, no. ${number})`),
      );
    case 'arrival':
      return [messageLine(row.flight, '->>', ` (arrives, no. ${row.number})`)];
    case 'marks':
      return row.marks.map((mark) => `Note over ${idOf(mark.node)}: ${clean(markText(mark))}`);
    case 'wide':
      return [`Note over ${span(nodes)}: ${wideLines(row.event).map(clean).join('<br/>')}`];
  }
};

const messageLine = ({ message: { from, to, label } }: Flight, arrow: string, more: string): string =>
  `${idOf(from)}${arrow}${idOf(to)}: ${clean(label)}${more}`;

const arrows = { delivered: '->>', lost: '-x', 'under way': '-)' } as const;

const span = (nodes: readonly string[]): string =>
  nodes.length < 2 ? idOf(nodes[0] ?? '') : `${idOf(nodes[0]!)},${idOf(nodes.at(-1)!)}`;

const idOf = (node: string): string => `node_${node.replace(/[^A-Za-z0-9]/g, '_')}`;

const clean = (text: string): string => text.replace(/;/g, ',').replace(/#/g, 'no. ').replace(/\s+/g, ' ');
