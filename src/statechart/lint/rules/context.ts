import type { Written } from '../../read/written.ts';
import type { Rule } from '../finding.ts';
import { strangersIn } from '../strangers.ts';

export const nonSerializableContext: Rule = {
  name: 'non-serializable-context',
  severity: 'warning',
  description:
    'A context that cannot be written as JSON and read back, so that a persisted snapshot loses it.',
  check: ({ chart }) => {
    const { context } = chart;
    if (context === null) return [];
    return [...new Map(strangersOf(context).map((each) => [`${each.path} ${each.what}`, each])).values()].map(
      ({ path, what, outcome }) => ({
        state: chart.root.id,
        message: `The context holds ${what}${path === '' ? '' : ` at ${path}`}, which JSON ${outcome}: a persisted snapshot does not come back as it was. Hold plain data, such as an array or a string, and convert it where it is used.`,
      }),
    );
  },
};

interface Stranger {
  readonly path: string;
  readonly what: string;
  /** After "JSON". */
  readonly outcome: string;
}

const strangersOf = (context: Written): readonly Stranger[] =>
  context.kind === 'value' ? strangersIn(context.text) : madeBy(context.text);

const made: readonly (readonly [pattern: RegExp, what: string, outcome: string])[] = [
  [/\bnew Map\b/, 'a Map', 'turns into an empty object'],
  [/\bnew Set\b/, 'a Set', 'turns into an empty object'],
  [/\bnew Date\([^()]*\)(?!\s*\.)/, 'a Date', 'turns into a string'],
  [/(?<![\w$.])\d+n\b|\bBigInt\(/, 'a BigInt', 'refuses'],
];

/** What a function that makes the context surely puts into it: a value that is written behind a key. */
const madeBy = (source: string): readonly Stranger[] =>
  made.flatMap(([pattern, what, outcome]) => {
    const found = new RegExp(
      `([\\w$]+)\\s*:\\s*(?:${pattern.source})(?!\\s*\\.)(?:\\([^()]*\\)(?!\\s*\\.))?\\s*[,}]`,
    ).exec(source);
    return found === null ? [] : [{ path: found[1]!, what, outcome }];
  });
