import { Command, Option } from 'commander';
import { toVitest } from '../../conformance/path-vitest.ts';
import { coverGoals } from '../../statechart/paths/model-path.ts';
import { type ClusterSize, clusterSizes } from '../../verify/paths/generate-paths.ts';
import { toLines } from '../../verify/paths/path-file.ts';
import { toMarkdown } from '../../verify/paths/path-markdown.ts';
import { emit } from '../emit.ts';
import { checkFlagsFit, type FlagKinds } from '../flags-fit.ts';
import { withCacheFlag } from '../kept/cache-flag.ts';
import { roleChart } from '../machine/known-charts.ts';
import { withMachineFlags } from '../machine/machine-flags.ts';
import { type PathsOfFileFlags, pathsOfFile } from '../model-test/paths-of-file.ts';
import { parseCount, withSearchFlags } from '../model-test/search-flags.ts';
import { parsedBy } from '../parsed-by.ts';
import { UsageError } from '../usage-error.ts';
import { type CapabilityName, capabilitiesOf, parseCapabilities } from './capability-list.ts';
import { generatedVisibly } from './generated.ts';

interface Flags extends PathsOfFileFlags {
  readonly nodes?: `${ClusterSize}`;
  readonly without: readonly CapabilityName[];
  readonly with: readonly CapabilityName[];
  readonly cache: boolean;
}

/** `raftchart paths`: the tests of one node that are generated from the chart, or paths through any other machine. */
export const pathsCommand = (): Command =>
  withCacheFlag(withMachineFlags(withSearchFlags(new Command('paths'))))
    .description(
      'Writes tests of one Raft node, generated from the chart; or paths through a machine of your own.',
    )
    .argument(
      '[machine]',
      'FILE or FILE#NAME: a module that exports an XState 5 machine; or log-writer, peer-link or client-session; without it, the chart of Raft',
    )
    .addOption(
      new Option('--format <format>', 'node and jest are for machines of your own')
        .choices(['ndjson', 'vitest', 'markdown', 'node', 'jest'])
        .default('ndjson'),
    )
    .addOption(
      new Option(
        '--cover <what>',
        'transitions or pairs of consecutive ones; of your own machines also states or guards',
      )
        .choices(coverGoals)
        .default('transitions'),
    )
    .addOption(
      new Option('--kind <kind>', 'the shortest ways, or all that visit no state twice')
        .choices(['shortest', 'simple'])
        .default('shortest'),
    )
    .addOption(new Option('--max-paths <n>', 'at most so many simple paths').argParser(parsedBy(parseCount)))
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
    .action(async (file: string | undefined, flags: Flags, command: Command) => {
      const machine = file === roleChart ? undefined : file;
      checkFlagsFit(command, machine, flagKinds);
      if (machine === undefined) emit(textOf(flags), flags.output);
      else await pathsOfFile(machine, flags);
    });

const flagKinds: FlagKinds = {
  raft: ['--nodes', '--without', '--with', '--no-cache'],
  others: ['--kind', '--events', '--model', '--max-states', '--max-depth', '--max-paths', '--export'],
};

const textOf = ({ format, cover, nodes, without, with: also, cache }: Flags): string => {
  if (cover === 'states' || cover === 'guards')
    throw new UsageError(
      `--cover ${cover} is for machines of your own; of the chart of Raft choose transitions or pairs`,
    );
  if (format === 'node' || format === 'jest')
    throw new UsageError(
      `--format ${format} is for machines of your own; of the chart of Raft choose ndjson, vitest or markdown`,
    );
  const has = capabilitiesOf(also, without);
  const voters = nodes === undefined ? {} : { voters: Number(nodes) as ClusterSize };
  const set = generatedVisibly(has, { cover, ...voters }, { isKept: cache });
  switch (format) {
    case 'ndjson':
      return toLines(set);
    case 'markdown':
      return toMarkdown(set);
    case 'vitest':
      return toVitest(set, has);
  }
};
