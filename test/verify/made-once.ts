import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../../src/cli/kept/cache-directory.ts';

/** What `make` returns, which keeps it where the next finds it: one process makes it, while the others wait. */
export const madeOnce = <Value>(name: string, make: () => Value): Value =>
  alone(join(cacheDirectory() ?? tmpdir(), `${name}.claim`), make);

/** What `act` returns. Of all processes that give the same `claim`, a file, one acts at a time. */
export const alone = <Value>(claim: string, act: () => Value): Value => {
  while (!claims(claim)) Atomics.wait(nobodyWakes, 0, 0, pollMs);
  try {
    return act();
  } finally {
    rmSync(claim, { force: true });
  }
};

const pollMs = 100;
/** The timeout of a test that may have to make something, or to wait for it: half a minute alone, many times that on a machine that does much else. */
export const makingMs = 600_000;
const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));

/** Whether this process is the one to act. One that was killed no longer is; should two believe so, both do the same. */
const claims = (claim: string): boolean => {
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

const readIfThere = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
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
