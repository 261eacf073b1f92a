import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultIn } from '../../statechart/lint/load-fault.ts';
import { type Compiler, typeScriptRemedy } from '../../statechart/source/load-typescript.ts';
import { WrittenPlaces } from '../../statechart/source/written-places.ts';
import { isFile, textOf } from './replaced-file.ts';

/** An import that leads nowhere: what was asked for, and by whom. */
export class ImportFailed extends Error {
  override readonly name = 'ImportFailed';
  readonly specifier: string;
  /** Absolute; null for the module that was asked for itself. */
  readonly importer: string | null;

  constructor(specifier: string, importer: string | null, cause: unknown) {
    super((cause as Error).message, { cause });
    this.specifier = specifier;
    this.importer = importer;
  }
}

/** A source that nobody can parse, or that needs TypeScript to be parsed. */
export class SourceRefused extends Error {
  override readonly name = 'SourceRefused';
}

/** What the loader knows that an error does not say. */
export interface KnownAtLoad {
  readonly typeScript: () => Compiler | null;
  readonly placeOfSyntaxError: () => string | null;
}

/** Why a module does not load, where, and what to do, in one line. */
export const loadFailure = (error: unknown, known: KnownAtLoad): string => {
  if (error instanceof ImportFailed) return importFailure(error);
  if (error instanceof SourceRefused) return error.message;
  if (typeof error !== 'object' || error === null || !('message' in error)) {
    return `it threw ${String(error)}, which is no error`;
  }
  const { message, name = 'Error', stack = '' } = error as Error;
  const text = firstLine(message);
  const found = placeIn(stack, text, known) ?? (name === 'SyntaxError' ? known.placeOfSyntaxError() : null);
  const place = found === null ? '' : ` (${found})`;
  const missing =
    /^(window|document|localStorage|sessionStorage|navigator|location|self) is not defined/.exec(text);
  if (missing !== null) {
    return `${text}${place}: it is loaded in Node.js, where there is no browser; use ${missing[1]} in a function rather than on import`;
  }
  if (/_TYPESCRIPT_SYNTAX$/.test((error as NodeJS.ErrnoException).code ?? '')) {
    return `${text}${place}, which needs TypeScript to load: ${typeScriptRemedy}`;
  }
  const absent = /does not provide an export named '(.*)'/.exec(text);
  if (absent !== null) {
    const hint =
      known.typeScript() !== null
        ? ''
        : `; if that is a type, import it with \`import type\`, or install TypeScript: ${typeScriptRemedy}`;
    return `${text}${place}${hint}`;
  }
  // Node.js alone takes the word of package.json for it; with TypeScript we look at the source as well.
  if (/^(Cannot use import statement outside a module|Unexpected token 'export')$/.test(text)) {
    const hint =
      known.typeScript() !== null
        ? ''
        : `; its package.json says that it is CommonJS: write "type": "module" there, or install TypeScript: ${typeScriptRemedy}`;
    return `${text}${place}${hint}`;
  }
  return `${/Error$/.test(name) && name !== 'Error' ? `${name}: ` : ''}${text || `it threw an error without a message`}${place}`;
};

/** A line that ends with a colon, as XState's about a missing target does, goes on with the next. */
const firstLine = (text: string): string =>
  text
    .replaceAll(/:\s*\n\s*/g, ': ')
    .split('\n')[0]!
    .trim();

const importFailure = ({ specifier, importer, cause }: ImportFailed): string => {
  const place = importer === null ? '' : ` (${shown(importer)}${lineOf(specifier, importer)})`;
  if (/^(\.\.?)?\//.test(specifier)) return `it imports ${specifier}, and there is no such file${place}`;
  const { code } = cause as NodeJS.ErrnoException;
  const name = packageOf(specifier);
  if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
    return `it imports ${specifier}, which the installed version of ${name} does not export${place}`;
  }
  if (specifier.startsWith('#') || specifier.startsWith('~') || specifier.startsWith('@/')) {
    return `it imports ${specifier}, for which no tsconfig.json or package.json names a place${place}: add it to "paths" in tsconfig.json`;
  }
  if (/^[a-z][\w+.-]*:/.test(specifier)) {
    return `it imports ${specifier}, which only a bundler with a plugin for it knows${place}: import it in another module`;
  }
  return `it imports ${specifier}, and ${name} is not installed${place}: npm install ${name}`;
};

const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** As seen from the working directory, if it is below it. */
export const shown = (path: string): string => {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
};

const lineOf = (specifier: string, importer: string): string => {
  if (!isFile(importer)) return '';
  const at = textOf(importer)
    .split('\n')
    .findIndex((line) => line.includes(`'${specifier}'`) || line.includes(`"${specifier}"`));
  return at < 0 ? '' : `:${at + 1}`;
};

/**
 * The first place in a stack that is neither of Node.js nor of an installed package nor of these tools; for what XState says of a chart,
 * the state in that file.
 */
const placeIn = (stack: string, text: string, { typeScript }: KnownAtLoad): string | null => {
  for (const line of stack.split('\n')) {
    const [, file, at] = /(file:\/\/\/[^\s)]+?|(?<=[\s(])\/[^\s)]+?):(\d+)(?::\d+)?\)?$/.exec(line) ?? [];
    if (file === undefined || file.includes('/node_modules/')) continue;
    const path = file.startsWith('file:') ? fileURLToPath(file.replace(/\?.*$/, '')) : file;
    if (path.startsWith(import.meta.dirname)) continue;
    const state = faultIn(text)?.problem.state;
    const ts = state === undefined ? null : typeScript();
    if (state === undefined || ts === null) return `${shown(path)}:${at}`;
    const root = process.cwd();
    const written = new WrittenPlaces(ts, { path, exportName: undefined, root, text: textOf(path) });
    const stated = written.placeOfId(state);
    return stated === null ? `${shown(path)}:${at}` : `${shown(resolve(root, stated.path))}:${stated.line}`;
  }
  return null;
};
