import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { projectRoot } from './all-mutants.ts';
import { mutated, type SourceMutant } from './source-mutant.ts';

const mark = '?mutated';
/** One class of AssertionFailed for both copies. */
const shared = new URL('src/raft/assert.ts', projectRoot).href;
const copiedFolders = ['machines/raft/', 'src/raft/'].map((folder) => new URL(folder, projectRoot).href);

/**
 * The chart with the mutant in it, as a second copy of chart and rules beside the clean one: what checks it, the properties
 * included, stands on clean rules. Once in a thread.
 */
export const loadMutated = async (mutant: SourceMutant): Promise<typeof raftMachine> => {
  const broken = new URL(mutant.file, projectRoot);
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      const isCopied = copiedFolders.some((folder) => resolved.url.startsWith(folder));
      return isCopied && resolved.url !== shared && context.parentURL?.endsWith(mark)
        ? { ...resolved, url: resolved.url + mark }
        : resolved;
    },
    load: (url, context, next) => {
      if (url !== broken.href + mark) return next(url, context);
      const text = readFileSync(fileURLToPath(broken), 'utf8');
      return { format: 'module-typescript', source: mutated(text, mutant), shortCircuit: true };
    },
  });
  const chart = await import(new URL('machines/raft/raft.machine.ts', projectRoot).href + mark);
  return chart.raftMachine;
};
