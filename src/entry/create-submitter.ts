import { nanoid } from 'nanoid';
import { systemClock } from '../adapters/system/clock.ts';
import { systemRandom } from '../adapters/system/random.ts';
import { Submitter, type SubmitterParts } from '../store/sessions/submitter.ts';

type Required = 'node' | 'results' | 'send';

/** What `createSubmitter` takes: three parts, and the rest of `SubmitterParts` where the defaults do not fit. */
export type SubmitterOptions<Result> = Pick<SubmitterParts<Result>, Required> &
  Partial<Omit<SubmitterParts<Result>, Required>>;

/** Makes a node take commands whether it leads or not, and have each applied once. docs/embedding.md */
export const createSubmitter = <Result>(options: SubmitterOptions<Result>): Submitter<Result> =>
  new Submitter({
    clock: systemClock,
    random: systemRandom,
    wallClock: Date.now,
    newName: nanoid,
    ...options,
  });
