/** The site, as VitePress is told of it. */
import type { DefaultTheme, UserConfig } from 'vitepress';
import { pageOf } from './addresses.ts';
import { type Reading, readDocuments } from './markdown.ts';
import { sections } from './sections.ts';

export interface Site extends Reading {
  readonly description: string;
  readonly version: string;
  /** The entries of the package, in order, each with the name of its page. */
  readonly api: readonly { readonly name: string; readonly entry: string }[];
  readonly cache: string;
}

const addressOf = (file: string): string => `/${pageOf(file).replace(/(^|\/)index\.md$|\.md$/, '$1')}`;

export const siteConfig = (site: Site): UserConfig<DefaultTheme.Config> => ({
  title: 'raftchart',
  description: site.description,
  lang: 'en',
  base: site.base,
  cacheDir: site.cache,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    config: (md) => readDocuments(md, site),
    // As where the repository is read, so that links to a heading hold in both.
    anchor: { slugify },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    languageAlias: { nohighlight: 'txt' },
  },
  vite: {
    // The esbuild that comes with VitePress does not know the target of our tsconfig.json.
    esbuild: { tsconfigRaw: {} },
    build: { target: 'es2022', chunkSizeWarningLimit: 8000, reportCompressedSize: false },
    publicDir: 'public',
    logLevel: 'warn',
  },
  // Addresses stay as they are written.
  vue: { template: { transformAssetUrls: false } },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        detailedView: 'auto',
        // Colours of code are not searched for.
        _render: (text, env, md) => {
          const { highlight } = md.options;
          md.options.highlight = null;
          const html = md.render(text, env);
          md.options.highlight = highlight ?? null;
          return env.frontmatter?.search === false ? '' : html;
        },
      },
    },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/overview' },
      { text: 'Protocol', link: '/docs/protocol' },
      { text: 'Playground', link: '/play/index.html', target: '_self' },
      { text: 'Charts', link: '/charts/index.html', target: '_self' },
      { text: 'Commands', link: '/docs/commands' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [
      ...sections.map(({ text, pages }) => ({
        text,
        items: pages.map((each) => ({ text: each.text, link: addressOf(each.file) })),
      })),
      {
        text: 'API',
        items: site.api.map(({ name, entry }) => ({ text: entry, link: addressOf(`api/${name}.md`) })),
      },
    ],
    docFooter: { prev: 'Previous', next: 'Next' },
    footer: { message: `raftchart ${site.version}. MIT licensed.` },
  },
});

/** The anchor of a heading, as GitHub makes it. */
export const slugify = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
