import { execFileSync } from 'node:child_process';
import { version } from '../version.ts';

/** The commit of this clone, with `+` if it has changes; the version where there is no repository. */
export const commitOf = (directory: string): string => {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', directory, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short=12', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return `v${version}`;
  }
};
