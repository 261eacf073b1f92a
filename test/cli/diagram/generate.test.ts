import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';

const run = (folder: string, ...flags: readonly string[]) => {
  const { status, stderr } = spawnSync(process.execPath, ['src/cli/diagram/generate.ts', ...flags], {
    cwd: folder,
    encoding: 'utf8',
  });
  const stale = stderr.split('\n').flatMap((line) => /^(\S+) is stale$/.exec(line)?.[1] ?? []);
  return { status, stale };
};

describe('generated diagrams', { timeout: 240_000 }, () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'raftchart-generate-'));
    const root = packageRoot();
    const documents = ['docs/house.json', 'docs/stories.md', 'ARCHITECTURE.md'];
    for (const part of ['machines', 'src', 'test', ...documents, 'package.json']) {
      cpSync(join(root, part), join(folder, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    expect(run(folder).status).toBe(0);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const replace = (path: string, from: string | RegExp, to: string) => {
    const before = readFileSync(join(folder, path), 'utf8');
    const after = before.replaceAll(from as string, to);
    expect(after).not.toBe(before);
    writeFileSync(join(folder, path), after);
    return () => writeFileSync(join(folder, path), before);
  };

  it('are fresh as they were written', () => {
    expect(run(folder, '--check')).toEqual({ status: 0, stale: [] });
  });

  it('are stale, by name, when a guard has another name', () => {
    const undo = [
      replace('machines/raft/raft.machine.ts', "'isStaleRequest'", "'isOldRequest'"),
      replace('machines/raft/guards.ts', 'isStaleRequest: guard(', 'isOldRequest: guard('),
    ];
    const { status, stale } = run(folder, '--check');
    for (const each of undo) each();
    expect(status).toBe(1);
    for (const name of [
      'overview.light.svg',
      'overview.dark.svg',
      'gate.mmd',
      'full.dot',
      'raft.scxml',
      'raft.stately.json',
    ]) {
      expect(stale).toContain(`diagrams/raft/${name}`);
    }
    expect(stale).toContain('docs/protocol.md');
    expect(stale.filter((path) => !path.startsWith('diagrams/raft/') && path !== 'docs/protocol.md')).toEqual(
      [],
    );
  });

  it('are stale when a sentence of one chart changes, and only those of that chart', () => {
    const undo = replace(
      'machines/log-writer.machine.ts',
      "'The write waits for the next sync.'",
      "'The next sync covers it.'",
    );
    const { stale } = run(folder, '--check');
    undo();
    expect(stale).toContain('diagrams/log-writer/full.light.svg');
    expect(
      stale.filter((path) => path.startsWith('diagrams/') && !path.startsWith('diagrams/log-writer/')),
    ).toEqual([]);
  });

  it('are stale when a room imports one more room, or what it is changes', () => {
    const undo = [
      replace('src/check/budget.ts', /^/g, "import type {} from '../ports/log.ts';\n"),
      replace('docs/house.json', 'what people run on a node', 'what is run on a node'),
    ];
    const { stale } = run(folder, '--check');
    const page = readFileSync(join(folder, 'ARCHITECTURE.md'), 'utf8');
    run(folder);
    const redrawn = readFileSync(join(folder, 'ARCHITECTURE.md'), 'utf8');
    for (const each of undo) each();
    run(folder);
    expect(stale).toEqual(['diagrams/house.light.svg', 'diagrams/house.dark.svg', 'ARCHITECTURE.md']);
    expect(page).toMatch(/`src\/check\/` \| .* \| nothing \|/);
    expect(redrawn).toMatch(/`src\/check\/` \| .* \| ports \|/);
    expect(redrawn).toContain('| what is run on a node |');
  });

  it('are stale when a verb of the stories means something else', () => {
    const undo = replace(
      'src/simulate/scenario/text/verbs.ts',
      "'these messages are lost'",
      "'they are lost'",
    );
    const { stale } = run(folder, '--check');
    undo();
    expect(stale).toEqual(['docs/stories.md']);
  });

  it('are stale when a file belongs to no chart, which is removed when they are drawn', () => {
    writeFileSync(join(folder, 'diagrams/raft/role-observer.light.svg'), '');
    expect(run(folder, '--check')).toEqual({ status: 1, stale: ['diagrams/raft/role-observer.light.svg'] });
    run(folder);
    expect(run(folder, '--check')).toEqual({ status: 0, stale: [] });
  });
});
