import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { toDot } from '../../../src/statechart/draw/dot.ts';
import { toMermaid } from '../../../src/statechart/draw/mermaid.ts';
import { MermaidIds } from '../../../src/statechart/draw/mermaid-text.ts';
import { isolated, readable } from '../../../src/statechart/draw/readable.ts';
import { statesBelow } from '../../../src/statechart/read/model.ts';
import { triggerText, typeText } from '../../../src/statechart/read/notation.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { corpus } from '../corpus/corpus.ts';
import { mermaidFaults } from './mermaid-grammar.ts';
import { type ParsedDiagram, parseMermaid } from './mermaid-parser.ts';
import { descendants, parseXml } from './xml-tree.ts';

const drawn = corpus
  .map(({ name, machine }) => {
    const chart = walk(machine);
    return { name, chart, text: toMermaid(chart, { kind: 'full' }) };
  })
  // Mermaid's own parser takes a minute for hundreds of states.
  .filter(({ text }) => text.length < 30_000);

const machineNamed = (name: string) => walk(corpus.find((each) => each.name === name)!.machine);

const asRead = (text: string): string => isolated(readable(text)).replaceAll('\u00a0', ' ');

describe.each(drawn)('Mermaid, given $name,', ({ chart, text }) => {
  let parsed: ParsedDiagram;
  beforeAll(async () => {
    parsed = await parseMermaid(text);
  });

  it('reads each state with its name and kind, and starts where the chart does', () => {
    const inside = statesBelow(chart.root).filter(({ path }) => path.length > 0);
    const titles = inside.map((state) => {
      const key = state.key.trim() === '' ? JSON.stringify(state.key) : state.key;
      return asRead(typeText(state) === '' ? key : `${key} (${typeText(state)})`);
    });
    const found = [...parsed.titles.values()].filter((title) => !title.startsWith('any state of '));
    expect(found.map((title) => title.replaceAll('\u00a0', ' ')).toSorted()).toEqual(
      (inside.length === 0 ? [...titles, found[0]!] : titles).toSorted(),
    );
    const starts = parsed.arrows.filter(({ from }) => from === '[*]').map(({ to }) => to);
    const expected = statesBelow(chart.root).flatMap(({ type, initial }) =>
      type === 'history' ? [] : initial,
    );
    expect(starts).toHaveLength(inside.length === 0 ? 1 : expected.length);
    expect(new Set(starts).size).toBe(starts.length);
  });

  it('reads each branch in the box of its state', () => {
    const read = [...parsed.lines.values()].flat().map((line) => line.replaceAll('\u00a0', ' '));
    for (const { transitions } of statesBelow(chart.root)) {
      for (const transition of transitions) {
        const start = asRead(triggerText(transition));
        expect(read.filter((line) => line.startsWith(start)).length, start).toBeGreaterThan(0);
      }
    }
  });
});

it('Mermaid tells what a state does by itself: entry, exit, invokes, where a history state leads at first', async () => {
  const linesOf = async (name: string) =>
    [...(await parseMermaid(toMermaid(machineNamed(name), { kind: 'full' }))).lines.values()].flat();
  expect(await linesOf('oven')).toEqual(
    expect.arrayContaining(['entry / heat', 'exit / cool', 'exit / beep']),
  );
  expect(await linesOf('file-upload')).toEqual(expect.arrayContaining(['invoke upload', 'invoke meter']));
  expect(await linesOf('login-form')).toContain('invoke authenticate as authentication');
  expect(await linesOf('history-kinds')).toEqual(
    expect.arrayContaining(['at first → inside.b', 'at first → inside.b.b2', 'at first → inside.a.a2']),
  );
  expect(await linesOf('subscription')).toEqual(
    expect.arrayContaining(['Thirty days for free.', '— The customer decides.']),
  );
});

it('the overview of Mermaid tells what the states inside a box do, without the sentences of the branches', () => {
  const text = toMermaid(machineNamed('oven'), { kind: 'overview' });
  expect(text).toContain('oven_on : entry / heat');
  expect(text).toContain('oven_on : in heating hot → holding');
  expect(toMermaid(machineNamed('subscription'), { kind: 'overview' })).not.toContain(
    '— The customer decides.',
  );
});

it('a sentence that holds a statement of Mermaid stays a sentence', async () => {
  const description = 'Drawn with direction LR; see [[fork]] and %%{init: {}}%%';
  const text = toMermaid(
    walk(createMachine({ id: 'm', initial: 'a', states: { a: { description }, b: {} } })),
    { kind: 'full' },
  );
  expect(mermaidFaults(text)).toEqual([]);
  expect((await parseMermaid(text)).lines.get('m_a')).toEqual([description]);
});

it('Mermaid gets an id for each name, always the same, never a word or a mark of its own', () => {
  const ids = new MermaidIds();
  const names = [
    'm.sign-in',
    'm.sign_in',
    'm.sign in',
    'm.SIGN in',
    'note',
    'm.start',
    'root',
    '0.m',
    '等待',
    '已付',
  ];
  expect(names.map((name) => ids.of(name))).toEqual([
    'm_sign_in',
    'm_sign_in_2',
    'm_sign_in_3',
    'm_SIGN_in_4',
    'note_',
    'm_start_',
    'root_',
    's_0_m',
    's',
    's_2',
  ]);
  expect(ids.of('m.sign_in')).toBe('m_sign_in_2');
});

it.each([
  'sign-in-names',
  'quoted-names',
  'punctuation',
  'strange-characters',
  'order-in-chinese',
  'numbered-ids',
])('Graphviz draws each state of %s once, with its name', async (name) => {
  const chart = machineNamed(name);
  const svg = parseXml((await Graphviz.load()).layout(toDot(chart, { kind: 'full' }, 'light'), 'svg', 'dot'));
  const elements = descendants(svg);
  const boxes = elements.filter(
    ({ attributes, children }) =>
      attributes.class === 'node' &&
      !children.some(({ name: tag, text }) => tag === 'title' && text.startsWith('start ')),
  );
  const inside = statesBelow(chart.root).filter(({ path }) => path.length > 0);
  expect(boxes.length).toBeGreaterThanOrEqual(inside.length);
  const texts = elements
    .filter(({ name: tag }) => tag === 'text')
    .map(({ text }) => text.replaceAll('\u00a0', ' '));
  for (const { key } of inside) {
    if (key.trim() !== '') expect(texts.map((each) => each.trim())).toContain(isolated(readable(key)).trim());
  }
});
