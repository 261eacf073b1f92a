import type { Assessment, Row, Share } from './assessment.ts';
import type { Exclusion } from './exclusions.ts';

export interface TextOptions {
  /** Lists every exclusion with its reason, and every pair that was never walked. */
  readonly verbose: boolean;
}

/** The table of an assessment, and below it by name what was never walked. Lines without their breaks. */
export const coverageLines = (assessment: Assessment, { verbose }: TextOptions): readonly string[] => {
  const { unwalked, exclusions, problems } = assessment;
  return [
    ...tableLines(assessment.rows),
    '',
    'walked / reachable (excluded: cannot be walked; each is proved)',
    ...section('Transitions never walked', unwalked.transitions),
    ...section('Answers of a guard never seen', unwalked.guards),
    ...(verbose
      ? section('Pairs never walked', unwalked.pairs)
      : unwalked.pairs.length === 0
        ? []
        : ['', `Pairs never walked: ${unwalked.pairs.length}; --verbose lists them`]),
    ...section('Problems', problems),
    '',
    ...excludedLines('transitions', exclusions.transitions, verbose),
    ...excludedLines('guards', exclusions.guards, verbose),
    ...excludedLines('pairs', exclusions.pairs, verbose),
  ];
};

const columns = ['transitions', 'guards', 'pairs'] as const;

const tableLines = (rows: readonly Row[]): readonly string[] => {
  const cells = [
    ['', 'transitions', 'answers of guards', 'pairs'],
    ...rows.map((row) => [row.name, ...columns.map((column) => shareText(row[column]))]),
  ];
  const widths = cells[0]!.map((_, at) => Math.max(...cells.map((line) => line[at]!.length)));
  const lines = cells.map((line) =>
    line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('   '),
  );
  const rule = '─'.repeat(Math.max(...lines.map(({ length }) => length)));
  return [lines[0]!.trimEnd(), rule, ...lines.slice(1, -1), rule, lines.at(-1)!];
};

const shareText = ({ walked, reachable, excluded }: Share): string => {
  const percent = reachable === 0 ? '' : ` ${percentOf(walked, reachable)}`;
  return `${walked}/${reachable}${percent} (${excluded})`;
};

/** Rounded down, so that 100 % means everything. */
export const percentOf = (walked: number, reachable: number): string =>
  `${Math.floor((1000 * walked) / reachable) / 10} %`;

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `${title}: ${lines.length}`, ...lines.map((line) => `  ${line}`)];

const excludedLines = (
  what: string,
  exclusions: readonly Exclusion[],
  verbose: boolean,
): readonly string[] => {
  const kinds = new Map<string, Exclusion[]>();
  for (const exclusion of exclusions) {
    kinds.set(exclusion.kind, [...(kinds.get(exclusion.kind) ?? []), exclusion]);
  }
  const summary = [...kinds].map(([kind, { length }]) => `${kind} ${length}`).join(', ');
  const lines = [...kinds].flatMap(([kind, all]) =>
    all.map(({ id, reason }) => `  ${kind}  ${id}: ${reason}`),
  );
  return [`Excluded ${what}: ${summary || 'none'}`, ...(verbose ? lines : [])];
};

/** The whole assessment as JSON. */
export const coverageJson = ({ rows, unwalked, exclusions, problems, shades }: Assessment): string => {
  const transitions = Object.fromEntries(shades);
  return `${JSON.stringify({ rows, unwalked, exclusions, problems, transitions }, null, 2)}\n`;
};
