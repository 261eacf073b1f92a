import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
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
