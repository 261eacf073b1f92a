import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { pathToFileURL } from 'node:url';
import { version } from '../version.ts';

/**
 * Names what these modules do, by URL: a hash of their texts, of all that they import, and of the versions of
 * packages, of Node.js and of this package. Works on sources as on what was built from them. Null: one of these modules cannot be read.
 */
export const programHash = (
  modules: readonly string[],
  versions: readonly string[] = [process.version, version],
): string | null => {
  const texts = modulesOf(modules);
  if (texts === null) return null;
  // Without their places: the same texts in another folder are the same program.
  return createHash('sha256')
    .update(JSON.stringify([versions, [...texts.values()]]))
    .digest('hex');
};

/** The texts of these modules, of all that they import, and of what describes the packages among that, by URL; null: one of them cannot be read. */
export const modulesOf = (modules: readonly string[]): ReadonlyMap<string, string> | null => {
  const texts = new Map<string, string>();
  const open = [...modules];
  for (let url = open.pop(); url !== undefined; url = open.pop()) {
    if (texts.has(url)) continue;
    const text = textOf(url);
    if (text === null && modules.includes(url)) return null;
    texts.set(url, text ?? '');
    open.push(...importsOf(url, text ?? ''));
  }
  return texts;
};

/** Null: it is not there. A comment may name what no module imports. */
const textOf = (url: string): string | null => {
  try {
    return readFileSync(new URL(url), 'utf8');
  } catch {
    return null;
  }
};

/** Any text after `from` or `import`: one in a comment merely makes the hash depend on more than it must. */
const specifier = /\b(?:from|import)\s*\(?\s*(?:'([^'\n]+)'|"([^"\n]+)")/g;

const importsOf = (url: string, text: string): readonly string[] =>
  [...text.matchAll(specifier)].flatMap(([, single, double]) => {
    const name = single ?? double ?? '';
    if (name.startsWith('.')) return [new URL(name, url).href];
    const file = packageFile(name, url);
    return file === undefined ? [] : [pathToFileURL(file).href];
  });

/** Says which version of a package it is: which of its files are loaded depends on how it is run. Undefined: no package is known by this name. */
const packageFile = (name: string, importer: string): string | undefined => {
  try {
    return findPackageJSON(name, importer);
  } catch {
    return undefined;
  }
};
