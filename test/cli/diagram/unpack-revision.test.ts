import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadVersion } from '../../../src/cli/diagram/revision.ts';
import { unpackRevision } from '../../../src/cli/diagram/unpack-revision.ts';
import { projectOf, removeProjects } from '../machine/module-folder.ts';

removeProjects();

afterEach(() => vi.unstubAllEnvs());

/** A workspace of two packages: the machine in one imports its rule from the other. Two revisions, of which the working tree is the second. */
const workspace = (): string => {
  const folder = projectOf(
    {
      'package.json': '{ "workspaces": ["packages/*"] }',
      '.gitignore': 'node_modules\n',
      'packages/rules/package.json': '{ "name": "@shop/rules", "exports": "./index.ts" }',
      'packages/rules/index.ts': "export const next = 'old';\n",
      'packages/app/package.json': '{ "name": "app" }',
      'packages/app/own#machines/shop.ts':
        "import { createMachine } from 'xstate';\nimport { next } from '@shop/rules';\nexport const other = createMachine({ id: 'other' });\nexport const shop = createMachine({ initial: next, states: { [next]: {} } });\n",
    },
    [],
  );
  const xstate = join(realpathSync(import.meta.dirname), '../../../node_modules/xstate');
  mkdirSync(join(folder, 'packages/app/node_modules/@shop'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(xstate, join(folder, 'packages/app/node_modules/xstate'));
  symlinkSync(join(folder, 'packages/rules'), join(folder, 'packages/app/node_modules/@shop/rules'));
  const git = (...args: readonly string[]) => {
    const { status, stderr } = spawnSync(
      'git',
      ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-C', folder, ...args],
      { encoding: 'utf8' },
    );
    expect(stderr === '' || status === 0, stderr).toBe(true);
  };
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'one');
  writeFileSync(join(folder, 'packages/rules/index.ts'), "export const next = 'now';\n");
  git('commit', '-qam', 'two');
  return folder;
};

const flags = { loadTimeout: 60_000, verbose: false };

describe('a revision', () => {
  it('is read with the packages of its workspace as they were then, and installed ones of each folder', async () => {
    const folder = workspace();
    const initial = async (operand: string) =>
      (await loadVersion(operand, 'raft', flags)).chart.root.initial.map((id) =>
        id.replace('(machine).', ''),
      );
    vi.stubEnv('GIT_DIR', join(folder, '.git'));
    vi.stubEnv('GIT_WORK_TREE', folder);
    const file = 'packages/app/own#machines/shop.ts';
    expect(await initial(`HEAD~1:${file}#shop`)).toEqual(['old']);
    expect(await initial(`HEAD:${file}#shop`)).toEqual(['now']);
    await expect(loadVersion(`HEAD:${file}`, 'raft', flags)).rejects.toThrow(
      `HEAD:${file} exports several machines; choose one as HEAD:${file}#NAME: other, shop`,
    );
  });

  it('and the file beside it name places from the top of the repository', async () => {
    const folder = workspace();
    vi.stubEnv('GIT_DIR', join(folder, '.git'));
    vi.stubEnv('GIT_WORK_TREE', folder);
    const file = 'packages/app/own#machines/shop.ts#shop';
    const paths = async (operand: string) =>
      (await loadVersion(operand, 'raft', flags, true)).sources?.declarations.map(({ path }) => path);
    const places = await paths(`HEAD:${file}`);
    expect(places).toContain('packages/app/own#machines/shop.ts');
    expect(await paths(join(folder, file))).toEqual(places);
  });

  it('without the chart of this repository says how to name a file in it', async () => {
    const folder = workspace();
    vi.stubEnv('GIT_DIR', join(folder, '.git'));
    vi.stubEnv('GIT_WORK_TREE', folder);
    await expect(loadVersion('HEAD', 'raft', flags)).rejects.toThrow(
      'HEAD has no machines/raft/raft.machine.ts: for a machine of your own write HEAD:FILE, or HEAD:FILE#NAME',
    );
  });

  it('is removed when it is no longer needed', () => {
    const { folder, remove } = unpackRevision('HEAD', 'HEAD');
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toContain('raftchart');
    remove();
    expect(() => readFileSync(join(folder, 'package.json'))).toThrow(/ENOENT/);
  });
});
