import { describe, expect, it } from 'vitest';
import { type Files, lineOf, projectOf, readIn, removeProjects, telling, toldBy } from './module-folder.ts';

removeProjects();

const xstate = "import { createMachine } from 'xstate';\n";

interface Kind {
  readonly what: string;
  readonly entry: string;
  readonly files: Files;
  readonly tells: unknown;
}

const kinds: readonly Kind[] = [
  {
    what: 'plain JavaScript in a package of modules',
    entry: 'a.js',
    files: { 'package.json': '{ "type": "module" }', 'a.js': `${xstate}${telling('1')}` },
    tells: 1,
  },
  {
    what: 'a module in a package that says that it is CommonJS',
    entry: 'a.js',
    files: {
      'package.json': '{ "type": "commonjs" }',
      'a.js': `${xstate}import { b } from './b';\n${telling('b')}`,
      'b.js': 'export const b = 2;\n',
    },
    tells: 2,
  },
  {
    what: 'CommonJS that exports the machine itself',
    entry: 'a.cjs',
    files: {
      'a.cjs':
        "const { createMachine } = require('xstate');\nmodule.exports = createMachine({ description: JSON.stringify(require('./b').b), initial: 'a', states: { a: {} } });\n",
      'b.js': 'exports.b = 3;\n',
    },
    tells: 3,
  },
  {
    what: 'CommonJS in TypeScript: export =, import = require, .cts',
    entry: 'a.ts',
    files: {
      'a.ts':
        "import xstate = require('xstate');\nimport b = require('./b.cjs');\nconst machine: xstate.AnyStateMachine = xstate.createMachine({ description: JSON.stringify(b.b), initial: 'a', states: { a: {} } });\nexport = machine;\n",
      'b.cts': 'enum B { b = 4 }\nexport const b: number = B.b;\n',
    },
    tells: 4,
  },
  {
    what: 'imports without an extension, of a directory, of .js for .ts, and .mts',
    entry: 'a.ts',
    files: {
      'a.ts': `${xstate}import { b } from './b';\nimport { c } from './c';\nimport { d } from './d.js';\nimport { e } from './e.mjs';\nimport { f } from '.';\n${telling('[b, c, d, e, f]')}`,
      'b.ts': "export const b: string = 'b';\n",
      'c/index.tsx': "export const c: string = 'c';\n",
      'd.ts': "export const d: string = 'd';\n",
      'e.mts': "export const e: string = 'e';\n",
      'index.ts': "export const f: string = 'f';\n",
    },
    tells: ['b', 'c', 'd', 'e', 'f'],
  },
  {
    what: 'types imported and exported without `type`',
    entry: 'a.ts',
    files: {
      'a.ts': `import { createMachine, AnyStateMachine } from 'xstate';\nimport { Colour, first, Shade } from './all';\nconst shown: Colour = first;\nexport const other = (machine: AnyStateMachine, shade: Shade) => [machine, shade];\n${telling('shown')}`,
      'all.ts':
        "export { Colour, first } from './colours';\nimport { Tone } from './colours';\nexport { Tone, Tone as Shade };\nexport * from './colours';\n",
      'colours.ts':
        "export type Colour = 'red' | 'green';\ninterface Tone { readonly depth: number }\nexport { Tone };\nexport const first: Colour = 'red';\n",
    },
    tells: 'red',
  },
  {
    what: 'enums, namespaces, parameter properties and decorators',
    entry: 'a.ts',
    files: {
      'tsconfig.json': '{ "compilerOptions": { /* old ones */ "experimentalDecorators": true, }, }',
      'a.ts': `${xstate}enum Level { low = 1, high = 2 }\nconst enum Size { big = 9 }\nnamespace Names { export const first = 'n'; }\nconst seen: string[] = [];\nconst noted = (target: unknown, key: string) => { seen.push(key); };\nclass Store { constructor(readonly level: Level) {} @noted size(): number { return Size.big; } }\nconst store = new Store(Level.high);\n${telling('[store.level, store.size(), Names.first, seen]')}`,
    },
    tells: [2, 9, 'n', ['size']],
  },
  {
    what: 'standard decorators',
    entry: 'a.ts',
    files: {
      'a.ts': `${xstate}const twice = (value: (this: Store) => number, _: ClassMethodDecoratorContext) => function (this: Store) { return 2 * value.call(this); };\nclass Store { @twice size(): number { return 4; } }\n${telling('new Store().size()')}`,
    },
    tells: 8,
  },
  {
    what: 'TSX, and JSX that is never rendered',
    entry: 'a.tsx',
    files: {
      'a.tsx': `${xstate}import { View } from './view';\nimport { Old } from './old';\nexport const App = (props: { name: string }) => <View title={props.name}><Old /></View>;\n${telling('typeof App')}`,
      'view.tsx':
        'export const View = (props: { title: string; children?: unknown }) => <div>{props.title}</div>;\n',
      'old.jsx': 'export const Old = () => <p>{1}</p>;\n',
      'node_modules/react/package.json': '{ "name": "react", "exports": { "./jsx-runtime": "./jsx.js" } }',
      'node_modules/react/jsx.js': 'exports.jsx = exports.jsxs = () => null;\n',
    },
    tells: 'function',
  },
  {
    what: 'paths and baseUrl of the nearest tsconfig.json, through extends',
    entry: 'app/src/deep/a.ts',
    files: {
      'base.json':
        '{ "compilerOptions": { "baseUrl": "./app", "paths": { "@lib/*": ["missing/*", "./lib/*"], "exact": ["src/exact.ts"] } } }',
      'app/tsconfig.json': '{ "extends": "../base.json" }',
      'app/src/deep/a.ts': `${xstate}import { b } from '@lib/b';\nimport { c } from 'exact';\nimport { d } from 'src/d';\n${telling('[b, c, d]')}`,
      'app/lib/b.ts': "export const b: string = 'b';\n",
      'app/src/exact.ts': "export const c: string = 'c';\n",
      'app/src/d/index.ts': "export const d: string = 'd';\n",
    },
    tells: ['b', 'c', 'd'],
  },
  {
    what: 'paths of a tsconfig that another one refers to',
    entry: 'src/a.ts',
    files: {
      'tsconfig.json': '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }',
      'tsconfig.app.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } }, "include": ["src"] }',
      'src/a.ts': `${xstate}import { b } from '@/b';\n${telling('b')}`,
      'src/b.ts': "export const b: string = 'b';\n",
    },
    tells: 'b',
  },
  {
    what: 'style sheets, pictures, texts and JSON',
    entry: 'a.ts',
    files: {
      'a.ts': `${xstate}import './plain.css';\nimport styles, { button } from './box.module.css';\nimport logo from './logo.svg';\nimport text from './note.txt?raw';\nimport url from './b.ts?url';\nimport data, { size } from './data.json';\nimport typed from './data.json' with { type: 'json' };\nimport icon from '/icon.png';\n${telling("[styles.button, button, logo.endsWith('/logo.svg'), text, url.endsWith('/b.ts'), data.size, size, typed.size, icon]")}`,
      'plain.css': 'p { color: red }\n',
      'box.module.css': '.button { color: red }\n',
      'logo.svg': '<svg/>',
      'note.txt': 'a note',
      'b.ts': 'throw new Error("is never run");\n',
      'data.json': '{ "size": 3, "default": 4, "a-b": 5 }',
    },
    tells: ['button', 'button', true, 'a note', true, 3, 3, 3, '/icon.png'],
  },
  {
    what: "Vite's import.meta.env and import.meta.glob",
    entry: 'src/a.js',
    files: {
      'package.json': '{}',
      '.env': 'VITE_NAME=shop\nSECRET=1\n',
      'src/a.js': `${xstate}const found = import.meta.glob('./*.ts');\n${telling('[import.meta.env.VITE_NAME, import.meta.env.SECRET, import.meta.env.BASE_URL, import.meta.env.VITE_NONE ?? null, found]')}`,
    },
    tells: ['shop', null, '/', null, {}],
  },
  {
    what: 'require, __dirname and __filename in a module',
    entry: 'a.ts',
    files: {
      'a.ts': `${xstate}const { b } = require('./b');\n${telling('[b, __filename.startsWith(__dirname)]')}`,
      'b.ts': 'export const b: number = 5;\n',
    },
    tells: [5, true],
  },
  {
    what: 'an await at the top level',
    entry: 'a.mts',
    files: {
      'a.mts': `${xstate}const value = await new Promise<number>((resolve) => setTimeout(resolve, 5, 6));\n${telling('value')}`,
    },
    tells: 6,
  },
  {
    what: 'imports in a circle',
    entry: 'a.ts',
    files: {
      'a.ts': `${xstate}import { b } from './b';\nexport function late() { return 7; }\n${telling('b()')}`,
      'b.ts': "import { late } from './a';\nexport const b = (): number => late();\n",
    },
    tells: 7,
  },
  {
    what: 'a file of an old package without its extension',
    entry: 'a.ts',
    files: {
      'a.ts': `${xstate}import part from 'old/part';\n${telling('part.size')}`,
      'node_modules/old/package.json': '{ "name": "old" }',
      'node_modules/old/part.js': 'exports.size = 8;\n',
    },
    tells: 8,
  },
];

