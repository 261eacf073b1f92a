import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { Path } from '../../../src/verify/paths/path.ts';
import { foundByExplorer, foundByPaths } from './checkers.ts';
import { loadMutated } from './load-mutated.ts';
import type { CheckRequest } from './verdict.ts';

/** Loads one mutant, lets one checker look at it, and answers with what gave it away, or null. */
const { mutant, checker, pathsFile } = workerData as CheckRequest;

const check = (machine: typeof raftMachine): string | null =>
  checker === 'paths'
    ? foundByPaths(JSON.parse(readFileSync(pathsFile, 'utf8')) as readonly Path[], machine)
    : foundByExplorer(machine);

parentPort!.postMessage(check(await loadMutated(mutant)));
