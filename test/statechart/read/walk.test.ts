import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AnyStateNode, and, assign, createMachine, not, raise } from 'xstate';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { toDot } from '../../../src/statechart/draw/dot.ts';
import { toMermaid } from '../../../src/statechart/draw/mermaid.ts';
import { toScxml } from '../../../src/statechart/draw/scxml.ts';
import { noLinks } from '../../../src/statechart/draw/state-box.ts';
import { toStately } from '../../../src/statechart/draw/stately.ts';
import { escapeXml } from '../../../src/statechart/draw/svg.ts';
import { layoutView } from '../../../src/statechart/draw/view.ts';
import { transitionsOf } from '../../../src/statechart/read/model.ts';
import { transitionText } from '../../../src/statechart/read/notation.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { charts } from '../draw/charts-and-views.ts';
import { descendants, parseXml } from '../draw/xml-tree.ts';

const nodesBelow = (node: AnyStateNode): readonly AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child) => nodesBelow(child as AnyStateNode)),
];

describe.each(charts)('the walk over $name', ({ machine, chart }) => {
  it('finds every transition that XState has, with its guard, target and actions, in order', () => {
    const own = nodesBelow(machine.root).flatMap((node) => [
      ...(node.always ?? []),
      ...[...node.transitions.values()].flat(),
    ]);
    expect(
      transitionsOf(chart).map(({ source, eventType, guard, targets, actions, reenter }) => ({
        source,
        eventType,
        guard,
        targets,
        actions: actions.map(({ name }) => name),
        reenter,
      })),
    ).toEqual(
      own.map(({ source, eventType, guard, target, actions, reenter }) => ({
        source: source.id,
        eventType,
        guard:
          guard === undefined ? null : typeof guard === 'string' ? guard : (guard as { type: string }).type,
        targets: (target ?? []).map(({ id }) => id),
        actions: actions.map((action) =>
          typeof action === 'string' ? action : (action as { type: string }).type,
        ),
        reenter: target !== undefined && reenter,
      })),
    );
  });

  it('gives each transition an id of its own', () => {
    const ids = transitionsOf(chart).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has every transition in the full view of Mermaid', () => {
    const lines = toMermaid(chart, { kind: 'full' }).split('\n');
    for (const transition of transitionsOf(chart)) {
      const text = transitionText(chart, transition).replace(/;/g, ',');
      expect(lines.filter((line) => line.includes(`: ${text}`)).length, text).toBeGreaterThan(0);
    }
  });

  it('has every transition in the full view of DOT, with its sentence', () => {
    const dot = toDot(chart, { kind: 'full' }, 'light');
    for (const { description } of transitionsOf(chart)) expect(dot).toContain(escapeXml(description ?? ''));
    expect(dot.match(/<TR><TD ALIGN="LEFT" TOOLTIP/g)?.length).toBe(transitionsOf(chart).length);
  });

  it('has every transition in the full picture', async () => {
    const { items } = await layoutView(chart, { kind: 'full' }, noLinks);
    const shown = new Set(items.map(({ ref }) => ref));
    for (const { id } of transitionsOf(chart)) expect(shown).toContain(id);
  });

  it('has every transition in SCXML', () => {
    const document = descendants(parseXml(toScxml(chart)));
    const written = document.filter(({ name }) => name === 'transition');
    expect(written.map(({ attributes }) => attributes['rule:description'])).toEqual(
      transitionsOf(chart).map(({ description }) => description ?? undefined),
    );
  });

  it('gives the same model for the JSON that Stately takes', () => {
    const json = JSON.parse(toStately(machine));
    const again = walk(createMachine(json));
    // What a function computes is not in JSON, nor what a name raises.
    const plain = (model: unknown) =>
      JSON.parse(
        JSON.stringify(model, (key, value) => (key === 'raises' || value === 'computed' ? null : value)),
      );
    expect(plain(again)).toEqual(plain(chart));
  });
});

describe('the walk over any machine', () => {
  it('names what has no name, and reads all kinds of triggers', () => {
    const machine = createMachine({
      id: 'any',
      initial: 'one',
      states: {
        one: {
          tags: 'busy',
          entry: [raise({ type: 'GO' }), function logIt() {}],
          after: { 1000: 'two' },
          on: {
            GO: [
              { guard: and(['isReady', not('isLate')]), target: 'two' },
              { guard: () => true, actions: assign({}) },
            ],
            '*': { actions: () => {} },
          },
        },
        two: {
          initial: 'inner',
          states: {
            inner: { type: 'final' },
            past: { type: 'history', history: 'deep' },
            latest: { type: 'history' },
          },
          onDone: 'three',
        },
        three: { invoke: { src: 'fetcher', id: 'fetch', onDone: 'one', onError: 'two.past' } },
      },
    });
    const chart = walk(machine);
    const texts = transitionsOf(chart).map((transition) => transitionText(chart, transition));
    expect(texts).toEqual([
      'GO [and(isReady, not(isLate))] → two',
      'GO [inline guard] / inline assign',
      '* / inline actions',
      'after 1000 ms → two',
      'done two → three',
      'done fetch → one',
      'error fetch → two.past',
    ]);
    expect(chart.root.states[0]!.entry).toEqual([
      { name: 'inline raise', raises: 'GO', params: null },
      { name: 'inline logIt', raises: null, params: null },
    ]);
    expect(chart.root.states[1]!.states[1]).toMatchObject({ type: 'history', history: 'deep' });
    expect(chart.root.states[1]!.states[2]).toMatchObject({ type: 'history', history: 'shallow' });
    expect(chart.root.states[2]!.invokes).toEqual([{ id: 'fetch', source: 'fetcher' }]);
  });
});

describe('the list of charts', () => {
  it('holds every chart under machines/', () => {
    const found = readdirSync(`${packageRoot()}/machines`, { recursive: true })
      .map((path) => `machines/${path}`)
      .filter((path) => path.endsWith('.machine.ts'));
    expect(charts.map(({ path }) => path).toSorted()).toEqual(found.toSorted());
  });
});
