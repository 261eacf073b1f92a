import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { rewriteFile } from '../../adapters/storage/rewrite-file.ts';
import { StoryUnusable } from '../../simulate/scenario/story-unusable.ts';

const mostBytes = 1024 * 1024;

/** The text of a story. Throws `StoryUnusable` with one line for whatever is no such file. */
export const readStoryFile = (file: string): string => {
  const stat = attempt(file, 'read', () => statSync(file));
  if (stat.isDirectory()) throw new StoryUnusable(`${file}: is a directory: name the file of a story in it`);
  if (!stat.isFile()) throw new StoryUnusable(`${file}: is not a regular file: save the story in one`);
  if (stat.size > mostBytes) {
    throw new StoryUnusable(
      `${file}: has ${stat.size} bytes, and at most ${mostBytes} can be read: is it the right file?`,
    );
  }
  const bytes = attempt(file, 'read', () => readFileSync(file));
  try {
    if (bytes.includes(0)) throw new TypeError('NUL');
    // A byte order mark stays: only the transcripts of a file are written anew.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new StoryUnusable(`${file}: is not text in UTF-8: save it as such`);
  }
};

/** Puts `text` in the place of what the file holds: all of it, or nothing. */
export const writeStoryFile = (file: string, text: string): void =>
  attempt(file, 'write', () => rewriteFile(file, (descriptor) => writeFileSync(descriptor, text)));

const attempt = <Value>(file: string, what: 'read' | 'write', act: () => Value): Value => {
  try {
    return act();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new StoryUnusable(`${file}: there is no such file: check its name`);
    throw new StoryUnusable(`${file}: cannot ${what} it: ${message}`);
  }
};
