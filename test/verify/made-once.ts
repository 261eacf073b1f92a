import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';

/**
 * What `make` returns, as JSON gives it back: made once for all test files, and for all runs until the code of the `makers` in
 * `kept-results.ts` changes. Only what follows from that code alone may be kept.
 */
export const madeOnce = <Value>(name: string, make: () => Value): Value =>
  keptIn(join(inject('keptDirectory'), name), make);

/** What is in `file`, or what `make` returns, which is there from then on. While another process makes it, this one waits. */
export const keptIn = <Value>(file: string, make: () => Value): Value => {
  const claim = `${file}.claim`;
  const known = readIfThere(file);
  if (known !== null) return JSON.parse(known) as Value;
  while (!claims(claim)) Atomics.wait(nobodyWakes, 0, 0, pollMs);
  try {
    // Whoever had the claim before has made it.
    const text = readIfThere(file);
    if (text !== null) return JSON.parse(text) as Value;
    const made = JSON.stringify(make());
    // A reader sees all of it or nothing.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, made);
    renameSync(draft, file);
    return JSON.parse(made) as Value;
  } finally {
    rmSync(claim, { force: true });
  }
};

const pollMs = 100;
/** The timeout of a test that may have to make something, or to wait for it: half a minute alone, many times that on a machine that does much else. */
export const makingMs = 600_000;
const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));

const readIfThere = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** Whether this process is the one to make it. One that was killed no longer is; should two believe so, both write the same. */
const claims = (claim: string): boolean => {
  // A run of other sources may have removed it.
  mkdirSync(dirname(claim), { recursive: true });
  try {
    writeFileSync(claim, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const maker = Number(readIfThere(claim));
  const sinceMs = statSync(claim, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  // It is empty for a moment.
  const isDead = maker > 0 && !isAlive(maker);
  // By then its maker was killed, and another process has its id.
  if (isDead || Date.now() - sinceMs > makingMs) rmSync(claim, { force: true });
  return false;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
