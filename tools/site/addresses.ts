import { existsSync, statSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { examplesPage, sections } from './sections.ts';

/** Where the site has what a link in a file of the repository leads to. */
export type Target =
  /** A page of the site, as Markdown: the path begins with a slash. */
  | { readonly kind: 'page'; readonly path: string }
  /** A file of the site, from its root. */
  | { readonly kind: 'file'; readonly path: string }
  /** A file of the repository that the site does not have, from the root. */
  | { readonly kind: 'source'; readonly path: string };

const pages: ReadonlySet<string> = new Set(
  sections.flatMap((section) => section.pages.map(({ file }) => file)),
);

/** The page that a file of the repository becomes: `README.md` of a folder is its index, that of the root is the overview, since the site has a start page of its own. */
export const pageOf = (file: string): string =>
  file === 'README.md' ? 'overview.md' : file.replace(/(^|\/)README\.md$/, '$1index.md');

/** The file that became a page. */
export const fileOf = (page: string): string =>
  page === 'overview.md'
    ? 'README.md'
    : pages.has(page)
      ? page
      : page.replace(/(^|\/)index\.md$/, '$1README.md');

const lesson = /^src\/simulate\/scenario\/lessons\/(\d+)-[\w-]+\.txt$/;

/** What `href` in `file` leads to. Throws if there is no such file. `stories` are those that a link opens in the playground. */
export const targetOf = (
  root: string,
  file: string,
  href: string,
  stories: ReadonlyMap<string, string>,
): Target => {
  const [, path = '', hash = ''] = /^([^#?]*)(.*)$/.exec(href)!;
  const named = posix.normalize(posix.join(dirname(file), decodeURI(path))).replace(/\/$/, '');
  const at = join(root, named);
  // The reference of the API is written when the site is built.
  if (named.startsWith('api/')) return { kind: 'page', path: `/${named}${hash}` };
  if (named === 'examples' || /^examples\/[\w-]+\.ts$/.test(named))
    return {
      kind: 'page',
      path: `/${pageOf(examplesPage)}${named === 'examples' ? '' : `#${exampleAnchor(named)}`}`,
    };
  if (!existsSync(at)) throw new Error(`${file} links to ${relative(root, at)}, which is not there`);
  const page = statSync(at).isDirectory() ? posix.join(named, 'README.md') : named;
  if (pages.has(page)) return { kind: 'page', path: `/${pageOf(page)}${hash}` };
  const number = lesson.exec(named)?.[1];
  if (number !== undefined) return { kind: 'file', path: `play/index.html#lesson=${Number(number)}` };
  const story = stories.get(named);
  if (story !== undefined) return { kind: 'file', path: `play/index.html${story}` };
  if (isPublished(named)) return { kind: 'file', path: named };
  return { kind: 'source', path: `${named}${hash}` };
};

/** Files that the site has as they are. */
export const isPublished = (file: string): boolean =>
  /^(?:diagrams|docs)\/.*\.(?:svg|json|mmd|dot|scxml)$/.test(file);

export const exampleAnchor = (file: string): string => posix.basename(file);
