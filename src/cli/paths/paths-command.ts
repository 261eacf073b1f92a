import { Command, Option } from 'commander';
import { type ClusterSize, clusterSizes, generatePaths } from '../../model/paths/generate-paths.ts';
import type { PathSet } from '../../model/paths/path.ts';
import { toLines } from '../../model/paths/path-file.ts';
import { toMarkdown } from '../../model/paths/path-markdown.ts';
import { toVitest } from '../../model/paths/path-vitest.ts';
import { emit } from '../diagram/diagram-command.ts';

interface Flags {
  readonly format: keyof typeof formats;
  readonly cover: PathSet['cover'];
  readonly nodes?: `${ClusterSize}`;
  readonly output?: string;
}

const formats = {
  ndjson: toLines,
  vitest: toVitest,
  markdown: toMarkdown,
} as const satisfies Record<string, (set: PathSet) => string>;

/** `raftchart paths`: the tests of one node that are generated from the chart. */
export const pathsCommand = (): Command =>
  new Command('paths')
    .description('Writes tests of one Raft node, generated from the chart.')
    .addOption(new Option('--format <format>').choices(Object.keys(formats)).default('ndjson'))
    .addOption(
      new Option('--cover <what>', 'every transition, or also pairs of consecutive ones')
        .choices(['transitions', 'pairs'])
        .default('transitions'),
    )
    .addOption(new Option('--nodes <n>', 'only clusters of this size').choices(clusterSizes.map(String)))
    .option('-o, --output <file>', 'where to write; otherwise to the standard output')
    .action(({ format, cover, nodes, output }: Flags) => {
      const set = generatePaths({
        cover,
        ...(nodes === undefined ? {} : { voters: Number(nodes) as ClusterSize }),
      });
      emit(formats[format](set), output);
    });
