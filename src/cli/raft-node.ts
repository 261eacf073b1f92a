#!/usr/bin/env -S node --max-semi-space-size=8 --heap-growing-percent=50
import { nodeVersionProblem } from '../adapters/system/node-version.ts';

const problem = nodeVersionProblem(process.version);
if (problem === null) {
  // Only now: the modules behind this import may not even parse on an old Node.js.
  const { main } = await import('./node/main.ts');
  await main();
} else {
  process.stderr.write(`${problem}; in a clone, npx finds the right one\n`);
  process.exitCode = 1;
}
