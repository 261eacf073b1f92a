import type { MachinePaths } from './machine-paths.ts';
import { eventWords } from './machine-walk.ts';

/** One path a line, as JSON; before them what they were made for. What JSON has no words for in an event's payload is written as far as it has. */
export const pathsToLines = ({ cover, kind, paths, states, limit }: MachinePaths, machine: string): string =>
  [{ format: 'raftchart-model-paths', version: 1, machine, cover, kind, states, limit }, ...paths]
    .map((each) => `${JSON.stringify(each, plain())}\n`)
    .join('');

/** A replacer, for one value. */
const plain = () => {
  const around: { readonly value: unknown; readonly written: unknown }[] = [];
  return function (this: unknown, _: string, value: unknown): unknown {
    while (around.length > 0 && around.at(-1)!.written !== this) around.pop();
    if (around.some((each) => each.value === value)) return '<cycle>';
    const written = plainValue(value);
    if (typeof written === 'object') around.push({ value, written });
    return written;
  };
};

const plainValue = (value: unknown): unknown => {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Error) return { name: value.name, message: value.message };
  return value instanceof Map || value instanceof Set ? [...value] : value;
};

/** The same to read, with what is not reached and why. */
export const pathsToMarkdown = (found: MachinePaths, machine: string): string => {
  const { cover, kind, paths, notReached } = found;
  return [
    `# Paths through ${machine}`,
    '',
    `${paths.length} ${kind} ${paths.length === 1 ? 'path' : 'paths'} for ${cover}; ${extentOf(found)}.`,
    ...paths.flatMap(({ id, title, state, steps }) => [
      '',
      `## ${title} [${id}]`,
      '',
      `Starts in \`${state}\`.`,
      '',
      ...steps.map(
        ({ event, waitMs, state: next, transitions }, at) =>
          `${at + 1}. ${waitMs > 0 ? `after ${waitMs} ms, ` : ''}**${eventWords(event)}** → \`${next}\`${transitions.length === 0 ? '' : ` (${transitions.map((id) => `\`${id}\``).join(', ')})`}`,
      ),
    ]),
    ...(notReached.length === 0
      ? []
      : ['', '## Not reached', '', ...notReachedLines(found).map((line) => `- ${line}`)]),
    '',
  ].join('\n');
};

/** What is not reached, and why: a line for each. */
export const notReachedLines = ({ notReached, problems }: MachinePaths): readonly string[] => [
  ...notReached.map(({ id, reason }) => `${id.replaceAll('\n', '\\n')}: ${reason.replaceAll('\n', '\\n')}`),
  ...problems.map((line) => line.replaceAll('\n', '\\n')),
];

/** How far the search came. */
export const extentOf = ({ states, limit }: Pick<MachinePaths, 'states' | 'limit'>): string =>
  limit === null
    ? `states visited: ${states}, which are all`
    : `states visited: ${states}, which are not all: ${limit}`;
