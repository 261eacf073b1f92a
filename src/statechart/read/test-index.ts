import type { SourceFile } from './source-index.ts';

/** A test by its place and its full name, from the outermost `describe` to itself. */
export interface NamedTest {
  readonly path: string;
  readonly name: string;
  readonly body: string;
}

export interface TestIndex {
  /** Tests in which a rule of this name is called or spoken of. */
  mentioning(name: string): readonly NamedTest[];
  /** Tests that cite a section of a source in their name or in a `describe` around them; with `event`, only those that also speak of it. */
  citing(section: string, event?: string): readonly NamedTest[];
}

/** Finds tests by their form: `describe(…)`, `it(…)`, `test(…)` and their `each`. */
export const indexTests = (files: readonly SourceFile[]): TestIndex => {
  const tests = files.filter(({ path }) => path.endsWith('.test.ts')).flatMap(testsOf);
  return {
    mentioning: (name) => {
      const word = new RegExp(`(?<![\\w$])${name}(?![\\w$])`);
      return tests.filter(({ body, name: title }) => word.test(body) || word.test(title));
    },
    citing: (section, event) => {
      const exact = new RegExp(`${section.replace(/\./g, '\\.')}(?![.\\d])`);
      return tests.filter(
        ({ name, body }) => exact.test(name) && (event === undefined || body.includes(event)),
      );
    },
  };
};

const opening = /^(\s*)(describe|it|test)(?:\.[\w.]+)*\(/;

const testsOf = ({ path, text }: SourceFile): readonly NamedTest[] => {
  const lines = text.split('\n');
  const around: { readonly indent: number; readonly name: string }[] = [];
  const found: NamedTest[] = [];
  lines.forEach((line, at) => {
    const match = opening.exec(line);
    if (match === null) return;
    const indent = match[1]!.length;
    while (around.length > 0 && around.at(-1)!.indent >= indent) around.pop();
    const end = lines.findIndex((each, later) => later > at && each.startsWith(`${match[1]}})`));
    const block = lines.slice(at, end < 0 ? at + 1 : end + 1);
    const name = nameIn(block, match[0].endsWith('.each('));
    if (match[2] === 'describe') around.push({ indent, name });
    else {
      const full = [...around.map((each) => each.name), name].filter((each) => each !== '').join(': ');
      found.push({ path, name: full, body: block.join('\n') });
    }
  });
  return found;
};

/** The first string of the call; for an `each`, the string of the call after its table. */
const nameIn = (block: readonly string[], isEach: boolean): string => {
  const text = block.join('\n');
  const from = isEach ? text.search(/\)\(\s*['"`]/) : 0;
  if (from < 0) return '';
  return /(['"`])((?:(?!\1)[^\\]|\\.)*)\1/s.exec(text.slice(from))?.[2] ?? '';
};
