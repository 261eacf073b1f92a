import { describe, expect, it } from 'vitest';
import { indexSources } from '../../../src/statechart/source/index-sources.ts';
import { closureOf, type MachineSources } from '../../../src/statechart/source/machine-sources.ts';
import { type Files, sourcesOf } from './compare-modules.ts';

/** The names that a definition comes to, itself left out. */
const reach = ({ declarations, definitions }: MachineSources, name: string | null): readonly string[] => {
  const found = definitions.filter((each) => each.kind !== 'inline' && each.name === name);
  const numbers = found.flatMap(({ roots }) =>
    [...closureOf(declarations, roots).keys()].filter((at) => !roots.includes(at)),
  );
  return [...new Set(numbers.map((at) => declarations[at]!.name))].toSorted();
};

const config = "{ initial: 'a', states: { a: { on: { GO: { guard: 'isReady', target: 'b' } } }, b: {} } }";
const rules = 'export const isReady = () => deep() > limit;\nconst deep = () => 3;\nconst limit = 2;\n';
const imports = "import { createMachine, setup } from 'xstate';\nimport { isReady } from './rules.ts';\n";

describe('the sources of a machine', () => {
  it.each<readonly [string, Files]>([
    [
      'setup',
      {
        'machine.ts': `${imports}export const machine = setup({ guards: { isReady } }).createMachine(${config});`,
      },
    ],
    [
      'extend',
      {
        'machine.ts': `${imports}const base = setup({});\nexport const machine = base.extend({ guards: { isReady } }).createMachine(${config});`,
      },
    ],
    [
      'createMachine with implementations',
      { 'machine.ts': `${imports}export const machine = createMachine(${config}, { guards: { isReady } });` },
    ],
    [
      'provide',
      {
        'machine.ts': `${imports}const bare = createMachine(${config});\nexport const machine = bare.provide({ guards: { isReady: () => isReady() } });`,
      },
    ],
    [
      'a default export',
      { 'machine.ts': `${imports}export default setup({ guards: { isReady } }).createMachine(${config});` },
    ],
    [
      'a re-export',
      {
        'machine.ts': "export { inner as machine } from './inner.ts';",
        'inner.ts': `${imports}export const inner = setup({ guards: { isReady } }).createMachine(${config});`,
      },
    ],
    [
      'a namespace',
      {
        'machine.ts': `import * as xs from 'xstate';\nimport * as all from './rules.ts';\nexport const machine = xs.setup({ guards: { isReady: all.isReady } }).createMachine(${config});`,
      },
    ],
    [
      'a table elsewhere',
      {
        'machine.ts': `import { setup } from 'xstate';\nimport { guards } from './guards.ts';\nexport const machine = setup({ guards }).createMachine(${config});`,
        'guards.ts': "import { isReady } from './rules.ts';\nexport const guards = { isReady } as const;",
      },
    ],
    [
      'a spread',
      {
        'machine.ts': `${imports}const own = { isReady };\nexport const machine = setup({ guards: { ...own } }).createMachine(${config});`,
      },
    ],
    [
      'Object.assign',
      {
        'machine.ts': `${imports}const own = { isReady };\nexport const machine = setup({ guards: Object.assign({}, own) }).createMachine(${config});`,
      },
    ],
    [
      'a table that is computed key by key',
      {
        'machine.ts': `${imports}const table = { isReady, other: () => 1 };\nconst made = Object.fromEntries(Object.keys(table).map((key) => [key, table[key]]));\nexport const machine = setup({ guards: made }).createMachine(${config});`,
      },
    ],
    [
      'a function that makes the machine',
      {
        'machine.ts': `${imports}const make = (guards) => setup({ guards }).createMachine(${config});\nexport const machine = make({ isReady });`,
      },
    ],
    [
      'imports without extension',
      {
        'machine.ts': `import { setup } from 'xstate';\nimport { isReady } from './rules';\nexport const machine = setup({ guards: { isReady } }).createMachine(${config});`,
      },
    ],
    [
      'an alias of tsconfig.json',
      {
        'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }',
        'machine.ts': `import { setup } from 'xstate';\nimport { isReady } from '@/rules';\nexport const machine = setup({ guards: { isReady } }).createMachine(${config});`,
      },
    ],
    [
      'an alias of a tsconfig.json that another refers to',
      {
        'tsconfig.json':
          '{ "files": [], "references": [{ "path": "./tsconfig.node.json" }, { "path": "./tsconfig.app.json" }] }',
        'tsconfig.node.json': '{ "compilerOptions": {}, "include": ["vite.config.ts"] }',
        'tsconfig.app.json': '{ "compilerOptions": { "paths": { "@/*": ["./*"] } }, "include": ["."] }',
        'machine.ts': `import { setup } from 'xstate';\nimport { isReady } from '@/rules';\nexport const machine = setup({ guards: { isReady } }).createMachine(${config});`,
      },
    ],
    [
      'a destructured part',
      {
        'machine.ts': `${imports}const parts = { guards: { isReady } };\nconst { guards } = parts;\nexport const machine = setup({ guards }).createMachine(${config});`,
      },
    ],
  ])('lead from a name to the rule and all that it reads: %s', async (_, files) => {
    const sources = await sourcesOf({ 'rules.ts': rules, ...files });
    expect(reach(sources, 'isReady')).toEqual(expect.arrayContaining(['deep', 'limit']));
    expect(reach(sources, 'isReady')).not.toContain('table');
    expect(indexSources(sources).rule('isReady')).toEqual({
      path: 'rules.ts',
      line: 1,
      body: 'export const isReady = () => deep() > limit;',
    });
  });

  it('lead through CommonJS', async () => {
    const sources = await sourcesOf(
      {
        'package.json': '{}',
        'rules.js': 'const limit = 2;\nexports.isReady = () => limit > 1;\n',
        'machine.js': `const { createMachine } = require('xstate');\nconst { isReady } = require('./rules');\nmodule.exports = { machine: createMachine(${config}, { guards: { isReady } }) };\n`,
      },
      'machine',
      'machine.js',
    );
    expect(reach(sources, 'isReady')).toContain('limit');
  });

  it('lead to everything, where a table cannot be followed', async () => {
    const sources = await sourcesOf({
      'rules.ts': rules,
      'machine.ts': `${imports}const made = Object.fromEntries([['is' + 'Ready', isReady]]);\nexport const machine = setup({ guards: made }).createMachine(${config});`,
    });
    expect(reach(sources, null)).toEqual(expect.arrayContaining(['isReady', 'deep', 'limit']));
  });

  it('lead to the whole module, where no machine can be seen', async () => {
    const sources = await sourcesOf({
      'rules.ts': rules,
      'machine.ts': `${imports}export const machines = [createMachine(${config}, { guards: { isReady } })];`,
    });
    expect(reach(sources, null)).toEqual(expect.arrayContaining(['isReady', 'deep', 'limit']));
  });

  it('hold what is put into a table after it was declared', async () => {
    const sources = await sourcesOf({
      'rules.ts':
        'const late = () => true;\nconst table: Record<string, () => boolean> = {};\ntable.late = late;\nexport const isReady = () => table.late!();\n',
      'machine.ts': `${imports}export const machine = setup({ guards: { isReady } }).createMachine(${config});`,
    });
    expect(reach(sources, 'isReady')).toContain('late');
  });

  it('are known of one of several machines by its name', async () => {
    const text = `${imports}export const first = createMachine(${config}, { guards: { isReady: () => true } });\nexport const second = createMachine(${config}, { guards: { isReady } });`;
    expect(reach(await sourcesOf({ 'rules.ts': rules, 'machine.ts': text }, 'first'), 'isReady')).toEqual([]);
    expect(reach(await sourcesOf({ 'rules.ts': rules, 'machine.ts': text }, 'second'), 'isReady')).toContain(
      'limit',
    );
  });
});

describe('the index of sources', () => {
  it('holds whole bodies, whatever brackets their parameters have', async () => {
    const body =
      'export const isReady = (\n  context: { readonly size: number },\n  event: { readonly type: string },\n): boolean => {\n  return context.size > 3;\n};';
    const sources = await sourcesOf({
      'rules.ts': `${body}\n`,
      'machine.ts': `${imports}export const machine = setup({\n  guards: {\n    isReady: ({ context, event }) =>\n      isReady(context, event),\n    isOwn: () =>\n      true,\n  },\n}).createMachine(${config});`,
    });
    const index = indexSources(sources);
    expect(index.rule('isReady')).toEqual({ path: 'rules.ts', line: 1, body });
    expect(index.binding('isReady')).toEqual({
      path: 'machine.ts',
      line: 5,
      body: 'isReady: ({ context, event }) =>\n  isReady(context, event)',
    });
    expect(index.rule('isOwn')).toEqual(index.binding('isOwn'));
    expect(index.rule('isNowhere')).toBeNull();
  });
});
