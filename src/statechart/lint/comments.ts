import type { Comment } from './suppression.ts';

const pattern =
  /(?:\/\/|\/\*)\s*raftchart-lint-disable(?<next>-next-line)?\s+(?<names>[\w-]+(?:\s*,\s*[\w-]+)*)\s*(?:--\s*(?<reason>.*?))?\s*(?:\*\/|$)/;

/** The comments in a module that tell rules to be quiet: `// raftchart-lint-disable-next-line rule, rule -- reason`. */
export const commentsIn = (source: string, path: string): readonly Comment[] =>
  source.split('\n').flatMap((text, at) => {
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) return [];
    const line = at + 1;
    return groups.names!.split(/\s*,\s*/).map(
      (rule): Comment => ({
        rule,
        reason: groups.reason ?? '',
        place: { path, line },
        line: groups.next === undefined ? null : line + 1,
      }),
    );
  });
