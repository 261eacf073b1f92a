import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modulesOf, programHash } from '../../../src/cli/kept/program-hash.ts';
import { version } from '../../../src/cli/version.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-program-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (file: string, text: string): string => {
  const path = join(folder, file);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return pathToFileURL(path).href;
};

/** A program of several modules and packages, with some of them changed. */
const programWith = (changed: Readonly<Record<string, string>> = {}, place = '.'): string => {
  const files = {
    'package.json': '{"type":"module"}',
    'main.ts':
      "import { join } from 'node:path';\nimport { a } from './rooms/a.ts';\nexport * from \"./b.ts\";\n// see './never.ts', from './gone.ts'\n",
    'rooms/a.ts': "import '../side.ts';\nimport { c } from 'common';\nimport { m } from 'modern';\n",
    'b.ts': "const late = () => import('./late.ts');\n",
    'side.ts': 'side();\n',
    'late.ts': 'late();\n',
    'apart.ts': 'apart();\n',
    'node_modules/common/package.json': '{"name":"common","version":"1.0.0","main":"./index.js"}',
    'node_modules/modern/package.json':
      '{"name":"modern","version":"1.0.0","exports":{"import":"./index.mjs"}}',
    ...changed,
  };
  for (const [file, text] of Object.entries(files)) write(join(place, file), text);
  return pathToFileURL(join(folder, place, 'main.ts')).href;
};

describe('the hash of a program', () => {
  const hashWith = (changed?: Readonly<Record<string, string>>): string | null =>
    programHash([programWith(changed)]);

  it('is the same for the same modules', () => {
    expect(hashWith()).toMatch(/^[0-9a-f]{64}$/);
    expect(hashWith()).toBe(hashWith());
    expect(hashWith({ 'apart.ts': 'changed();\n' })).toBe(hashWith());
  });

  it.each([
    ['the first module', { 'main.ts': "import { a } from './rooms/a.ts';\n" }],
    ['a module that it imports', { 'rooms/a.ts': "import '../side.ts';\n" }],
    ['one that is exported on', { 'b.ts': 'export const b = 2;\n' }],
    ['one that is imported for its effects', { 'side.ts': 'other();\n' }],
    ['one that is imported later', { 'late.ts': 'other();\n' }],
    [
      'the version of a package',
      { 'node_modules/common/package.json': '{"name":"common","version":"1.0.1","main":"./index.js"}' },
    ],
    [
      'the version of a package that only import may load',
      {
        'node_modules/modern/package.json':
          '{"name":"modern","version":"1.0.1","exports":{"import":"./index.mjs"}}',
      },
    ],
  ])('is another one once %s changes', (_, changed) => {
    expect(hashWith(changed as Readonly<Record<string, string>>)).not.toBe(hashWith());
  });

  it('is another one for another version of Node.js or of this package', () => {
    const main = programWith();
    const hashes = [
      programHash([main]),
      programHash([main], ['v24.0.0', '0.1.0']),
      programHash([main], ['v24.0.1', '0.1.0']),
      programHash([main], ['v24.0.0', '0.1.1']),
    ];
    expect(new Set(hashes).size).toBe(4);
    expect(programHash([main], [process.version, version])).toBe(programHash([main]));
  });

  it('is the same for the same modules in another folder', () => {
    expect(programHash([programWith({}, 'elsewhere/deep')])).toBe(hashWith());
  });

  it('is not known where a module is missing', () => {
    expect(programHash([pathToFileURL(join(folder, 'missing.ts')).href])).toBeNull();
  });
});

it.each(['src/cli/paths/kept-paths.ts', 'src/cli/coverage/kept-evidence.ts'])(
  'the modules of %s are all that a bundler finds',
  async (file) => {
    const path = fileURLToPath(new URL(`../../../${file}`, import.meta.url));
    const bundle = await rolldown({ input: path, platform: 'node', external: [/^node:/], treeshake: false });
    const { output } = await bundle.generate();
    await bundle.close();
    const bundled = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
    const own = bundled.filter((id) => id.startsWith('/') && !id.includes('/node_modules/'));
    expect(own.length).toBeGreaterThan(40);
    const found = modulesOf([pathToFileURL(path).href])!;
    expect([...found.keys()]).toEqual(expect.arrayContaining(own.map((id) => pathToFileURL(id).href)));
    expect([...found.keys()].some((url) => url.endsWith('/node_modules/xstate/package.json'))).toBe(true);
  },
);
