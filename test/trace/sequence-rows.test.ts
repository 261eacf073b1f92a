import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SequenceEvent } from '../../src/trace/sequence.ts';
import { rowsOf, type SequenceRow } from '../../src/trace/sequence-rows.ts';
import { sequenceScene } from '../../src/trace/sequence-scene.ts';
import { struckLabels } from './struck-labels.ts';

const nodes = ['a', 'b', 'c', 'd'];

/** Any story: messages that take their time, overtake each other, are lost or stay under way; marks and words in between. */
const anyStory = fc
  .array(
    fc.record({
      time: fc.nat(30),
      from: fc.nat(3),
      to: fc.nat(2),
      takes: fc.nat(12),
      fate: fc.constantFrom('delivered', 'delivered', 'delivered', 'lost', 'under way'),
      also: fc.constantFrom('nothing', 'nothing', 'mark', 'act'),
    }),
    { maxLength: 25 },
  )
  .map((messages): readonly SequenceEvent[] =>
    messages
      .flatMap(({ time, from, to, takes, fate, also }, nth): readonly SequenceEvent[] => {
        const ends = { from: nodes[from]!, to: nodes[(from + 1 + to) % 4]!, label: `m${nth}`, term: 1 };
        const sent: SequenceEvent = { kind: 'message-sent', time, ...ends };
        const other: readonly SequenceEvent[] = {
          nothing: [],
          mark: [{ kind: 'commit', time, node: ends.from, label: `mark ${nth}`, term: 1 } as const],
          act: [{ kind: 'act', time, label: `act ${nth}` } as const],
        }[also];
        if (fate === 'under way') return [sent, ...other];
        const kind = fate === 'lost' ? 'message-lost' : 'message-delivered';
        return [sent, ...other, { kind, time: time + takes, ...ends }];
      })
      .toSorted((a, b) => a.time - b.time),
  );

/** What a node goes through from the top down: what it learns, and what it sends in between, whose order among itself is free. */
const seenBy = (
  node: string,
  steps: readonly (readonly [node: string, what: string])[],
): readonly string[] => {
  const seen: string[] = [];
  let sendings: string[] = [];
  for (const [who, what] of steps) {
    if (who !== node && who !== 'all') continue;
    if (what.startsWith('sends')) sendings.push(what);
    else {
      seen.push(...sendings.toSorted(), what);
      sendings = [];
    }
  }
  return [...seen, ...sendings.toSorted()];
};

const happened = (events: readonly SequenceEvent[]): readonly (readonly [string, string])[] =>
  events.flatMap((event): readonly (readonly [string, string])[] => {
    if (event.kind === 'message-sent') return [[event.from, `sends ${event.label}`]];
    if (event.kind === 'message-delivered') return [[event.to, `gets ${event.label}`]];
    return event.kind === 'commit' ? [[event.node, event.label]] : [];
  });

const drawn = (rows: readonly SequenceRow[]): readonly (readonly [string, string])[] =>
  rows.flatMap((row): readonly (readonly [string, string])[] => {
    if (row.kind === 'marks') return row.marks.map(({ node, label }) => [node, label]);
    if (row.kind === 'arrival') return [[row.flight.message.to, `gets ${row.flight.message.label}`]];
    if (row.kind !== 'message') return [];
    return row.sendings.flatMap(({ flight: { message, endAt, isLost }, number }) => [
      [message.from, `sends ${message.label}`] as const,
      ...(endAt === null || isLost || number !== null
        ? []
        : [[message.to, `gets ${message.label}`] as const]),
    ]);
  });

describe('the rows of a sequence diagram', () => {
  it('keep on each lifeline the order in which things happened there', () => {
    fc.assert(
      fc.property(anyStory, (events) => {
        const rows = rowsOf(events);
        for (const node of nodes) {
          expect(seenBy(node, drawn(rows))).toEqual(seenBy(node, happened(events)));
        }
      }),
    );
  });

  it('never go back in time, and show a message while it was under way', () => {
    fc.assert(
      fc.property(anyStory, (events) => {
        const rows = rowsOf(events);
        expect(rows.map(({ time }) => time)).toEqual(rows.map(({ time }) => time).toSorted((a, b) => a - b));
        for (const row of rows) {
          if (row.kind !== 'message') continue;
          for (const { flight } of row.sendings) {
            expect(row.time).toBeGreaterThanOrEqual(events[flight.sentAt!]!.time);
            expect(row.time).toBeLessThanOrEqual(events[flight.endAt ?? flight.sentAt!]!.time);
          }
        }
      }),
    );
  });

  it('are drawn so that nothing runs through a label', () => {
    fc.assert(
      fc.property(anyStory, fc.constantFrom('wide', 'narrow'), (events, form) => {
        expect(struckLabels(sequenceScene('Any', events, { form }))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('draw a message level if its receiver has seen nothing since it was sent, else with a number at both ends', () => {
    const message = (kind: 'sent' | 'delivered', time: number, from: string, to: string): SequenceEvent => ({
      kind: `message-${kind}`,
      time,
      from,
      to,
      label: `${from} to ${to}`,
      term: 1,
    });
    const rows = rowsOf([
      message('sent', 1, 'a', 'b'),
      message('sent', 1, 'b', 'a'),
      message('delivered', 3, 'a', 'b'),
      message('delivered', 3, 'b', 'a'),
    ]);
    expect(
      rows.map((row) =>
        row.kind === 'message'
          ? row.sendings.map(({ flight, number }) => [flight.message.label, number])
          : row.kind,
      ),
    ).toEqual([[['b to a', 1]], [['a to b', null]], 'arrival']);
  });
});
