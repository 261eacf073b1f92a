import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

const extensions = new Set(
  [
    'css scss sass less styl stylus pcss',
    'svg png jpg jpeg gif webp avif ico bmp apng',
    'woff woff2 ttf otf eot',
    'mp3 mp4 webm ogg wav flac aac mov',
    'pdf txt md html htm vtt csv glsl vert frag wgsl graphql gql yaml yml toml',
    'vue svelte astro',
  ].flatMap((line) => line.split(' ').map((each) => `.${each}`)),
);

/** What bundlers ask for with a query: the text of a file, its address, a worker. */
const queries = /^\?(raw|url|inline|no-inline|worker|sharedworker|react|component)\b/;

/** True for what a bundler turns into a module though it is no code. */
export const isAsset = (path: string, query: string | undefined): boolean =>
  extensions.has(extname(path).toLowerCase()) || (query !== undefined && queries.test(query));

/** A module with a harmless value for it: its text for `?raw`, the names of the classes of a CSS module, else its path. */
export const assetSource = (path: string, query: string | undefined): string => {
  if (query?.startsWith('?raw') === true)
    return `export default ${JSON.stringify(readFileSync(path, 'utf8'))};\n`;
  if (!/\.(css|scss|sass|less|styl|stylus|pcss)$/.test(path))
    return `export default ${JSON.stringify(path)};\n`;
  const classes =
    /\.module\.\w+$/.test(path) && existsSync(path) ? classesIn(readFileSync(path, 'utf8')) : [];
  return [
    `export default ${JSON.stringify(Object.fromEntries(classes.map((name) => [name, name])))};`,
    ...classes.map(
      (name, at) =>
        `const class${at} = ${JSON.stringify(name)}; export { class${at} as ${JSON.stringify(name)} };`,
    ),
    '',
  ].join('\n');
};

const classesIn = (sheet: string): readonly string[] => [
  ...new Set([...sheet.matchAll(/\.(-?[A-Za-z_][\w-]*)/g)].map(([, name]) => name!)),
];
