import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodes, type PrintedLine, placeholder, printedLines, refusals } from './printed-errors.ts';

const document = readFileSync('docs/errors.md', 'utf8');
/** The first cell of each row of a table. */
const rows = [...document.matchAll(/^\| `([^`]+)` \|/gm)].map(([, line]) => line!);
const codes = rows.filter((row) => /^[a-z]+(?:_[a-z]+)*$/.test(row));
const lines = rows.filter((row) => !codes.includes(row));

/** Each name in angle brackets is some word; `node<n>` is the name of a node. */
const plain = (text: string): string => text.replaceAll(/(?:\bnode)?<\w*>/g, placeholder);

const patternOf = (row: string): RegExp =>
  new RegExp(
    `^${plain(row)
      .replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')
      .replaceAll('…', '.*')}$`,
  );

const texts = (found: readonly PrintedLine[]): readonly string[] => [
  ...new Set(found.map(({ text }) => plain(text))),
];

describe('docs/errors.md', () => {
  const made = [...printedLines(['src', 'machines']), ...refusals('src/node')];

  it('has each line that the programs make', () => {
    const patterns = lines.map(patternOf);
    const missing = made.filter(({ text }) => !patterns.some((pattern) => pattern.test(plain(text))));
    expect(missing.map(({ text, place }) => `${place}: ${text}`)).toEqual([]);
  });

  it('has no line that no program makes', () => {
    const all = texts(made);
    expect(lines.filter((row) => !all.some((text) => patternOf(row).test(text)))).toEqual([]);
  });

  it('has each code that raft-client gives as error, and no other', () => {
    expect(codes.toSorted()).toEqual([...texts(errorCodes('src/cli/client'))].toSorted());
  });
});