describe('a module loads', () => {
  it.each(kinds)('that is $what', async ({ entry, files, tells }) => {
    expect(toldBy(await readIn(projectOf(files), entry))).toEqual(tells);
  });

  it('with the xstate that its own project has', async () => {
    const folder = projectOf(
      {
        'a.js': `${xstate}${telling('1')}`,
        'node_modules/xstate/package.json': '{ "name": "xstate", "main": "index.js" }',
        'node_modules/xstate/index.js': `const { createMachine } = require('own');\nexports.createMachine = (config) => createMachine({ ...config, id: 'own' });\n`,
      },
      [],
    );
    const own = projectOf({}, ['xstate']);
    const { cpSync } = await import('node:fs');
    cpSync(`${own}/node_modules/xstate`, `${folder}/node_modules/own`, {
      recursive: true,
      dereference: true,
    });
    expect((await readIn(folder, 'a.js')).chart.id).toBe('own');
  });

  it('keeps inline functions as they are written but for their types', async () => {
    const folder = projectOf({
      'a.ts':
        "import { createMachine } from 'xstate';\nimport { isBig } from './b';\nexport const guard = ({ context }: { context: number }) => isBig(context);\nexport const machine = createMachine({ description: JSON.stringify(guard.toString()), initial: 'a', states: { a: {} } });\n",
      'b.ts': 'export const isBig = (size: number): boolean => size > 3;\n',
    });
    expect(toldBy(await readIn(folder, 'a.ts'))).toBe('({ context }) => isBig(context)');
  });
});

