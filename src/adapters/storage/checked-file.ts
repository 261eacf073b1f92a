import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { StorageRefused } from '../../ports/storage.ts';
import { committed, type Files } from './files.ts';

/*
 * The small files beside the segments: one line of JSON that ends with the CRC-32 of everything in it. A file is never
 * changed, only replaced, whole or not at all.
 */

/** The line of a file with these fields. */
export const checkedLine = (fields: object): string =>
  `${JSON.stringify({ ...fields, crc32: crc32(JSON.stringify(fields)) })}\n`;

/** What a file holds is not what was written there. */
export class Damaged extends StorageRefused {
  readonly path: string;
  readonly offset: number;
  readonly fault: string;

  constructor(path: string, offset: number, fault: string) {
    super('damaged', `${path}: damaged at offset ${offset}: ${fault}`);
    this.path = path;
    this.offset = offset;
    this.fault = fault;
  }
}

export const damaged = (path: string, offset: number, reason: string): Damaged =>
  new Damaged(path, offset, reason);

const maxBytes = 1024 * 1024;

/**
 * Reads the file `name`. `parse` turns its JSON into what it means, or says what is wrong with it. Rejects with `StorageRefused`
 * if there is no such file, or if `format` would not have written it byte for byte.
 */
export const readChecked = async <Content>(
  files: Files,
  directory: string,
  name: string,
  parse: (json: Partial<Record<string, unknown>>) => Content | string,
  format: (content: Content) => string,
): Promise<Content> => {
  const path = join(directory, name);
  if (!(await files.list(directory)).includes(name)) throw damaged(path, 0, 'it is missing');
  const text = await readText(files, path, maxBytes);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(path, 0, 'this is not JSON');
  }
  const content = parse((json ?? {}) as Partial<Record<string, unknown>>);
  if (typeof content === 'string') throw damaged(path, 0, content);
  if (format(content) !== text) throw damaged(path, 0, 'it does not match its checksum');
  return content;
};

/** The text of a file, or as much of it as `maxBytes` allow. */
export const readText = async (files: Files, path: string, maxBytes: number): Promise<string> => {
  const file = await files.open(path, 'read');
  try {
    const bytes = Buffer.alloc(Math.min(files.sizeBytes(file), maxBytes));
    files.readSync(file, bytes, 0);
    return bytes.toString('utf8');
  } finally {
    files.close(file);
  }
};

/** Replaces the file `name`, durably; after a failure it is as it was. */
export const replaceFile = async (
  files: Files,
  directory: string,
  name: string,
  line: string,
): Promise<void> => {
  const path = join(directory, name);
  const file = await files.open(`${path}.tmp`, 'create');
  try {
    await committed(files, file, Buffer.from(line), 0).finally(() => files.close(file));
    await files.rename(`${path}.tmp`, path);
  } catch (error) {
    // Or the next attempt could not create it.
    await files.remove(`${path}.tmp`).catch(() => {});
    throw error;
  }
  await files.syncDirectory(directory);
};

/** A small file that changes while the node runs: one replacement after another, each made from the one before. */
export class CheckedFile<Content> {
  readonly #replace: (content: Content) => Promise<void>;
  #content: Content;
  #last: Promise<void> = Promise.resolve();

  constructor(content: Content, replace: (content: Content) => Promise<void>) {
    this.#content = content;
    this.#replace = replace;
  }

  /** What the file says, durably. */
  get content(): Content {
    return this.#content;
  }

  /** Settles once the file says `change(content)`, durably, or has failed to; `change` may return the content itself to leave it alone. */
  change(change: (content: Content) => Content): Promise<void> {
    const changed = this.#last.then(async () => {
      const next = change(this.#content);
      if (next === this.#content) return;
      await this.#replace(next);
      this.#content = next;
    });
    this.#last = changed.catch(() => {});
    return changed;
  }
}
