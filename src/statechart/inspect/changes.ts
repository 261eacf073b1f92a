import { deepEqual } from 'fast-equals';

/** A part of a value that differs from the value before. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'changed';
  /** Keys and places in lists, from the outside; of what was removed, those that it had. */
  readonly path: readonly string[];
  /** What was there; of what was added undefined. */
  readonly before: unknown;
}

/** More than these nobody reads. */
const maxChanges = 500;
const maxDepth = 32;

/** What of a plain value is not as it was, as deep inside as can be told. Lists are compared without what both begin and end with. */
export const changesBetween = (before: unknown, after: unknown): readonly Change[] => {
  const found: Change[] = [];
  const compare = (old: unknown, now: unknown, path: readonly string[]): void => {
    if (found.length >= maxChanges || deepEqual(old, now)) return;
    if (path.length < maxDepth && Array.isArray(old) && Array.isArray(now)) compareLists(old, now, path);
    else if (path.length < maxDepth && isRecord(old) && isRecord(now)) compareRecords(old, now, path);
    else found.push({ kind: 'changed', path, before: old });
  };
  const compareRecords = (old: Fields, now: Fields, path: readonly string[]): void => {
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      const inside = [...path, key];
      if (!Object.hasOwn(now, key)) found.push({ kind: 'removed', path: inside, before: old[key] });
      else if (!Object.hasOwn(old, key)) found.push({ kind: 'added', path: inside, before: undefined });
      else compare(old[key], now[key], inside);
    }
  };
  const compareLists = (old: readonly unknown[], now: readonly unknown[], path: readonly string[]): void => {
    const shorter = Math.min(old.length, now.length);
    let start = 0;
    while (start < shorter && deepEqual(old[start], now[start])) start += 1;
    let end = 0;
    while (end < shorter - start && deepEqual(old.at(-1 - end), now.at(-1 - end))) end += 1;
    const [oldEnd, nowEnd] = [old.length - end, now.length - end];
    for (let at = start; at < Math.max(oldEnd, nowEnd); at += 1) {
      const inside = [...path, `${at}`];
      if (at >= nowEnd) found.push({ kind: 'removed', path: inside, before: old[at] });
      else if (at >= oldEnd) found.push({ kind: 'added', path: inside, before: undefined });
      else compare(old[at], now[at], inside);
    }
  };
  compare(before, after, []);
  return found.slice(0, maxChanges);
};

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
