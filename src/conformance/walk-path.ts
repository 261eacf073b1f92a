import type { Path } from '../verify/paths/path.ts';
import { type Adapter, AdapterMalformed } from './adapter.ts';
import type { Difference } from './difference.ts';
import type { AdapterRequest, AdapterResponse, Capabilities } from './protocol.ts';
import { type PathResult, runPath, type StepResult } from './run-path.ts';

/** One request, and what came back: an answer, or the error that came instead. */
export interface Exchange {
  readonly request: AdapterRequest;
  readonly answer: AdapterResponse | Error;
}

/** A path that was walked once. */
export interface Walk {
  readonly result: PathResult;
  /** All that was asked, in order. */
  readonly exchanges: readonly Exchange[];
}

/** Walks one path with an adapter, and remembers what was said. */
export const walkPath = async (adapter: Adapter, path: Path, has: Capabilities): Promise<Walk> => {
  const exchanges: Exchange[] = [];
  const recorder: Adapter = {
    ask: async (request) => {
      try {
        const answer = await adapter.ask(request);
        exchanges.push({ request, answer });
        return answer;
      } catch (error) {
        exchanges.push({ request, answer: error as Error });
        throw error;
      }
    },
  };
  const result = await runPath(recorder, path, has);
  const last = exchanges.at(-1)?.answer;
  return { result: last instanceof AdapterMalformed ? withMalformed(result, last) : result, exchanges };
};

/** The same result, with a kind of its own for what `error` says. */
const withMalformed = (result: PathResult, { message }: AdapterMalformed): PathResult => {
  const difference = (each: Difference): Difference =>
    each.kind === 'broken' && each.text === message ? { ...each, kind: 'malformed' } : each;
  const step = (each: StepResult): StepResult =>
    each.status === 'failed' ? { ...each, differences: each.differences.map(difference) } : each;
  return {
    ...result,
    start: step(result.start),
    steps: result.steps.map((each) => ({ ...each, result: step(each.result) })),
    last: result.last && step(result.last),
  };
};
