import { flightsOf, isMessage, nodesOf, type SequenceEvent, type SequenceMark, termsOf } from './sequence.ts';

/** A story as a Mermaid sequence diagram: messages where they arrive or are lost, a band for each term. */
export const sequenceToMermaid = (events: readonly SequenceEvent[]): string => {
  const nodes = nodesOf(events);
  const flights = flightsOf(events);
  const ends = new Map(flights.map((flight) => [flight.endAt ?? flight.sentAt!, flight]));
  const bands = new Map(termsOf(events).map(({ term, from }, at) => [from, { term, at }]));
  const lines: string[] = [];
  let isOpen = false;
  for (const [at, event] of events.entries()) {
    const band = bands.get(at);
    if (band !== undefined) {
      if (isOpen) lines.push('end');
      lines.push(`rect rgba(86, 180, 233, ${band.at % 2 === 0 ? 0.08 : 0.2})`);
      lines.push(`Note over ${span(nodes)}: term ${band.term}`);
      isOpen = true;
    }
    if (!isMessage(event)) {
      lines.push(`Note over ${idOf(event.node)}: ${clean(markText(event))}`);
      continue;
    }
    const flight = ends.get(at);
    if (flight === undefined) continue;
    const line = flight.endAt === null ? '-)' : flight.isLost ? '-x' : '->>';
    lines.push(`${idOf(event.from)}${line}${idOf(event.to)}: ${clean(event.label)}`);
  }
  if (isOpen) lines.push('end');
  const people = nodes.map((node) => `participant ${idOf(node)} as ${clean(node)}`);
  return `${['sequenceDiagram', ...[...people, ...lines].map((line) => `  ${line}`)].join('\n')}\n`;
};

/** What a mark says: the same words in every format. */
export const markText = (mark: SequenceMark): string => {
  switch (mark.kind) {
    case 'election':
      return `★ ${mark.label}`;
    case 'commit':
      return `✓ ${mark.label}`;
    case 'crash':
    case 'wrong':
      return `✗ ${mark.label}`;
    case 'timer':
      return `after ${mark.label}`;
    case 'restart':
    case 'members':
    case 'state-change':
      return mark.label;
  }
};

const span = (nodes: readonly string[]): string =>
  nodes.length < 2 ? idOf(nodes[0] ?? '') : `${idOf(nodes[0]!)},${idOf(nodes.at(-1)!)}`;

const idOf = (node: string): string => `node_${node.replace(/[^A-Za-z0-9]/g, '_')}`;

const clean = (text: string): string => text.replace(/;/g, ',').replace(/#/g, 'no. ').replace(/\s+/g, ' ');
