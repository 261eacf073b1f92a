/** The reference of what the package exports: a page for each of its entries, in Markdown. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type ts from 'typescript';
import { type Documented, type Entry, readEntries } from './documented.ts';

export interface ApiPage {
  /** The page's name without its ending. */
  readonly name: string;
  /** What is imported: `raftchart/chart`. */
  readonly entry: string;
  readonly text: string;
}

/** What a row of the table of subpaths in docs/embedding.md says of an entry. */
interface Told {
  readonly purpose: string;
  /** What its first example imports of it. */
  readonly names: string;
}

const toldOf = (root: string): ReadonlyMap<string, Told> => {
  const text = readFileSync(join(root, 'docs/embedding.md'), 'utf8');
  const rows = text.matchAll(/^\| `([\w/-]+)` \| ([^|]+) \| \[[^\]]*\]\(\.\.\/(examples\/[\w-]+\.ts)\)/gm);
  return new Map(
    [...rows].map(([, name, purpose, file]) => {
      const example = readFileSync(join(root, file!), 'utf8');
      const imported = [...example.matchAll(/^import \{([^}]*)\} from '([^']*)';/gm)].find(
        ([, , from]) => from === name,
      );
      if (imported === undefined) throw new Error(`${file} imports nothing of ${name}`);
      const names = imported[1]!.split(',').map((each) => each.trim());
      return [
        name!,
        {
          purpose: purpose!.replaceAll(/\]\((?=[\w-]+\.md)/g, '](../docs/'),
          names: names.filter((each) => each !== '').join(', '),
        },
      ];
    }),
  );
};

/** `dist` holds the built package; its manifest and documents are in `root`. */
export const apiPages = (root: string, dist: string): readonly ApiPage[] => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  const declared = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
    typeof target === 'string'
      ? []
      : [[subpath.replace('.', 'raftchart'), target.types.replace(/^\.\/dist/, dist)] as const],
  );
  const entries = readEntries(new Map(declared), dist);
  const places = new Map<ts.Symbol, string>();
  for (const entry of entries) {
    const taken = new Set<string>();
    for (const { name, symbol } of [...entry.exports, ...entry.behind]) {
      // What stands behind two exports may have the same name in two modules.
      let anchor = name;
      for (let count = 2; taken.has(anchor); count += 1) anchor = `${name}-${count}`;
      taken.add(anchor);
      places.set(symbol, `${pageName(entry.name)}#${anchor}`);
    }
  }
  const told = toldOf(root);
  return entries.map((entry) => {
    const about = told.get(entry.name);
    if (about === undefined) throw new Error(`the table of docs/embedding.md has no row of ${entry.name}`);
    return { name: pageName(entry.name), entry: entry.name, text: pageText(entry, about, places) };
  });
};

const pageName = (entry: string): string => entry.replace(/^raftchart\/?/, '') || 'index';

const pageText = (
  { name, exports, known, behind }: Entry,
  { purpose, names }: Told,
  places: ReadonlyMap<ts.Symbol, string>,
): string => {
  const values = exports.filter(({ kind }) => kind === 'value');
  const types = exports.filter(({ kind }) => kind === 'type');
  const section = (title: string, all: readonly Documented[], about = ''): readonly string[] =>
    all.length === 0
      ? []
      : [
          `## ${title}`,
          '',
          ...(about === '' ? [] : [about, '']),
          ...all.flatMap((each) => itemText(each, places)),
        ];
  return [
    `# ${name}`,
    '',
    `${capital(purpose)}${purpose.endsWith('?') ? '' : '.'} This page is generated from the code; [Embedding](../docs/embedding.md) explains it with examples.`,
    '',
    '```ts',
    `import { ${names} } from '${name}';`,
    '```',
    '',
    ...section('Functions, classes and values', values),
    ...section('Types', types),
    ...(known.length === 0
      ? []
      : [
          '## Also exported',
          '',
          `${known.map(({ name: as, symbol }) => `[\`${as}\`](${linkTo(places.get(symbol)!)})`).join(', ')}`,
          '',
        ]),
    ...section('Behind the types', behind, 'Types that those above name. They are not exported.'),
  ].join('\n');
};

const itemText = (
  { name, doc, code, names, symbol }: Documented,
  places: ReadonlyMap<ts.Symbol, string>,
): readonly string[] => {
  const links = [...names].flatMap(([word, symbol]) => {
    const place = places.get(symbol);
    return place === undefined ? [] : [`${word}@${place}`];
  });
  return [
    `### ${name} {#${places.get(symbol)!.split('#')[1]}}`,
    '',
    ...(doc === '' ? [] : [prose(doc), '']),
    `\`\`\`ts${links.length === 0 ? '' : ` links:${links.join(',')}`}`,
    code,
    '```',
    '',
  ];
};

const linkTo = (place: string): string => place.replace('#', '.md#');

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A docstring as Markdown: what looks like a tag outside code is none, and pages of `docs/` are linked. */
const prose = (doc: string): string =>
  doc
    .split(/(`[^`]*`)/)
    .map((part, at) =>
      at % 2 === 1 ? part : linked(part.replaceAll('<', '&lt;').replaceAll('{{', '&#123;&#123;')),
    )
    .join('');

const linked = (text: string): string => text.replaceAll(/\bdocs\/([\w-]+\.md)/g, '[docs/$1](../docs/$1)');
