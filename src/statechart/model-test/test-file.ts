import type { ModelPath, ModelStep } from '../paths/model-path.ts';
import { jsLiteral } from './js-literal.ts';

export type Runner = 'vitest' | 'node' | 'jest';

export interface TestFile {
  readonly runner: Runner;
  /** The command that writes it, for whoever reads it. */
  readonly command: string;
  /** What the tests are called together. */
  readonly title: string;
  /** The module of the machine as the file imports it, and the name of the machine there: `default`, `lamp`, `machines.lamp`. */
  readonly machine: { readonly module: string; readonly name: string };
  /** The module whose default export says how the system is driven; null: the machine itself is the system. */
  readonly model: string | null;
  readonly paths: readonly ModelPath[];
}

const imports: Readonly<Record<Runner, readonly string[]>> = {
  vitest: ["import { describe, it } from 'vitest';"],
  node: ["import { describe, it } from 'node:test';"],
  // describe and it are globals there.
  jest: [],
};

/** Paths as one file of tests that needs nothing but its imports; plain JavaScript. Throws `NotWritable`. */
export const testFile = ({ runner, command, title, machine, model, paths }: TestFile): string => {
  const { statement, expression } = importOf(machine);
  const names = model === null ? 'createModelTest, runningMachine' : 'createModelTest';
  return [
    `// Written by \`${command}\`; after a change of the machine, write it anew and look at what has changed.`,
    ...imports[runner],
    `import { ${names} } from 'raftchart/model-test';`,
    statement,
    ...(model === null ? [] : [`import model from ${quoted(model)};`]),
    '',
    ...(model === null
      ? [
          '// Here the machine itself runs. Write the file with --model MODULE to test a system of your own.',
          `const test = createModelTest(${expression}, runningMachine(${expression}, { events: ${typesOf(paths)} }));`,
        ]
      : [`const test = createModelTest(${expression}, model);`]),
    '',
    `describe(${jsLiteral(title)}, () => {`,
    ...paths.flatMap((path, at) => [...(at === 0 ? [] : ['']), ...testOf(path)]),
    '});',
    '',
  ].join('\n');
};

const testOf = ({ id, title, state, input, steps }: ModelPath): readonly string[] => [
  `  it(${jsLiteral(`${title} [${id}]`)}, () =>`,
  `    test.run({`,
  `      id: ${jsLiteral(id)},`,
  `      title: ${jsLiteral(title)},`,
  ...(input === undefined ? [] : [`      input: ${jsLiteral(input)},`]),
  `      state: ${jsLiteral(state)},`,
  '      steps: [',
  ...steps.map((step) => `        ${stepLiteral(step)},`),
  '      ],',
  '    }));',
];

const stepLiteral = ({ event, isTimer, waitMs, state, transitions }: ModelStep): string =>
  jsLiteral({ event, isTimer, waitMs, state, transitions });

/** What a wildcard takes is in no chart. */
const typesOf = (paths: readonly ModelPath[]): string => {
  const outside = paths.flatMap(({ steps }) => steps.filter(({ isTimer }) => !isTimer));
  const types = [...new Set(outside.map(({ event }) => event.type))].toSorted();
  return jsLiteral(Object.fromEntries(types.map((type) => [type, [{}]])));
};

const importOf = ({ module, name }: TestFile['machine']): { statement: string; expression: string } => {
  if (name === 'default')
    return { statement: `import machine from ${quoted(module)};`, expression: 'machine' };
  const [first, ...inner] = name.split('.') as [string, ...string[]];
  const isFree = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(first) && !taken.has(first);
  const rest = inner.map((key) => `[${jsLiteral(key)}]`).join('');
  if (isFree && first !== 'default') {
    return { statement: `import { ${first} } from ${quoted(module)};`, expression: `${first}${rest}` };
  }
  return {
    statement: `import * as machines from ${quoted(module)};`,
    expression: `machines[${jsLiteral(first)}]${rest}`,
  };
};

const taken: ReadonlySet<string> = new Set([
  'test',
  'model',
  'describe',
  'it',
  'createModelTest',
  'runningMachine',
]);

const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll("'", "\\'").replaceAll('\\"', '"')}'`;
