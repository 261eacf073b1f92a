import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import vm from 'node:vm';

/** What Mermaid's own parser makes of a state diagram. */
export interface ParsedDiagram {
  /** The titles of states by their ids, as a reader sees them; marks of a start and dividers between regions are left out. */
  readonly titles: ReadonlyMap<string, string>;
  /** The further lines of a state. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly text: string }[];
}

interface Statement {
  readonly stmt: string;
  readonly id?: string;
  readonly type?: string;
  readonly start?: boolean;
  readonly description?: string;
  readonly doc?: readonly Statement[];
  readonly state1?: Statement;
  readonly state2?: Statement;
}

interface Mermaid {
  readonly parse: (text: string) => Promise<unknown>;
  readonly mermaidAPI: {
    readonly getDiagramFromText: (
      text: string,
    ) => Promise<{ readonly db: { readonly getRootDocV2?: () => { readonly doc: readonly Statement[] } } }>;
  };
}

/** Parses as code hosts do: with the published bundle, in a context that has just as much of a browser as it asks for. Rejects where Mermaid refuses the text. */
export const parseMermaid = async (text: string): Promise<ParsedDiagram> => {
  const { parse, mermaidAPI } = await loadMermaid();
  await parse(text);
  const { db } = await mermaidAPI.getDiagramFromText(text);
  const statements = within(db.getRootDocV2?.().doc ?? []);
  const titles = new Map<string, string>();
  const lines = new Map<string, string[]>();
  for (const { stmt, id, type, description } of statements) {
    if (stmt !== 'state' || id === undefined || type === 'divider' || description === undefined) continue;
    if (titles.has(id)) lines.set(id, [...(lines.get(id) ?? []), readable(description)]);
    else titles.set(id, readable(description));
  }
  return {
    titles,
    lines,
    arrows: statements.flatMap(({ stmt, state1, state2, description }) =>
      stmt === 'relation'
        ? [
            {
              from: state1?.start ? '[*]' : (state1?.id ?? ''),
              to: state2?.id ?? '',
              text: readable(description ?? ''),
            },
          ]
        : [],
    ),
  };
};

let loaded: Mermaid | null = null;

const loadMermaid = async (): Promise<Mermaid> => {
  if (loaded !== null) return loaded;
  const bundle = createRequire(import.meta.url).resolve('@mermaid-js/tiny');
  const page = {
    console,
    setTimeout,
    clearTimeout,
    structuredClone,
    queueMicrotask,
    URL,
    TextEncoder,
    Element: class {},
    addEventListener: () => {},
    // DOMPurify, which is inside, passes everything where it finds no way to make a document.
    document: {
      nodeType: 9,
      createElement: () => ({}),
      addEventListener: () => {},
      querySelectorAll: () => [],
    },
  };
  const context = vm.createContext(Object.assign(page, { window: page, globalThis: page }));
  vm.runInContext(readFileSync(bundle, 'utf8'), context);
  loaded = (page as unknown as { readonly mermaid: Mermaid }).mermaid;
  return loaded;
};

const within = (statements: readonly Statement[]): readonly Statement[] =>
  statements.flatMap((each) => [each, ...within(each.doc ?? [])]);

/** Mermaid keeps entities in a form of its own until it draws. */
const readable = (text: string): string =>
  text
    .replace(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/ﬂ°quot¶ß/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
