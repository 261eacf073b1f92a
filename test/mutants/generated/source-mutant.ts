import ts from 'typescript';

/** What kind of change a mutant is; the table of the report has one row for each. */
export type MutantKind =
  | 'guard forced true'
  | 'guard forced false'
  | 'branch removed'
  | 'target removed'
  | 'reenter flipped'
  | 'comparison by one'
  | 'comparison negated'
  | 'equality negated'
  | 'and, or, not'
  | 'min, max'
  | 'plus or minus one'
  | 'boolean flipped'
  | 'effect dropped'
  | 'check silenced';

/** One source file with one thing changed, found in its syntax tree. Plain JSON. */
export interface SourceMutant {
  readonly kind: MutantKind;
  /** From the root of the project on, such as `src/raft/commit.ts`. */
  readonly file: string;
  /** For people: `src/raft/commit.ts:23:7 '<=' → '<'`. */
  readonly name: string;
  /** The same without its line, so that it outlives changes elsewhere: file, declaration, expression before → after. */
  readonly key: string;
  /** Offsets of what `replacement` stands for, in characters. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** A change of the source as an operator finds it. */
export interface Change {
  readonly kind: MutantKind;
  /** What is replaced. */
  readonly node: ts.Node;
  readonly replacement: string;
  /** Ends the mutant's name, such as `'<=' → '<'`. */
  readonly title: string;
  /** What to show of the source around it; `node` if absent. */
  readonly around?: ts.Node;
  /** Says where it is better than the source around it, such as `follower RequestVote isLogBehind`. */
  readonly within?: string;
}

/** Finds what can be changed at one node of the syntax tree. */
export type Operator = (node: ts.Node) => readonly Change[];

/** All mutants of a source file, in the order of its text. */
export const mutantsOf = (file: string, text: string, operator: Operator): readonly SourceMutant[] =>
  mutantsIn(ts.createSourceFile(file, text, ts.ScriptTarget.ES2024, true), file, operator);

/** The same of a syntax tree that is there already; `file` as the mutants name it. */
export const mutantsIn = (
  source: ts.SourceFile,
  file: string,
  operator: Operator,
): readonly SourceMutant[] => {
  const mutants: SourceMutant[] = [];
  const seen = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    for (const change of operator(node)) {
      const start = change.node.getStart(source);
      const end = change.node.end;
      const { line, character } = source.getLineAndCharacterOfPosition(start);
      const key = keyOf(source, file, change, start, end);
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      mutants.push({
        kind: change.kind,
        file,
        name: `${file}:${line + 1}:${character + 1} ${titleOf(change)}`,
        key: count === 1 ? key : `${key} (${count})`,
        start,
        end,
        replacement: change.replacement,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutants;
};

/** The text of a file with the mutant in it. */
export const mutated = (text: string, { start, end, replacement }: SourceMutant): string =>
  text.slice(0, start) + replacement + text.slice(end);

/** No mutant at all: what checks mutants must find nothing here. */
export const unchanged: SourceMutant = {
  kind: 'boolean flipped',
  file: 'src/raft/term.ts',
  name: 'unchanged',
  key: 'unchanged',
  start: 0,
  end: 0,
  replacement: '',
};

const titleOf = ({ within, title }: Change): string => (within === undefined ? title : `${within} ${title}`);

const keyOf = (source: ts.SourceFile, file: string, change: Change, start: number, end: number): string => {
  if (change.within !== undefined) return `${file} ${titleOf(change)}`;
  const around = change.around ?? change.node;
  const text = source.text;
  const before = text.slice(around.getStart(source), around.end);
  const after = text.slice(around.getStart(source), start) + change.replacement + text.slice(end, around.end);
  return `${file} ${declarationAround(around)}: ${onOneLine(before)} → ${onOneLine(after)}`;
};

/** The name of the outermost constant or function around a node. */
const declarationAround = (node: ts.Node): string => {
  let name = '';
  for (let at = node; at.parent !== undefined; at = at.parent) {
    if ((ts.isVariableDeclaration(at) || ts.isFunctionDeclaration(at)) && at.name !== undefined) {
      name = at.name.getText();
    }
  }
  return name;
};

const onOneLine = (text: string): string => text.replace(/\s+/g, ' ');
