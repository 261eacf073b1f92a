import type { Path } from '../verify/paths/path.ts';
import type { Adapter } from './adapter.ts';
import type { Share } from './finding.ts';
import type { Capabilities } from './protocol.ts';
import { failuresOf, statusOfPath } from './report.ts';
import { type PathResult, runPath } from './run-path.ts';

/** A path, walked as often as was asked for. */
export interface WalkedPath {
  readonly path: Path;
  readonly walks: readonly PathResult[];
}

/** Walks a path `times` times, or until there is no sense in it. */
export const walkRepeatedly = async (
  adapter: Adapter,
  path: Path,
  has: Capabilities,
  times: number,
  isOver: () => boolean,
): Promise<WalkedPath> => {
  const walks: PathResult[] = [];
  do walks.push(await runPath(adapter, path, has));
  while (walks.length < times && !isOver());
  return { path, walks };
};

/** It fails if any of its walks does. */
export const statusOfWalks = ({ walks }: WalkedPath): ReturnType<typeof statusOfPath> => {
  const statuses = walks.map(statusOfPath);
  return statuses.includes('failed') ? 'failed' : statuses[0]!;
};

/** What there is to say of a path: if any of its walks fails, those that do. */
export const resultsOf = ({ walks }: WalkedPath): readonly PathResult[] => {
  const failing = walks.filter((walk) => statusOfPath(walk) === 'failed');
  if (failing.length === 0) return [walks[0]!];
  // Those that fail alike say the same.
  const alike = Map.groupBy(failing, (walk) =>
    failuresOf(walk)
      .map(({ signature, at }) => `${at} ${signature}`)
      .join('\n'),
  );
  return [...alike.values()].map(([walk]) => walk!);
};

/** In how many of its walks a path fails, or fails in this way. */
export const shareOf = ({ walks }: WalkedPath, signature?: string): Share => ({
  failed: walks.filter((walk) =>
    failuresOf(walk).some((failure) => signature === undefined || failure.signature === signature),
  ).length,
  of: walks.length,
});

/** It fails at some times and not at others. */
export const isFlaky = ({ failed, of }: Share): boolean => failed > 0 && failed < of;
