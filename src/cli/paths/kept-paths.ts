import { extname } from 'node:path';
import { type Generated, type GenerateOptions, generatePaths } from '../../verify/paths/generate-paths.ts';
import type { Goal } from '../../verify/paths/goals.ts';
import { type Keeping, kept } from '../kept/kept.ts';
import type { OnSearch } from './search-progress.ts';

/** What names the generated paths of this package's own chart. */
export type PathOptions = Omit<GenerateOptions, 'machine' | 'onSearch'>;

export interface PathKeeping extends Keeping {
  /** Called only if they have to be generated. */
  readonly onSearch?: OnSearch;
}

/** What `generatePaths` returns for this package's own chart: generated once for all processes of a user, until the program changes. */
export const keptPaths = (
  options: PathOptions,
  { onSearch = () => {}, ...keeping }: PathKeeping,
): Generated => {
  const { cover, voters = null, lacks = [], hints = true, settings = {} } = options;
  return kept(
    {
      name: 'paths',
      // In one order, however they were said.
      options: [cover, voters, lacks, hints, Object.entries(settings).sort()],
      modules,
      make: () => generatePaths({ ...options, onSearch }),
      write: ({ goals, ...set }) => JSON.stringify({ set, goals: [...goals] } satisfies Written),
      read: (text) => {
        const { set, goals } = JSON.parse(text) as Written;
        return { ...set, goals: new Map(goals) };
      },
    },
    keeping,
  );
};

interface Written {
  readonly set: Omit<Generated, 'goals'>;
  readonly goals: readonly (readonly [id: string, goals: readonly Goal[]])[];
}

/** What generates them, and how they are written down. These files are .ts in a clone and .js where they are installed. */
const modules: readonly string[] = [
  import.meta.url,
  new URL(`../../verify/paths/generate-paths${extname(import.meta.filename)}`, import.meta.url).href,
];
