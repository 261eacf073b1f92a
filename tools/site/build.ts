/**
 * Builds the documentation site: static files for any web server, which ask no other. `npm run site` does, into `dist/site`; `-- --base /raftchart/`
 * for a server that has it in that folder, `-- --sources https://…/blob/main/` where the sources can be read, so that links to them lead there.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vitepress';
import { linkTo } from '../../src/simulate/play/link.ts';
import { isPublished, pageOf } from './addresses.ts';
import { apiPages } from './api/api-pages.ts';
import type { Site } from './config.ts';
import { examplesText } from './examples.ts';
import { homePage } from './home.ts';
import { protocolText } from './protocol-page.ts';
import { examplesPage, sections } from './sections.ts';

const root = resolve(import.meta.dirname, '../..');

const refuse = (line: string): never => {
  process.stderr.write(`${line}\n`);
  process.exit(2);
};

const readFlags = () => {
  try {
    return parseArgs({
      options: {
        out: { type: 'string', default: join(root, 'dist/site') },
        /** The built package, with its pages. */
        dist: { type: 'string', default: join(root, 'dist') },
        base: { type: 'string', default: '/' },
        sources: { type: 'string' },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
};

const values = readFlags();

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));

const write = (folder: string, path: string, text: string): void => {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

const storyFolders = ['src/simulate/scenario/attacks', 'src/simulate/broken/stories'];

/** Everything that VitePress makes the site of, in one folder, where it also keeps what it needs meanwhile. */
const stage = async (folder: string): Promise<void> => {
  const { description, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const api = apiPages(root, resolve(values.dist));
  const { charts } = JSON.parse(readFileSync(join(values.dist, 'page/data/charts.json'), 'utf8')) as {
    readonly charts: readonly { readonly name: string }[];
  };
  const stories = new Map<string, string>();
  for (const path of storyFolders.flatMap(filesIn).filter((file) => file.endsWith('.txt')))
    stories.set(path, await linkTo(readFileSync(join(root, path), 'utf8')));
  const base = `/${values.base}/`.replaceAll(/\/+/g, '/');

  write(folder, 'index.md', homePage(description));
  for (const { file } of sections.flatMap(({ pages }) => pages)) {
    const text = file === examplesPage ? examplesText(root) : readFileSync(join(root, file), 'utf8');
    write(
      folder,
      pageOf(file),
      file === 'docs/protocol.md' ? await protocolText(root, base, values.sources !== undefined) : text,
    );
  }
  for (const { name, text } of api) write(folder, `api/${name}.md`, text);

  const shared = join(folder, 'public');
  for (const file of ['diagrams', 'docs'].flatMap(filesIn).filter(isPublished))
    cpSync(join(root, file), join(shared, file), { recursive: true });
  cpSync(join(values.dist, 'play'), join(shared, 'play'), { recursive: true });
  cpSync(join(values.dist, 'page'), join(shared, 'charts'), { recursive: true });
  // Nobody generates paths there, nor tells of a cluster.
  const still = { isStill: true, charts: charts.map((chart) => ({ ...chart, paths: null })) };
  write(shared, 'charts/data/charts.json', JSON.stringify(still));

  const site: Omit<Site, 'stories' | 'charts'> = {
    root,
    base,
    sources: values.sources?.replace(/\/*$/, '/') ?? null,
    description,
    version,
    api: api.map(({ name, entry }) => ({ name, entry })),
    cache: join(folder, '.cache'),
  };
  // Node.js loads the configuration itself: esbuild, to which VitePress would leave it, is older than our sources.
  write(
    folder,
    '.vitepress/config.mjs',
    [
      `const file = ${JSON.stringify(join(import.meta.dirname, 'config.ts'))};`,
      'const { siteConfig } = await import([file].join());',
      'export default siteConfig({',
      `  ...${JSON.stringify(site)},`,
      `  stories: new Map(${JSON.stringify([...stories])}),`,
      `  charts: new Set(${JSON.stringify(charts.map(({ name }) => name))}),`,
      '});',
    ].join('\n'),
  );
  write(folder, 'package.json', '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(import.meta.dirname, 'theme'), join(folder, '.vitepress/theme'), { recursive: true });
};

const outDir = resolve(values.out);
if (existsSync(outDir) && readdirSync(outDir).length > 0 && !existsSync(join(outDir, 'hashmap.json')))
  refuse(`${outDir} holds something else than a site: name a folder of its own`);
const folder = mkdtempSync(join(tmpdir(), 'raftchart-site-'));
try {
  await stage(folder);
  // esbuild reads the tsconfig.json of where it runs, and is older than ours.
  process.chdir(folder);
  await build(folder, { outDir });
} finally {
  process.chdir(root);
  rmSync(folder, { recursive: true, force: true });
}
