import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { diagramCommand } from '../../../src/cli/diagram/diagram-command.ts';
import { diffCommand } from '../../../src/cli/diagram/diff-command.ts';
import { linksFrom, packageRoot } from '../../../src/cli/diagram/sources.ts';
import type { SourceIndex } from '../../../src/statechart/read/source-index.ts';
import { indexTests } from '../../../src/statechart/read/test-index.ts';
import { parseXml } from '../../statechart/draw/xml-tree.ts';
import '../compile-cache.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-commands-'));
  const light = (next: string, guard: string) =>
    `export const lightMachine = createMachine({ id: 'light', initial: 'red', states: { red: { after: { 1000: { guard: '${guard}', target: '${next}' } } }, green: {} } });\n`;
  const file = (name: string, text: string) =>
    writeFileSync(
      join(folder, name),
      `import { createMachine } from '${join(packageRoot(), 'node_modules/xstate/dist/xstate.cjs.mjs')}';\n${text}`,
    );
  file('old.ts', light('green', 'isClear'));
  file('new.ts', light('green', 'isEmpty'));
  file(
    'two.ts',
    `${light('green', 'isClear')}export const otherMachine = createMachine({ id: 'other', initial: 'on', states: { on: {} } });\n`,
  );
  file(
    'ends.ts',
    "export const machine = createMachine({ id: 'ends', entry: () => {}, initial: 'a', states: { a: { type: 'final', on: { go: '#ends' } } } });\n",
  );
  file('none.ts', 'export const nothing = typeof createMachine;\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = async (...args: readonly string[]) => {
  let written = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  process.exitCode = 0;
  try {
    const program = new Command('raftchart').addCommand(diagramCommand()).addCommand(diffCommand());
    for (const each of program.commands) each.exitOverride().configureOutput({ writeErr: () => {} });
    await program
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseAsync(args, { from: 'user' });
    return { written, exitCode: process.exitCode, error: null };
  } catch (error) {
    return { written, exitCode: null, error: (error as Error).message };
  } finally {
    stdout.mockRestore();
    process.exitCode = 0;
  }
};

describe('raftchart diagram', () => {
  it('draws the role chart as SVG, with links to where its rules stand', async () => {
    const { written } = await run('diagram');
    expect(parseXml(written).name).toBe('svg');
    expect(written).toMatch(/href="[^"]*src\/raft\/election\.ts#L\d+"/);
  });

  it.each(['mermaid', 'svg', 'dot', 'scxml', 'stately', 'json', 'layout'])(
    'writes %s of any machine by its file',
    async (format) => {
      const { written } = await run('diagram', join(folder, 'old.ts'), '--format', format, '--view', 'full');
      expect(written).toContain('isClear');
    },
  );

  it('writes into a file, with links as seen from there, and says which directory it made', async () => {
    const out = join(folder, 'pictures', 'new', 'leader.svg');
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    await run('diagram', 'raft', '--view', 'role=leader', '-o', out);
    await run('diagram', 'raft', '--view', 'role=leader', '-o', out);
    const said = stderr.mock.calls.map(([text]) => text);
    stderr.mockRestore();
    expect(said).toEqual([`made the directory ${join(folder, 'pictures')}\n`]);
    const there = relative(dirname(out), join(packageRoot(), 'src/raft'));
    expect(readFileSync(out, 'utf8')).toContain(`href="${there}/`);
  });

  it('says on standard error what the JSON for Stately leaves out', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    await run('diagram', join(folder, 'ends.ts'), '--format', 'stately');
    await run('diagram', join(folder, 'old.ts'), '--format', 'stately');
    const said = stderr.mock.calls.map(([text]) => text);
    stderr.mockRestore();
    expect(said).toEqual(['left out: inline action at entry\n']);
  });

  it('takes one of several machines by its name', async () => {
    const { written } = await run(
      'diagram',
      join(folder, 'two.ts'),
      '--export',
      'otherMachine',
      '--format',
      'json',
    );
    expect(JSON.parse(written).id).toBe('other');
  });

  it.each([
    [
      ['diagram', 'paxos'],
      'no chart and no file called paxos; charts: raft, log-writer, peer-link, client-session',
    ],
    [
      ['diagram', '{folder}/ends.ts', '--format', 'scxml'],
      'SCXML cannot say transitions or actors of a final state: ends.a',
    ],
    [['diagram', 'peer-link', '--view', 'gate'], 'peerLink has no gate: its root decides nothing by guards'],
    [
      ['diagram', 'raft', '--view', 'role=king'],
      'raft has no top state king; it has: follower, preCandidate, candidate, leader',
    ],
    [
      ['diagram', 'raft', '--export', 'zz'],
      '--export is for modules: raft is a chart of raftchart, and there is no such file',
    ],
    [['diagram', ''], 'an empty text names no machine: expected FILE or FILE#NAME'],
    [['diff', 'HEAD', ''], 'an empty text names no machine: expected FILE or FILE#NAME'],
    [['diagram', 'raft', '--view', 'side'], /expected outline, overview, full, gate or role=<name>/],
    [
      ['diagram', '{folder}/two.ts'],
      /two\.ts exports several machines; choose one as .*two\.ts#NAME: lightMachine, otherMachine$/,
    ],
    [['diagram', '{folder}/none.ts'], /exports no XState 5 machine$/],
    [['diff', 'HEAD', 'no-such-thing'], 'no-such-thing is neither a file nor a git revision'],
    [['diff', 'HEAD:README.nothing', 'HEAD'], 'HEAD has no README.nothing'],
  ] as const)('says in one line what is wrong with %j', async (args, expected) => {
    const { error } = await run(...args.map((arg) => arg.replace('{folder}', folder)));
    expect(error).toMatch(expected);
    expect(error).not.toContain('\n');
  });
});

