import { Buffer, isUtf8 } from 'node:buffer';

/** What a value looks like on a terminal, which would obey some of its bytes: control characters but line ends and tabs, and what is no UTF-8, are written \\xNN. */
export const terminalText = (bytes: Uint8Array): string =>
  isUtf8(bytes)
    ? Buffer.from(bytes)
        .toString()
        .replace(controls, (character) => escaped(Buffer.from(character)))
    : Buffer.from(bytes)
        .toString('latin1')
        .replace(notPlain, (character) => escaped(Buffer.from(character, 'latin1')));

const escaped = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

/** Those of 8 bits and those that turn the direction of writing, too. */
const controls = /[^\P{Cc}\n\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const notPlain = /[^\n\t -~]/g;
