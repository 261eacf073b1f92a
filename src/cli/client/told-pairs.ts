import { Buffer, isUtf8 } from 'node:buffer';
import { jsonLine } from './report.ts';
import { terminalText } from './terminal-text.ts';

/** A pair, or a part of it, as version 2 of the API tells of it. */
export interface ToldPair {
  readonly key?: string;
  readonly key_base64?: string;
  readonly value?: string;
  readonly create_revision?: number;
  readonly mod_revision?: number;
  readonly version?: number;
  readonly lease?: string;
}

/** As the client writes JSON: text where it is, base64 under another name where it is not. */
export const pairFields = (pair: ToldPair): object => {
  const { key, key_base64: keyBase64, value, create_revision, mod_revision, version, lease } = pair;
  const bytes = value === undefined ? null : Buffer.from(value, 'base64');
  return {
    ...(key === undefined ? { keyBase64 } : { key }),
    ...(bytes === null ? {} : isUtf8(bytes) ? { value: bytes.toString() } : { valueBase64: value }),
    ...(mod_revision === undefined
      ? {}
      : { createRevision: create_revision, modRevision: mod_revision, version }),
    ...(lease === undefined ? {} : { lease }),
  };
};

/** One line: the key, and its value behind a tab. What would end the line or the cell is escaped. */
export const pairLine = (pair: ToldPair): string =>
  pair.value === undefined ? keyCell(pair) : `${keyCell(pair)}\t${cell(Buffer.from(pair.value, 'base64'))}`;

export const pairText = (pair: ToldPair, asJson: boolean): string =>
  asJson ? jsonLine(pairFields(pair)) : `${pairLine(pair)}\n`;

const keyCell = ({ key, key_base64: encoded = '' }: ToldPair): string =>
  cell(key === undefined ? Buffer.from(encoded, 'base64') : Buffer.from(key));

const cell = (bytes: Uint8Array): string =>
  terminalText(bytes).replaceAll('\n', '\\x0a').replaceAll('\t', '\\x09');
