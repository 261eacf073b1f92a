import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../src/cli/diagram/sources.ts';
import { projectOf, removeProjects } from '../cli/machine/module-folder.ts';
import { parseMermaid } from '../statechart/draw/mermaid-parser.ts';

removeProjects();

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly name: string;
  readonly on: unknown;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, { readonly if?: string; readonly steps: readonly Step[] }>>;
}

const textOf = (name: string): string => readFileSync(`examples/github-actions/${name}.yml`, 'utf8');
const workflow = (name: string): Workflow => parse(textOf(name));
const stepsOf = (name: string): readonly Step[] =>
  Object.values(workflow(name).jobs).flatMap(({ steps }) => steps);
const expressionsIn = (name: string): readonly string[] =>
  [...textOf(name).matchAll(/\$\{\{ (.*?) \}\}/g)].map(([, expression]) => expression!);

describe('the workflow that compares the machines of a pull request', () => {
  it('may read and no more, has all of the history, and takes nothing of the pull request into a script', () => {
    const { on, permissions } = workflow('chart-diff');
    expect({ on, permissions }).toEqual({ on: 'pull_request', permissions: { contents: 'read' } });
    expect(stepsOf('chart-diff')[0]!.with).toMatchObject({ 'fetch-depth': 0, 'persist-credentials': false });
    expect(expressionsIn('chart-diff')).toEqual(['github.event.pull_request.number', 'github.base_ref']);
    for (const { run = '' } of stepsOf('chart-diff')) expect(run).not.toContain('${{');
  });

  const isLacking = ['git', 'bash'].some((program) => spawnSync(program, ['--version']).status !== 0);
  if (isLacking) process.stderr.write('git or bash is missing: the script of the workflow is not run\n');

  describe.skipIf(isLacking)('run in a repository', () => {
    let folder = '';
    let comment = '';
    const door = (event: string) =>
      `import { setup } from 'xstate';\nimport { isFree } from './guards.ts';\nexport const door = setup({ guards: { isFree } }).createMachine({ id: 'door', initial: 'shut', states: { shut: { on: { ${event}: { target: 'wide', guard: 'isFree' } } }, wide: {} } });\n`;

    beforeAll(() => {
      const plain =
        "import { createMachine } from 'xstate';\nexport const plain = createMachine({ id: 'plain' });\n";
      folder = projectOf(
        {
          '.gitignore': 'node_modules\nchart-diff\nbin\n',
          'our app/door.machine.ts': door('OPEN'),
          'our app/guards.ts': 'export const isFree = () => true;\n',
          'our app-door.machine.ts': door('OPEN').replace('./', './our app/'),
          'our app/old.machine.ts': plain,
          'our app/same.machine.ts': plain,
          'our app/broken.machine.ts': plain,
        },
        ['xstate', 'typescript', 'elkjs', '@resvg/resvg-js'],
      );
      const git = (...args: readonly string[]) => {
        const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
        execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
      };
      git('init', '--quiet');
      git('add', '.');
      git('commit', '--quiet', '-m', 'Base');
      git('update-ref', 'refs/remotes/origin/main', 'HEAD');
      writeFileSync(join(folder, 'our app/door.machine.ts'), door('PUSH'));
      writeFileSync(join(folder, 'our app/guards.ts'), 'export const isFree = () => false;\n');
      writeFileSync(join(folder, 'our app/fresh.machine.ts'), plain);
      writeFileSync(join(folder, 'our app/broken.machine.ts'), "throw new Error('broken by ```');\n");
      rmSync(join(folder, 'our app/old.machine.ts'));
      git('add', '.');
      git('commit', '--quiet', '-m', 'Change');
      // As npx starts the program of an installed package, without the second that npm takes.
      mkdirSync(join(folder, 'bin'));
      const program = join(packageRoot(), 'src/cli/raftchart.ts');
      const npx = `#!/bin/sh\n[ "$1" = raftchart ] && shift && exec '${process.execPath}' '${program}' "$@"\n`;
      writeFileSync(join(folder, 'bin/npx'), npx, { mode: 0o755 });
      const { run } = stepsOf('chart-diff').find((step) => step.run?.includes('raftchart'))!;
      execFileSync('bash', ['-e', '-c', run!], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          ...process.env,
          PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
          CHARTS: '*.machine.ts',
          BASE: 'main',
          GITHUB_STEP_SUMMARY: join(folder, 'chart-diff/summary.md'),
        },
      });
      comment = readFileSync(join(folder, 'chart-diff/comment.md'), 'utf8');
    }, 300_000);

    const part = (file: string): string =>
      comment.split(/^### /m).find((each) => each.startsWith(`\`${file}\`\n`)) ?? 'not in the comment';

    it('draws and lists what changed, by a file or by a rule in another', async () => {
      for (const file of ['our app/door.machine.ts', 'our app-door.machine.ts']) {
        const [, drawing = ''] = /^```mermaid\n(.*?)^```$/ms.exec(part(file)) ?? [];
        await parseMermaid(drawing);
        expect(part(file)).toContain('!   isFree, our app/guards.ts:1');
      }
      expect(part('our app/door.machine.ts')).toContain('+   shut: PUSH [isFree] → wide');
      expect(part('our app-door.machine.ts')).not.toContain('PUSH');
    });

    it('names what is new, gone or cannot be loaded, and nothing that stayed', () => {
      expect(part('our app/fresh.machine.ts')).toContain('New.');
      expect(part('our app/old.machine.ts')).toContain('Removed.');
      expect(part('our app/broken.machine.ts')).toContain(
        '\n    cannot load our app/broken.machine.ts: broken by ```\n',
      );
      expect(part('our app/same.machine.ts')).toBe('not in the comment');
      expect(comment.startsWith('<!-- raftchart diff -->\n')).toBe(true);
    });

    it('leaves pictures for the artifact, and the summary of the run', () => {
      const files = readdirSync(join(folder, 'chart-diff'), { recursive: true }).map(String).toSorted();
      const pictures = ['our app-door.machine.ts', 'our app/door.machine.ts'].flatMap((file) =>
        ['md', 'mmd', 'png', 'svg'].map((format) => `${file}.${format}`),
      );
      expect(files).toEqual(
        [...pictures, 'comment.md', 'our app', 'our app/broken.machine.ts.error', 'summary.md'].toSorted(),
      );
      expect(readFileSync(join(folder, 'chart-diff/summary.md'), 'utf8')).toBe(comment);
    });
  });
});