describe('a module that does not load is refused in a line', () => {
  it.each<[string, Files, string, string]>([
    [
      'a package that is not installed',
      { 'a.ts': `${xstate}\nimport { of } from 'rxjs/operators';\n${telling('of')}` },
      'a.ts',
      'cannot load a.ts: it imports rxjs/operators, and rxjs is not installed (a.ts:3): npm install rxjs',
    ],
    [
      'a file that is not there',
      { 'a.ts': "export * from './b';\n", 'b.ts': "\n\nimport './gone';\n" },
      'a.ts',
      'cannot load a.ts: it imports ./gone, and there is no such file (b.ts:3)',
    ],
    [
      'a path that no tsconfig.json names',
      { 'a.ts': "import '@/b';\n" },
      'a.ts',
      'cannot load a.ts: it imports @/b, for which no tsconfig.json or package.json names a place (a.ts:1): add it to "paths" in tsconfig.json',
    ],
    [
      'a module that a plugin makes',
      { 'a.ts': "import 'virtual:pwa-register';\n" },
      'a.ts',
      'cannot load a.ts: it imports virtual:pwa-register, which only a bundler with a plugin for it knows (a.ts:1): import it in another module',
    ],
    [
      'a name that is not exported',
      {
        'a.js': "import { c } from './b.js';\nexport const d = c;\n",
        'b.js': 'export const b = 1;\n',
        'package.json': '{"type":"module"}',
      },
      'a.js',
      "cannot load a.js: The requested module './b.js' does not provide an export named 'c' (a.js:1)",
    ],
    [
      'a fault of the syntax in TypeScript',
      { 'a.ts': 'const a: number = 1;\nconst = 2;\n' },
      'a.ts',
      'cannot load a.ts: Variable declaration expected (a.ts:2)',
    ],
    [
      'a fault of the syntax in JavaScript',
      { 'a.mjs': 'const a = 1;\nconst = 2;\n' },
      'a.mjs',
      "cannot load a.mjs: SyntaxError: Unexpected token '=' (a.mjs:2)",
    ],
    [
      'an error, at its line of the source',
      {
        'a.ts': "import { b } from './b';\nexport const a = b(null);\n",
        'b.ts':
          'interface Long {\n  readonly a: number;\n}\n\nexport const b = (value: Long | null) => {\n  return value!.a;\n};\n',
      },
      'a.ts',
      "cannot load a.ts: TypeError: Cannot read properties of null (reading 'a') (b.ts:6)",
    ],
    [
      'a target that is missing, at the state that names it',
      {
        'a.ts': "export * from './b';\n",
        'b.ts':
          "import { createMachine } from 'xstate';\nexport const b = createMachine({\n  id: 'b',\n  initial: 'c',\n  states: {\n    c: { on: { GO: 'gone' } },\n  },\n});\n",
      },
      'a.ts',
      "cannot load a.ts: Invalid transition definition for state node 'b.c': Child state 'gone' does not exist on 'b' (b.ts:6)",
    ],
    [
      'no error but a text',
      { 'a.js': "throw 'nothing';\n" },
      'a.js',
      'cannot load a.js: it threw nothing, which is no error',
    ],
    [
      'a browser that is missing',
      { 'a.ts': '\nexport const a = window.location.href;\n' },
      'a.ts',
      'cannot load a.ts: window is not defined (a.ts:2): it is loaded in Node.js, where there is no browser; use window in a function rather than on import',
    ],
    [
      'a JSON file that is none',
      { 'a.ts': "import b from './b.json';\nexport default b;\n", 'b.json': '{ a: 1 }' },
      'a.ts',
      "cannot load a.ts: b.json is not JSON: Expected property name or '}' in JSON at position 2 (line 1 column 3)",
    ],
  ])('that names %s', async (_, files, entry, line) => {
    expect(await lineOf(projectOf(files), entry)).toBe(line);
  });
});
