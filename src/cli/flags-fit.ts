import type { Command } from 'commander';
import { UsageError } from './usage-error.ts';

export interface FlagKinds {
  /** Flags that only the chart of Raft has. */
  readonly raft: readonly string[];
  /** Flags that only other machines have. */
  readonly others: readonly string[];
}

/** Throws `UsageError` for a flag on the command line that does not go with `machine`; undefined: the chart of Raft. */
export const checkFlagsFit = (
  command: Command,
  machine: string | undefined,
  { raft, others }: FlagKinds,
): void => {
  const given = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  const unfit = machine === undefined ? others : raft;
  const wrong = given.find(({ long }) => unfit.includes(long ?? ''))?.long;
  if (wrong == null) return;
  throw new UsageError(
    machine === undefined
      ? `${wrong} is for machines of your own: name a file, as in raftchart ${command.name()} FILE ${wrong}`
      : `${wrong} is for the chart of Raft, not for ${machine}: leave it out`,
  );
};
