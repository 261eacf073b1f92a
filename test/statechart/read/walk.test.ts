import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type AnyStateNode,
  and,
  assign,
  cancel,
  createMachine,
  fromCallback,
  fromObservable,
  fromPromise,
  fromTransition,
  not,
  raise,
  sendTo,
  setup,
  stateIn,
} from 'xstate';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { toDot } from '../../../src/statechart/draw/dot.ts';
import { toMermaid } from '../../../src/statechart/draw/mermaid.ts';
import { noLinks } from '../../../src/statechart/draw/state-box.ts';
import { layoutView } from '../../../src/statechart/draw/view.ts';
import { toScxml } from '../../../src/statechart/export/scxml.ts';
import { toStately } from '../../../src/statechart/export/stately.ts';
import { escapeXml } from '../../../src/statechart/export/xml-text.ts';
import { transitionsOf } from '../../../src/statechart/read/model.ts';
import { transitionText } from '../../../src/statechart/read/notation.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { writtenOf } from '../../../src/statechart/read/written.ts';
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
    const written = document.filter(
      // The ways to the end of the document are no transitions of the chart.
      ({ name, attributes }) => name === 'transition' && !attributes.target?.endsWith('_xdone'),
    );
    expect(written.map(({ attributes }) => attributes['rule:description'])).toEqual(
      transitionsOf(chart).map(({ description }) => description ?? undefined),
    );
  });

  it('gives the same model for the JSON that Stately takes', () => {
    const json = JSON.parse(toStately(machine));
    const again = walk(createMachine(json));
    // What a function computes is not in JSON, nor what is bound to a name.
    const plain = (model: unknown) =>
      JSON.parse(
        JSON.stringify(model, (key, value) =>
          key === 'raises' || key === 'bound' || value?.kind === 'function' ? null : value,
        ),
      );
    expect(plain(again)).toEqual(plain(chart));
  });
});

function logIt() {}

describe('the walk over any machine', () => {
  it('names what has no name, and reads all kinds of triggers', () => {
    const machine = createMachine({
      id: 'any',
      initial: 'one',
      states: {
        one: {
          tags: 'busy',
          entry: [raise({ type: 'GO' }), logIt],
          after: { 1000: 'two' },
          on: {
            GO: [
              { guard: and(['isReady', not('isLate')]), target: 'two' },
              { guard: () => true, actions: assign({ count: 1, at: () => 2 }) },
            ],
            '*': { actions: () => {} },
            STOP: {
              guard: stateIn({ one: 'x' }),
              actions: [sendTo('printer', { type: 'JOB' }), cancel('late')],
            },
          },
        },
        two: {
          initial: 'inner',
          states: { inner: { type: 'final' }, past: { type: 'history', history: 'deep' } },
          onDone: 'three',
        },
        three: { invoke: { src: 'fetcher', id: 'fetch', onDone: 'one', onError: 'two.past' } },
      },
    });
    const chart = walk(machine);
    const texts = transitionsOf(chart).map((transition) => transitionText(chart, transition));
    expect(texts).toEqual([
      'GO [and(isReady, not(isLate))] → two',
      'GO [inline guard] / assign(count, at)',
      '* / inline action',
      'STOP [stateIn({one: x})] / sendTo(printer, JOB), cancel(late)',
      'after 1000 ms → two',
      'done two → three',
      'done fetch → one',
      'error fetch → two.past',
    ]);
    expect(chart.root.states[0]!.entry).toEqual([
      {
        name: 'raise(GO)',
        raises: 'GO',
        params: null,
        own: { kind: 'raise', parts: { event: writtenOf({ type: 'GO' }) } },
      },
      {
        name: 'inline logIt',
        raises: null,
        params: null,
        own: { kind: 'function', parts: { source: writtenOf(logIt) } },
      },
    ]);
    expect(chart.root.states[1]!.states[1]).toMatchObject({ type: 'history', history: 'deep' });
    expect(chart.root.states[2]!.invokes).toEqual([
      { id: 'fetch', source: 'fetcher', systemId: null, input: null, own: null },
    ]);
  });
});

