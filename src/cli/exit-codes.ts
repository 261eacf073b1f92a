/** The exit codes of `raft-node` and `raft-client`. docs/cluster.md and `--help` show this table. */
export const exitCodes = {
  success: 0,
  failure: 1,
  timeout: 2,
  notLeader: 3,
  inconsistency: 4,
  internalError: 70,
} as const;

/** What each code means, in one line. */
const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  success: 'success',
  failure:
    'bad usage, key not found, cas failed, transfer or change of members refused, port in use, data directory locked, a backup that is there already or cannot be made, output that cannot be written',
  timeout: 'the request timed out; the message says whether a write may have happened',
  notLeader: 'the node given by --target is not the leader',
  inconsistency:
    'a proposal was overwritten; a data directory is damaged, of another format, or belongs to another node or cluster; --peers names others than it does; the cluster does not let the node join; another process runs as this node',
  internalError: 'an error of the program itself',
};

/** The table for `--help`. */
export const exitCodeHelp = (): string => {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  return ['Exit codes:', ...names.map((name) => `  ${exitCodes[name]}  ${exitCodeMeanings[name]}`)].join(
    '\n',
  );
};
