import { diffLines } from 'diff';
import { stateText, transitionText } from '../read/notation.ts';
import type { Change, ChartDiff, FieldChange, TransitionChange } from './diff.ts';
import { isEmptyDiff } from './diff.ts';
import { type Line, sourceLines, textSigns } from './source-text.ts';

/** For a terminal: `+` added, `-` removed, `~` changed. With `isColoured`, in colours as well. */
export const diffToText = (diff: ChartDiff, isColoured: boolean): string => {
  if (isEmptyDiff(diff)) return `${summary(diff)}\n`;
  const lines = linesOf(diff).map(({ depth, sign, text, isContext = false }) => {
    const mark = sign !== ' ' ? `${sign} ` : isContext ? '  ' : '';
    const line = `${'  '.repeat(depth)}${mark}${text}`;
    return isColoured && !isContext ? colour(line, sign) : line;
  });
  return `${[...lines, '', summary(diff)].join('\n')}\n`;
};

/** For a review comment: one sentence on what changed, then the same lines in a fenced diff block, which code hosts colour. */
export const diffToMarkdown = (diff: ChartDiff): string => {
  if (isEmptyDiff(diff)) return `${summary(diff)}\n`;
  const lines = linesOf(diff).map(({ depth, sign, text }) => {
    // A change shows the old and the new; the line that names it has no sign, so that the block does not colour it.
    const first = sign === '~' ? '!' : sign;
    return `${first} ${'  '.repeat(depth)}${text}`;
  });
  return `${[`**${diff.after.id}**: ${summary(diff)}`, '', '```diff', ...lines, '```'].join('\n')}\n`;
};

const linesOf = (diff: ChartDiff): readonly Line[] => {
  const { before, after } = diff;
  const lines: Line[] = [];
  const section = (title: string, own: readonly Line[]) => {
    if (own.length > 0) lines.push({ depth: 0, sign: ' ', text: title }, ...own);
  };
  section('Chart', fieldLines(diff.fields));
  section(
    'States',
    diff.states.flatMap(({ change, id, fields }) => [
      { depth: 1, sign: textSigns[change], text: stateText(change === 'removed' ? before : after, id) },
      ...fieldLines(fields),
    ]),
  );
  section(
    'Transitions',
    diff.transitions.flatMap((each) => [
      { depth: 1, sign: textSigns[each.change], text: nameOf(diff, each) },
      ...(each.change === 'changed' ? fieldLines(each.fields) : []),
    ]),
  );
  section(
    'Names',
    diff.names.flatMap(({ change, what, name, fields }) => [
      { depth: 1, sign: textSigns[change], text: `${what} ${name}` },
      ...fieldLines(fields),
    ]),
  );
  section(
    'Definitions',
    diff.sources.flatMap((source) => sourceLines(source, source.change === 'removed' ? before : after)),
  );
  for (const { name, diff: inner } of diff.children) {
    lines.push({ depth: 0, sign: ' ', text: `In the machine ${name}` });
    lines.push(...linesOf(inner).map((line) => ({ ...line, depth: line.depth + 1 })));
  }
  return lines;
};

const nameOf = (diff: ChartDiff, { before, after }: TransitionChange): string => {
  const [chart, transition] = after === null ? [diff.before, before!] : [diff.after, after];
  return `${stateText(chart, transition.source)}: ${transitionText(chart, transition)}`;
};

const fieldLines = (fields: readonly FieldChange[]): readonly Line[] =>
  fields.flatMap(({ field, before, after }): readonly Line[] =>
    before?.includes('\n') && after?.includes('\n')
      ? [{ depth: 2, sign: ' ', text: `${field}:` }, ...changedLines(before, after)]
      : [...valueLines(field, '-', before), ...valueLines(field, '+', after)],
  );

const changedLines = (before: string, after: string): readonly Line[] =>
  diffLines(`${before}\n`, `${after}\n`).flatMap(({ added, removed, value }) =>
    added || removed
      ? value
          .trimEnd()
          .split('\n')
          .map((text): Line => ({ depth: 2, sign: added ? '+' : '-', text }))
      : [],
  );

const valueLines = (field: string, sign: '+' | '-', value: string | null): readonly Line[] =>
  value === null ? [] : `${field}: ${value}`.split('\n').map((text): Line => ({ depth: 2, sign, text }));

/** One sentence, such as `1 state added, 2 transitions changed.` */
export const summary = (diff: ChartDiff): string => {
  if (isEmptyDiff(diff)) return 'No difference.';
  const { fields, states, transitions, names, children, sources } = diff;
  const count = (what: string, changes: readonly { readonly change: Change }[]) =>
    (['added', 'removed', 'changed'] as const).flatMap((change) => {
      const number = changes.filter((each) => each.change === change).length;
      return number === 0 ? [] : [`${number} ${what}${number === 1 ? '' : 's'} ${change}`];
    });
  const of = (what: string) => names.filter((each) => each.what === what);
  return `${[
    ...count('state', states),
    ...count('transition', transitions),
    ...['event', 'guard', 'action', 'delay', 'actor'].flatMap((what) => count(what, of(what))),
    ...count(
      'inner machine',
      children.map(() => ({ change: 'changed' as const })),
    ),
    ...fields.map(({ field }) => `${field} changed`),
    ...count('definition', sources),
  ].join(', ')}.`;
};

const colour = (line: string, sign: Line['sign']): string => {
  const code = { '+': 32, '-': 31, '~': 33, ' ': 1 }[sign];
  return `\u001B[${code}m${line}\u001B[0m`;
};