describe('what the walk reads besides the form', () => {
  const child = setup({ actors: { leaf: fromPromise(async () => 1) } }).createMachine({
    id: 'child',
    invoke: { src: 'leaf', input: { depth: 2 }, systemId: 'leaf' },
  });
  const machine = setup({
    actors: { child },
    guards: { isOld: (_, { age }: { age: number }) => age > 3, isFine: not('isNever'), isNever: () => false },
    actions: { ring: raise({ type: 'RING' }, { delay: 5, id: 'bell' }) },
    delays: { soon: 5, late: () => 9 },
  }).createMachine({
    id: 'house',
    version: '2',
    context: { rooms: 3n, tags: new Set(['a']) },
    output: { isSold: true },
    initial: { target: 'built', actions: 'ring' },
    meta: { rule: 'Book §1', colour: 'red' },
    states: {
      built: {
        invoke: [
          { src: 'child' },
          { src: child, id: 'own' },
          { src: fromPromise(async () => 'x'), id: 'x' },
        ] as never,
        on: { LOOK: { guard: { type: 'isOld', params: { age: 4 } }, meta: { seen: true } } },
      },
    },
  });
  const chart = walk(machine);

  it('has context, version, output, meta and what the start does', () => {
    expect(chart.context).toEqual({
      kind: 'value',
      text: '{"rooms": 3n, "tags": Set {"a"}}',
      data: '{"rooms": 3n, "tags": Set {"a"}}',
      json: null,
    });
    expect(chart.version).toBe('2');
    expect(chart.root).toMatchObject({ rule: 'Book §1', meta: writtenOf({ colour: 'red' }) });
    expect(chart.root.output).toEqual(writtenOf({ isSold: true }));
    expect(chart.root.initialActions.map(({ name, raises }) => [name, raises])).toEqual([['ring', 'RING']]);
    const [look] = chart.root.states[0]!.transitions;
    expect(look).toMatchObject({ rule: null, meta: writtenOf({ seen: true }), question: 'isOld {"age": 4}' });
    expect(look!.asks).toEqual({ kind: 'named', name: 'isOld', params: writtenOf({ age: 4 }) });
  });

  it('has what is bound to names, machines with their own charts', () => {
    const { guards, actions, delays, actors } = chart.bound;
    expect(Object.keys(guards)).toEqual(['isOld', 'isFine', 'isNever']);
    expect(guards.isFine).toEqual({
      kind: 'not',
      guards: [{ kind: 'named', name: 'isNever', params: null }],
    });
    expect(actions.ring!.own).toEqual({
      kind: 'raise',
      parts: { event: writtenOf({ type: 'RING' }), delay: writtenOf(5), id: writtenOf('bell') },
    });
    expect(delays.soon).toEqual(writtenOf(5));
    expect(delays.late).toMatchObject({ kind: 'function', name: 'late' });
    expect(actors.child).toMatchObject({ kind: 'machine', id: 'child', chart: { id: 'child' } });
  });

  it('has inline actors, and what they are given', () => {
    const [named, own, promise] = chart.root.states[0]!.invokes;
    expect(named).toMatchObject({ source: 'child', own: null });
    expect(own).toMatchObject({ source: 'inline machine child', own: { kind: 'machine', id: 'child' } });
    expect(promise!.own).toMatchObject({ kind: 'promise', source: { kind: 'function' } });
    expect(walk(child).root.invokes).toEqual([
      { id: '0.child', source: 'leaf', systemId: 'leaf', input: writtenOf({ depth: 2 }), own: null },
    ]);
  });

  it('has actors by what kind of logic they are', () => {
    const reducer = fromTransition((state: number) => state + 1, 0);
    const { actors } = walk(
      setup({
        actors: {
          promise: fromPromise(async () => 1),
          callback: fromCallback(() => {}),
          observable: fromObservable(() => ({ subscribe: () => ({ unsubscribe: () => {} }) }) as never),
          transition: reducer,
          other: { ...reducer, config: undefined } as never,
          machine: child as never,
        },
      }).createMachine({}) as never,
    ).bound;
    for (const [kind, actor] of Object.entries(actors)) expect(actor.kind).toBe(kind);
  });

  it('calls an actor that has no id by what it runs', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: {
          invoke: [
            { src: 'load', onDone: {} },
            { src: child, onError: {} },
            { src: fromPromise(async () => 1), onDone: {} },
            { id: 'own', src: 'load', onSnapshot: {} },
          ],
        },
      },
    } as never);
    const texts = transitionsOf(walk(machine)).map((each) => transitionText(walk(machine), each));
    expect(texts).toEqual(['done load', 'error inline machine child', 'done inline actor', 'snapshot own']);
  });

  it('ends at a machine that invokes itself', () => {
    const own: { src?: unknown } = {};
    const endless = createMachine({ id: 'endless', invoke: own as never });
    own.src = endless;
    expect(walk(endless).root.invokes[0]!.own).toEqual({ kind: 'machine', id: 'endless', chart: null });
  });

  it('is plain data', () => {
    expect(structuredClone(chart)).toEqual(chart);
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
