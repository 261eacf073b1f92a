import type { MachinePaths } from '../../statechart/paths/machine-paths.ts';
import { notReachedLines } from '../../statechart/paths/paths-text.ts';

/** The same as a part of a text, with an empty line before it; empty if all is reached. */
export const notReachedPart = (found: MachinePaths): string => {
  const lines = notReachedWithRemedy(found);
  return lines.length === 0 ? '' : `\nNot reached, and why:\n${lines.map((line) => `  ${line}\n`).join('')}`;
};

/** What a search did not reach, and why: a line for each, and a last one that says where samples are given, if some are asked for. */
export const notReachedWithRemedy = (found: MachinePaths): readonly string[] => {
  const asksForSamples = found.notReached.some(({ kind }) => kind === 'threw' || kind === 'payload');
  return [
    ...notReachedLines(found),
    ...(asksForSamples
      ? ['samples of what events carry: --events MODULE, or a model (docs/model-testing.md#events)']
      : []),
  ];
};