describe('raftchart diff', () => {
  it('compares two files, and exits with 1 only if asked to', async () => {
    const files = [join(folder, 'old.ts'), join(folder, 'new.ts')];
    const asked = await run('diff', ...files, '--exit-code');
    expect(asked.exitCode).toBe(1);
    expect(asked.written).toContain('- guard: isClear');
    expect(asked.written).toContain('+ guard: isEmpty');
    expect((await run('diff', ...files)).exitCode).toBe(0);
    expect((await run('diff', files[0]!, files[0]!, '--exit-code')).exitCode).toBe(0);
  });

  it('draws the difference', async () => {
    const { written } = await run('diff', join(folder, 'old.ts'), join(folder, 'new.ts'), '--format', 'svg');
    expect(parseXml(written).name).toBe('svg');
    expect(written).toContain('isEmpty');
  });

  it('draws it as the chart with the change marked, or as a list of what changed', async () => {
    const files = [join(folder, 'old.ts'), join(folder, 'new.ts')];
    const chart = await run('diff', ...files, '--format', 'svg', '--view', 'outline');
    const list = await run('diff', ...files, '--format', 'svg', '--view', 'list');
    for (const { written } of [chart, list]) expect(parseXml(written).name).toBe('svg');
    expect(chart.written).toContain('starts here');
    expect(list.written).not.toContain('starts here');
    expect(list.written).toContain('isEmpty');
  });

  it('tells it to programs', async () => {
    const { written } = await run('diff', join(folder, 'old.ts'), join(folder, 'new.ts'), '--format', 'json');
    const { format, version, isEmpty, transitions } = JSON.parse(written);
    expect({ format, version, isEmpty }).toEqual({ format: 'raftchart-diff', version: 1, isEmpty: false });
    expect(transitions).toMatchObject([
      { change: 'changed', fields: [{ field: 'guard', before: 'isClear', after: 'isEmpty' }] },
    ]);
  });

  it('draws it as a PNG', async () => {
    const png = join(folder, 'difference.png');
    await run('diff', join(folder, 'old.ts'), join(folder, 'new.ts'), '--format', 'png', '-o', png);
    expect(readFileSync(png).subarray(1, 4).toString()).toBe('PNG');
  });

  it('draws it in Mermaid, though not as a list', async () => {
    const files = [join(folder, 'old.ts'), join(folder, 'new.ts')];
    const { written } = await run('diff', ...files, '--format', 'mermaid', '--view', 'outline');
    expect(written).toMatch(/^stateDiagram-v2\n/);
    expect(written).toContain('#126; after 1000 ms [isEmpty]');
    const { error } = await run('diff', ...files, '--format', 'mermaid', '--view', 'list');
    expect(error).toBe(
      '--format mermaid draws no list: choose --view outline, overview, full, gate or role=<name>',
    );
  });

  it('writes no picture and no JSON of a file that has one version only, and tells why on stderr', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const args = ['diff', '--at', 'door.ts', '/dev/null', join(folder, 'old.ts')];
      const line = 'door.ts is new: there are no two versions to compare\n';
      expect(await run(...args)).toEqual({ written: line, exitCode: 0, error: null });
      expect(stderr).not.toHaveBeenCalled();
      expect(await run(...args, '--format', 'json', '--exit-code')).toEqual({
        written: '',
        exitCode: 1,
        error: null,
      });
      expect(stderr.mock.calls).toEqual([[line]]);
    } finally {
      stderr.mockRestore();
    }
  });

  it("draws it in the colours of the reader's system", async () => {
    const files = [join(folder, 'old.ts'), join(folder, 'new.ts')];
    const { written } = await run('diff', ...files, '--format', 'svg', '--theme', 'auto');
    expect(written).toContain('@media(prefers-color-scheme:dark)');
  });

  const isCheckout = spawnSync('git', ['rev-parse', '--verify', '--quiet', 'HEAD']).status === 0;

  it.skipIf(!isCheckout)(
    'compares revisions of a chart with their rules, each imported from its own tree',
    async () => {
      const { written, error } = await run('diff', 'HEAD', 'HEAD:machines/raft/raft.machine.ts');
      expect(error).toBeNull();
      expect(written).toBe('No difference.\n');
    },
  );
});

describe('links to definitions', () => {
  const index: SourceIndex = {
    rule: (name) => (name === 'isBig' ? { path: 'src/rules.ts', line: 2, body: '' } : null),
    binding: () => null,
  };

  it('are as seen from a folder', () => {
    expect(linksFrom('diagrams/raft', index)('isBig')).toBe('../../src/rules.ts#L2');
    expect(linksFrom('diagrams/raft', index)('isNowhere')).toBeNull();
  });
});

describe('the index of tests', () => {
  const index = indexTests([
    {
      path: 'test/a.test.ts',
      text: "describe('votes', () => {\n  it('are one a term (paper §5.2)', () => {\n    grantVote();\n  });\n\n  it.each([\n    ['x'],\n  ])('by %s (paper §5.2.1)', () => {\n    denyVote();\n  });\n});\n",
    },
  ]);

  it('finds tests by the rules that they call, and by the section that they cite', () => {
    expect(index.mentioning('grantVote').map(({ name }) => name)).toEqual([
      'votes: are one a term (paper §5.2)',
    ]);
    expect(index.mentioning('denyVote').map(({ name }) => name)).toEqual(['votes: by %s (paper §5.2.1)']);
    expect(index.citing('§5.2').map(({ name }) => name)).toEqual(['votes: are one a term (paper §5.2)']);
  });
});
