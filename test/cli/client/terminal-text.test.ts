import { expect, it } from 'vitest';
import { terminalText } from '../../../src/cli/client/terminal-text.ts';

it.each([
  ['plain text', 'a é 日本 😀\n\tb', 'a é 日本 😀\n\tb'],
  ['control characters', 'a\u001b[31mb\u0000\r\u007f', 'a\\x1b[31mb\\x00\\x0d\\x7f'],
  ['control characters of 8 bits', '\u009b31m', '\\xc2\\x9b31m'],
  ['characters that turn the direction of writing', 'a\u202eb', 'a\\xe2\\x80\\xaeb'],
])('%s on a terminal', (_what, text, shown) => {
  expect(terminalText(Buffer.from(text))).toBe(shown);
});

it('what is no UTF-8 is escaped byte by byte', () => {
  expect(terminalText(Uint8Array.of(0x61, 0xff, 0xc3, 0x0a, 0x62))).toBe('a\\xff\\xc3\nb');
});
