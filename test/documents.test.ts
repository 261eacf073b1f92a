import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/cli/diagram/sources.ts';

const root = packageRoot();

const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** A path from the root of the repository, as prose and code name it; not part of a longer path or of an address. */
const namedPath = /(?<![\w./-])(?:src|test|machines|bench|deploy|examples|docs|diagrams)\/[\w./{},*-]+/g;
/** Files that a document tells its reader to write or to build. */
const toBeWritten = [
  'test/raft.paths.test.ts',
  ...['etcd', 'hashicorp', 'c-raft'].map((name) => `examples/conformance-${name}/conformance-${name}`),
];
const markdownLink = /\]\(([^)\s#]+)(?:#[^)]*)?\)|(?:src|srcset)="([^"]+)"/g;

/** `a/{b,c}.ts` names two files. */
const expand = (path: string): readonly string[] => {
  const braces = /^(.*)\{([^}]*)\}(.*)$/.exec(path);
  if (braces === null) return [path];
  return braces[2]!.split(',').flatMap((each) => expand(`${braces[1]}${each}${braces[3]}`));
};

const pathsNamedIn = (text: string): readonly string[] =>
  [...text.matchAll(namedPath)]
    .map(([path]) => path.replace(/[.,_]+$/, ''))
    .filter((path) => !path.includes('*'))
    .flatMap(expand);

/** As seen from the root. */
const linksIn = (document: string, text: string): readonly string[] =>
  [...text.matchAll(markdownLink)]
    .map(([, link, source]) => (link ?? source)!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => posix.join(dirname(document), link));

describe('the documents', () => {
  it.each(documents)('%s names only files that exist', (document) => {
    const text = readFileSync(join(root, document), 'utf8');
    const named = [...pathsNamedIn(text), ...linksIn(document, text)];
    expect(named.filter((path) => !existsSync(join(root, path)) && !toBeWritten.includes(path))).toEqual([]);
  });

  it('name, for each thing that nobody can do, a test that is there', () => {
    const text = readFileSync(join(root, 'docs/security.md'), 'utf8');
    const rows = text.slice(text.indexOf('| Who | Can | Cannot | Test |')).split('\n').slice(2);
    const claims = rows
      .filter((row) => row.startsWith('|'))
      .map((row) => row.split('|').map((each) => each.trim()));
    expect(claims.length).toBeGreaterThan(20);
    for (const [, , , cannot, named] of claims) {
      const [, file, , name] = /^`(test\/[^`]+\.test\.ts)`(: “(.+)”)?$/.exec(named!) ?? [];
      expect(file !== undefined, `a test of "${cannot}"`).toBe(cannot !== '');
      if (file !== undefined) expect(readFileSync(join(root, file), 'utf8')).toContain(name ?? 'it(');
    }
  });

  it('are read for paths in prose, in braces and in links', () => {
    expect(
      pathsNamedIn('See `src/raft/{term,quorum}.ts`, test/raft/, https://a.b/src/no and other-src/no.'),
    ).toEqual(['src/raft/term.ts', 'src/raft/quorum.ts', 'test/raft/']);
    expect(linksIn('docs/a.md', '[b](../b.md#part) [c](https://c) <img src="d.svg">')).toEqual([
      'b.md',
      'docs/d.svg',
    ]);
  });
});