describe('the workflow that comments', () => {
  it('waits for the other, may write comments, and runs nothing of the pull request', () => {
    const { on, permissions, jobs } = workflow('chart-diff-comment');
    expect(on).toEqual({ workflow_run: { workflows: [workflow('chart-diff').name], types: ['completed'] } });
    expect(permissions).toEqual({ actions: 'read', 'pull-requests': 'write' });
    expect(jobs.comment!.if).toContain("workflow_run.event == 'pull_request'");
    expect(stepsOf('chart-diff-comment').map(({ uses }) => uses?.split('@')[0])).toEqual([
      'actions/download-artifact',
      'actions/github-script',
    ]);
    expect(stepsOf('chart-diff-comment')[1]!.with!.script).not.toContain('${{');
    expect(expressionsIn('chart-diff-comment')).toEqual([
      'github.event.workflow_run.head_repository.full_name',
      'github.event.workflow_run.head_branch',
      'runner.temp',
      'github.event.workflow_run.id',
      'github.token',
    ]);
  });

  interface Comment {
    readonly id: number;
    readonly user: { readonly login: string };
    readonly body: string;
  }
  const bot = { login: 'github-actions[bot]' };

  /** What the script does on a pull request of a fork that has these comments. */
  const commented = async (
    found: string,
    comments: readonly Comment[],
    sha = 'abc',
  ): Promise<readonly unknown[]> => {
    const folder = projectOf({ 'chart-diff/comment.md': found }, []);
    const done: unknown[] = [];
    const list = {
      pulls: () => [
        { number: 3, head: { sha: 'abc', repo: { id: 8 } } },
        { number: 4, head: { sha: 'abc', repo: { id: 9 } } },
      ],
      artifacts: () => [
        { id: 1, name: 'other' },
        { id: 2, name: 'chart-diff' },
      ],
      comments: () => comments,
    };
    const github = {
      paginate: async (each: () => readonly unknown[]) => each(),
      rest: {
        pulls: { list: list.pulls },
        actions: { listWorkflowRunArtifacts: list.artifacts },
        issues: {
          listComments: list.comments,
          createComment: async (given: object) => done.push({ create: given }),
          updateComment: async (given: object) => done.push({ update: given }),
        },
      },
    };
    const run = {
      id: 77,
      head_sha: sha,
      head_branch: 'topic',
      head_repository: { id: 9, owner: { login: 'fork' } },
      html_url: 'https://github.com/o/r/actions/runs/77',
    };
    const context = { repo: { owner: 'o', repo: 'r' }, payload: { workflow_run: run } };
    const script = String(stepsOf('chart-diff-comment')[1]!.with!.script);
    const make = Object.getPrototypeOf(async () => {}).constructor as FunctionConstructor;
    const act = make('github', 'context', 'core', 'require', 'process', script);
    const process = { env: { RUNNER_TEMP: folder } };
    await act(github, context, { info: () => {} }, createRequire(import.meta.url), process);
    return done;
  };

  const change = '<!-- raftchart diff -->\n### a.ts\n\nNew.\n';
  const body =
    '<!-- raftchart diff -->\n\n## State machines\n\n### a.ts\n\nNew.\n\n[Pictures, SVG and PNG](https://github.com/o/r/actions/runs/77/artifacts/2)';

  it('writes a comment on the pull request of that commit and repository', async () => {
    const others = [
      { id: 1, user: bot, body: 'a report' },
      { id: 2, user: { login: 'somebody' }, body },
    ];
    expect(await commented(change, others)).toEqual([
      { create: { owner: 'o', repo: 'r', issue_number: 4, body } },
    ]);
  });

  it('updates its comment rather than adding one, also when nothing differs any more', async () => {
    const own = [{ id: 5, user: bot, body }];
    expect(await commented(change, own)).toEqual([
      { update: { owner: 'o', repo: 'r', comment_id: 5, body } },
    ]);
    expect(await commented('<!-- raftchart diff -->\n', own)).toMatchObject([
      {
        update: {
          comment_id: 5,
          body: '<!-- raftchart diff -->\n\n## State machines\n\nNo state machine changes.',
        },
      },
    ]);
  });

  it('writes nothing where nothing differs, or where the pull request has moved on', async () => {
    expect(await commented('<!-- raftchart diff -->\n', [])).toEqual([]);
    expect(await commented(change, [], 'older')).toEqual([]);
  });

  it('keeps below the length that a comment may have', async () => {
    const [{ create }] = (await commented('x'.repeat(70_000), [])) as readonly [{ create: { body: string } }];
    expect(create.body).toContain('too long');
    expect(create.body.length).toBeLessThan(65_536);
  });
});
