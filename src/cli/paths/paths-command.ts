import { Command, Option } from 'commander';
import { toVitest } from '../../conformance/path-vitest.ts';
import { type ClusterSize, clusterSizes } from '../../verify/paths/generate-paths.ts';
import type { PathSet } from '../../verify/paths/path.ts';
import { toLines } from '../../verify/paths/path-file.ts';
import { toMarkdown } from '../../verify/paths/path-markdown.ts';
import { emit } from '../diagram/diagram-command.ts';
import { type CapabilityName, capabilitiesOf, parseCapabilities } from './capability-list.ts';
import { generatedVisibly } from './generated.ts';

interface Flags {
  readonly format: 'ndjson' | 'vitest' | 'markdown';
  readonly cover: PathSet['cover'];
  readonly nodes?: `${ClusterSize}`;
  readonly without: readonly CapabilityName[];
  readonly with: readonly CapabilityName[];
  readonly output?: string;
}

/** `raftchart paths`: the tests of one node that are generated from the chart. */
export const pathsCommand = (): Command =>
  new Command('paths')
    .description('Writes tests of one Raft node, generated from the chart.')
    .addOption(new Option('--format <format>').choices(['ndjson', 'vitest', 'markdown']).default('ndjson'))
    .addOption(
      new Option('--cover <what>', 'every transition, or also pairs of consecutive ones')
        .choices(['transitions', 'pairs'])
        .default('transitions'),
    )
    .addOption(new Option('--nodes <n>', 'only clusters of this size').choices(clusterSizes.map(String)))
    .option(
      '--without <capabilities>',
      'what the node lacks, such as hints,preVote; what needs it goes as well',
      parseCapabilities,
      [],
    )
    .option(
      '--with <capabilities>',
      'what the node has in addition, such as separateHeartbeats',
      parseCapabilities,
      [],
    )
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .action((flags: Flags) => {
      emit(textOf(flags), flags.output);
    });

const textOf = ({ format, cover, nodes, without, with: also }: Flags): string => {
  const has = capabilitiesOf(also, without);
  const set = generatedVisibly(has, {
    cover,
    ...(nodes === undefined ? {} : { voters: Number(nodes) as ClusterSize }),
  });
  switch (format) {
    case 'ndjson':
      return toLines(set);
    case 'markdown':
      return toMarkdown(set);
    case 'vitest':
      return toVitest(set, has);
  }
};
