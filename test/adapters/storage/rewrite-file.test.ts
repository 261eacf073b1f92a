import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { replacementOf, rewriteFile } from '../../../src/adapters/storage/rewrite-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-replace-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const holds = (text: string) => (descriptor: number) => writeFileSync(descriptor, text);

it('a file is replaced as a whole, behind a link too, and keeps who may read it', () => {
  const [file, link] = [join(folder, 'file'), join(folder, 'link')];
  rewriteFile(file, holds('first'));
  // More than most processes give to new files.
  chmodSync(file, 0o660);
  symlinkSync(file, link);
  rewriteFile(link, holds('second'));
  expect(readFileSync(file, 'utf8')).toBe('second');
  expect(statSync(file).mode & 0o777).toBe(0o660);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readdirSync(folder)).toEqual(['file', 'link']);
});

it('a file that few may read is for them alone, whoever could read what it replaces', () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'first', { mode: 0o644 });
  rewriteFile(file, holds('second'), 0o600);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('a file stays as it was when its successor cannot be written, and nothing else is left', () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'first');
  const fails = (descriptor: number) => {
    writeFileSync(descriptor, 'sec');
    throw new Error('the disk is full');
  };
  expect(() => rewriteFile(file, fails)).toThrow('the disk is full');
  expect(readFileSync(file, 'utf8')).toBe('first');
  expect(readdirSync(folder)).toEqual(['file']);
});

it('a file is not written through a link that somebody has put where its successor is written', () => {
  const [file, other] = [join(folder, 'file'), join(folder, 'other')];
  writeFileSync(other, 'untouched');
  symlinkSync(other, replacementOf(file).temporary);
  rewriteFile(file, holds('text'));
  expect([readFileSync(file, 'utf8'), readFileSync(other, 'utf8')]).toEqual(['text', 'untouched']);
});
