import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
  let before: { readonly status: number | null; readonly stale: readonly string[] };
  let redrawn: typeof before;
  const pages: string[] = [];

  const replace = (path: string, from: string | RegExp, to: string): void => {
    const text = readFileSync(join(folder, path), 'utf8');
    const changed = text.replaceAll(from as string, to);
    expect(changed).not.toBe(text);
    writeFileSync(join(folder, path), changed);
  };
  const staleIn = (directory: string): readonly string[] =>
    before.stale.filter((path) => path.startsWith(directory));

  // A run takes long: the changes are independent, and each is told by the names of what is stale.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'raftchart-generate-'));
    const root = packageRoot();
    const documents = [
      'docs/house.json',
      'docs/stories.md',
      'docs/protocol.md',
      'docs/commands.md',
      'ARCHITECTURE.md',
    ];
    for (const part of ['machines', 'src', 'test', 'diagrams', ...documents, 'package.json']) {
      cpSync(join(root, part), join(folder, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));

    replace('machines/raft/raft.machine.ts', "'isStaleRequest'", "'isOldRequest'");
    replace('machines/raft/guards.ts', 'isStaleRequest: guard(', 'isOldRequest: guard(');
    replace(
      'machines/log-writer.machine.ts',
      "'The write waits for the next sync.'",
      "'The next sync covers it.'",
    );
    replace('src/check/budget.ts', /^/g, "import type {} from '../ports/log.ts';\n");
    replace('docs/house.json', 'what people run on a node', 'what is run on a node');
    replace('src/simulate/scenario/text/verbs.ts', "'these messages are lost'", "'they are lost'");
    replace('src/cli/play/play-command.ts', 'write the page there instead', 'write it there instead');
    writeFileSync(join(folder, 'diagrams/raft/role-observer.light.svg'), '');
    rmSync(join(folder, 'diagrams/client-session/full.dot'));

    before = run(folder, '--check');
    pages.push(readFileSync(join(folder, 'ARCHITECTURE.md'), 'utf8'));
    expect(run(folder).status).toBe(0);
    pages.push(readFileSync(join(folder, 'ARCHITECTURE.md'), 'utf8'));
    redrawn = run(folder, '--check');
  }, 240_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are stale, by name, when a guard has another name', () => {
    expect(before.status).toBe(1);
    for (const name of [
      'overview.light.svg',
      'overview.dark.svg',
      'gate.mmd',
      'full.dot',
      'raft.scxml',
      'raft.stately.json',
    ]) {
      expect(before.stale).toContain(`diagrams/raft/${name}`);
    }
    expect(before.stale).toContain('docs/protocol.md');
  });

  it('are stale when a sentence of one chart changes, where that is written', () => {
    expect(before.stale).toContain('diagrams/log-writer/full.light.svg');
    expect(staleIn('diagrams/log-writer/outline')).toEqual([]);
  });

  it('are stale when a room imports one more room, or what it is changes', () => {
    expect(before.stale).toEqual(
      expect.arrayContaining(['diagrams/house.light.svg', 'diagrams/house.dark.svg', 'ARCHITECTURE.md']),
    );
    const [old, now] = pages;
    expect(old).toMatch(/`src\/check\/` \| .* \| nothing \|/);
    expect(now).toMatch(/`src\/check\/` \| .* \| ports \|/);
    expect(now).toContain('| what is run on a node |');
  });

  it('are stale when a verb of the stories means something else', () => {
    expect(before.stale).toContain('docs/stories.md');
  });

  it('are stale when an option of a command says something else', () => {
    expect(before.stale).toContain('docs/commands.md');
  });

  it('are stale when a file is missing or belongs to no chart', () => {
    expect(before.stale).toContain('diagrams/client-session/full.dot');
    expect(before.stale).toContain('diagrams/raft/role-observer.light.svg');
  });

  it('are as they were where nothing of theirs has changed', () => {
    const causes = [
      ...staleIn('diagrams/raft/'),
      ...staleIn('diagrams/log-writer/'),
      'diagrams/client-session/full.dot',
      'diagrams/house.light.svg',
      'diagrams/house.dark.svg',
      'docs/protocol.md',
      'docs/stories.md',
      'docs/commands.md',
      'ARCHITECTURE.md',
    ];
    expect(before.stale.toSorted()).toEqual(causes.toSorted());
  });

  it('are fresh once they are drawn anew, and the file of no chart is gone', () => {
    expect(redrawn).toEqual({ status: 0, stale: [] });
    expect(existsSync(join(folder, 'diagrams/raft/role-observer.light.svg'))).toBe(false);
  });
});
