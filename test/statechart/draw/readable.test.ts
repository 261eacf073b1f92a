import { expect, it } from 'vitest';
import { isolated, readable, readableLines } from '../../../src/statechart/draw/readable.ts';
import { escapeXml } from '../../../src/statechart/export/xml-text.ts';
import { parseXml } from './xml-tree.ts';

it('a text becomes one line in which each sign shows', () => {
  expect(readable('two\nlines\r\nand\ttab')).toBe('two↵lines↵and⇥tab');
  expect(readable('bell\u0007 nul\u0000 turned\u202e half\ud83d \uffff')).toBe(
    'bell⟨U+0007⟩ nul⟨U+0000⟩ turned⟨U+202E⟩ half⟨U+D83D⟩ ⟨U+FFFF⟩',
  );
});

it('a text of letters, marks and emoji stays as it is', () => {
  for (const text of ['等待', 'a \\ b "c" <d>', '👩‍👩‍👧 family', 'שלום', 'é'])
    expect(readable(text)).toBe(text);
});

it('a sentence keeps its lines', () => {
  expect(readableLines('one\r\ntwo\nthree\u0007')).toEqual(['one', 'two', 'three⟨U+0007⟩']);
});

it('words from right to left are set apart from those beside them', () => {
  expect(isolated('GO [שלום] / מה שלומך → x')).toBe('GO [\u2068שלום\u2069] / \u2068מה שלומך\u2069 → x');
  expect(isolated('GO → x')).toBe('GO → x');
});

it('XML holds a text of any signs, and gives back those that it may hold', () => {
  const xml = (text: string) => parseXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`);
  const text = 'a "b" <c> & d\n\te\r 🚦 \\';
  expect(xml(text)).toMatchObject({ text, attributes: { b: text } });
  expect(xml('\u0000\u0007\ud83d\uffff').text).toBe('\ufffd'.repeat(4));
});
