import { nodeVersionProblem } from './node-version.ts';

/** What there is of `process`; a browser has none. */
const { process } = globalThis as { readonly process?: { readonly version?: string } };

// Each entry of the package imports this first: an old Node.js is named in one line before anything else fails for lack of it.
const problem = process?.version === undefined ? null : nodeVersionProblem(process.version);
if (problem !== null) throw new Error(`raftchart: ${problem}`);
