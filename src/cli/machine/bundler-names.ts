import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';

/**
 * A module with what bundlers and tsx put into it and Node.js does not: `import.meta.env`, `import.meta.glob`, `require`, `__dirname`
 * and `__filename`, each only where it is used. All in its first line, so that the lines keep their numbers.
 */
export const withBundlerNames = (source: string, path: string): string => {
  const added = [
    ...(/\bimport\.meta\.env\b/.test(source)
      ? [`import.meta.env ??= ${JSON.stringify(environmentOf(dirname(path)))};`]
      : []),
    ...(/\bimport\.meta\.glob\b/.test(source) ? ['import.meta.glob ??= () => ({});'] : []),
    ...commonJsNames
      .filter(([name]) => uses(source, name) && !declares(source, name))
      .map(([name, value]) => `const ${name} = ${value};`),
  ];
  if (added.length === 0) return source;
  const start = source.startsWith('#!') ? source.indexOf('\n') + 1 : 0;
  return `${source.slice(0, start)}${added.join('')}${source.slice(start)}`;
};

const commonJsNames = [
  ['require', "process.getBuiltinModule('node:module').createRequire(import.meta.url)"],
  ['__dirname', 'import.meta.dirname'],
  ['__filename', 'import.meta.filename'],
] as const;

const uses = (source: string, name: string): boolean =>
  new RegExp(`(?<![\\w$.'"\`-])${name}(?![\\w$])`).test(source);

const declares = (source: string, name: string): boolean =>
  new RegExp(
    `\\b(?:const|let|var|function|class|import)\\s+(?:\\{[^}=]*|[^'"=;]*,\\s*|\\*\\s*as\\s+)?(?<![\\w$])${name}(?![\\w$])`,
  ).test(source);

/** As Vite has it in development: what `.env` files beside the nearest package.json and the environment say under `VITE_`. */
const environmentOf = (folder: string): Readonly<Record<string, unknown>> => {
  const mode = process.env.NODE_ENV ?? 'development';
  const root = packageFolder(folder);
  const files = ['.env', '.env.local', `.env.${mode}`, `.env.${mode}.local`].map((name) => join(root, name));
  const read = files.filter((file) => existsSync(file)).map((file) => parseEnv(readFileSync(file, 'utf8')));
  const all = Object.entries(Object.assign({}, ...read, process.env) as NodeJS.ProcessEnv);
  return {
    BASE_URL: '/',
    MODE: mode,
    DEV: mode !== 'production',
    PROD: mode === 'production',
    SSR: true,
    ...Object.fromEntries(all.filter(([name]) => name.startsWith('VITE_'))),
  };
};

const packageFolder = (folder: string): string =>
  existsSync(join(folder, 'package.json')) || dirname(folder) === folder
    ? folder
    : packageFolder(dirname(folder));
