import type { Command } from 'commander';

/** Adds the flag of a command that keeps what it generates: `cache`, true unless it is given. */
export const withCacheFlag = (command: Command): Command =>
  command.option('--no-cache', 'generate again, and keep nothing for the next time (docs/paths.md)');
