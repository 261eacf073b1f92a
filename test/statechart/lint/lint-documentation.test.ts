import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import * as statechart from '../../../src/entry/statechart.ts';
import { ruleSheets } from '../../../src/statechart/lint/report.ts';
import { rules } from '../../../src/statechart/lint/rules.ts';

const text = readFileSync(new URL('../../../docs/lint.md', import.meta.url), 'utf8');

it.each(rules)('docs/lint.md has a section on $name, and a line of the table with its severity', (rule) => {
  const { name, severity, description } = rule;
  expect(text).toContain(`\n### ${name}\n`);
  expect(text).toContain(`| [${name}](#${name}) | ${severity} | ${description} |`);
});

it('docs/lint.md has sections of no other rules, in the order of the rules', () => {
  const sections = [...text.matchAll(/^### (.*)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(rules.map(({ name }) => name));
});

it.each(ruleSheets)('the link of $name leads to a heading', ({ docs }) => {
  const [, anchor = ''] = docs.split('#');
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!.toLowerCase().replaceAll(' ', '-'),
  );
  expect(anchors).toContain(anchor);
});

it('what docs/lint.md imports is exported by raftchart/statechart, and finds faults', () => {
  const [, names = ''] = /import \{ (.*) \} from 'raftchart\/statechart'/.exec(text) ?? [];
  expect(Object.keys(statechart)).toEqual(expect.arrayContaining(names.split(', ')));
  const { commentsIn, lint, lintFault, walk } = statechart;
  const machine = createMachine({ id: 'm', initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } });
  expect(lint(walk(machine)).map(({ rule, state }) => `${rule} ${state}`)).toEqual(['dead-end m.b']);
  const place = { path: 'm.ts', line: 2 };
  const comments = commentsIn('// raftchart-lint-disable-next-line dead-end -- the end\n', 'm.ts');
  expect(lint(walk(machine), { comments, placeOf: () => place })).toEqual([]);
  expect(lintFault("Child state 'c' does not exist on 'm'")?.rule).toBe('missing-target');
  expect(lintFault('not today')).toBeNull();
});
