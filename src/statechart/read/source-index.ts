/** A file by its path in the repository, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Where a name is defined. */
export interface SourcePlace {
  readonly path: string;
  /** From 1 on. */
  readonly line: number;
  /** The definition's own lines. */
  readonly body: string;
}

export interface SourceIndex {
  /** The rule behind the name of a guard, an action or a delay: an exported constant or function, otherwise where the name is bound. */
  rule(name: string): SourcePlace | null;
  /** Where the chart's name is bound to what it does. */
  binding(name: string): SourcePlace | null;
}

/** Finds definitions by their form, not by parsing: `export const x =`, or `x: …` in an object. `files` in order of preference. */
export const indexSources = (files: readonly SourceFile[]): SourceIndex => {
  const lines = files.map(({ path, text }) => ({ path, lines: text.split('\n') }));
  const find = (pattern: RegExp): SourcePlace | null => {
    for (const file of lines) {
      const at = file.lines.findIndex((line) => pattern.test(line));
      if (at >= 0) return { path: file.path, line: at + 1, body: bodyAt(file.lines, at) };
    }
    return null;
  };
  const binding = (name: string) => {
    const word = escapePattern(name);
    // A key whose value is an object or a list is a part of the chart, not what its name does.
    return find(new RegExp(`^\\s+${word}(?:: (?![{[]|'|\\{\\} as)|\\()`));
  };
  return {
    binding,
    rule: (name) =>
      find(new RegExp(`^export (?:const|(?:async )?function) ${escapePattern(name)}\\b`)) ?? binding(name),
  };
};

/** From a definition's first line to the end of what is indented below it. */
const bodyAt = (lines: readonly string[], at: number): string => {
  const indent = indentOf(lines[at]!);
  let end = at + 1;
  if (!/[;,]$/.test(lines[at]!)) {
    while (end < lines.length && (lines[end] === '' || indentOf(lines[end]!) > indent)) end++;
    const closing = lines[end] ?? '';
    if (/^\s*[}\])]/.test(closing) && indentOf(closing) === indent) end++;
  }
  return lines.slice(at, end).join('\n').trimEnd();
};

const indentOf = (line: string): number => line.length - line.trimStart().length;

const escapePattern = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
