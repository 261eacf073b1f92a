import { InvalidArgumentError, Option } from 'commander';
import type { View } from '../../statechart/draw/view.ts';

const kinds = ['outline', 'overview', 'full', 'gate'] as const;

/** `--view` of all commands that draw a chart. `others`: what it may be besides a view. */
export const viewOption = <Other extends string = never>(
  description: string,
  others: readonly Other[] = [],
): Option => {
  const parse = (text: string): View | Other => {
    const other = others.find((each) => each === text);
    if (other !== undefined) return other;
    const kind = kinds.find((each) => each === text);
    if (kind !== undefined) return { kind };
    const name = /^role=(.+)$/.exec(text)?.[1];
    if (name !== undefined) return { kind: 'state', name };
    throw new InvalidArgumentError(`expected ${[...others, ...kinds].join(', ')} or role=<name>.`);
  };
  // The choices are for shells to complete; role=<name> is none of them.
  return new Option('--view <view>', description)
    .choices([...others, ...kinds])
    .argParser(parse)
    .default({ kind: 'overview' } satisfies View, 'overview');
};
