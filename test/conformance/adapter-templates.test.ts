import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdapterProcess } from '../../src/cli/conformance/adapter-process.ts';
import { replayCommand } from '../../src/cli/conformance/replay-command.ts';
import type { Capabilities } from '../../src/conformance/protocol.ts';
import { reportText } from '../../src/conformance/report-text.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { initOf } from '../../src/conformance/run-path.ts';
import { pathSettings, testedNode } from '../../src/verify/paths/model-node.ts';
import type { Path, PathSet } from '../../src/verify/paths/path.ts';
import { generatedPathsFor } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';
import { adapterPatienceMs } from './adapter-patience.ts';

interface Template {
  readonly language: string;
  readonly folder: string;
  /** Each says its version, if it is on this machine. */
  readonly tools: readonly (readonly string[])[];
  /** Debian's packages that bring them. */
  readonly packages: string;
  /** The command that builds it into `out`, a file or a folder, from its own folder; null: there is nothing to build. */
  readonly build: ((out: string) => string) | null;
  /** The command that runs what was built, or its sources, from the root. */
  readonly run: (out: string) => string;
}

const templates: readonly Template[] = [
  {
    language: 'Go',
    folder: 'examples/adapters/go',
    tools: [['go', 'version']],
    packages: 'golang-go',
    build: (out) => `go build -o ${out} .`,
    run: (out) => out,
  },
  {
    language: 'Rust',
    folder: 'examples/adapters/rust',
    tools: [['rustc', '--version']],
    packages: 'rustc',
    build: (out) => `rustc -O --edition 2021 -o ${out} src/main.rs`,
    run: (out) => out,
  },
  {
    language: 'Python',
    folder: 'examples/adapters/python',
    tools: [['python3', '--version']],
    packages: 'python3',
    build: null,
    run: () => 'python3 -B examples/adapters/python/adapter.py',
  },
  {
    language: 'Java',
    folder: 'examples/adapters/java',
    tools: [
      ['javac', '-version'],
      ['java', '-version'],
    ],
    packages: 'default-jdk-headless',
    build: (out) => `javac -encoding UTF-8 -d ${out} *.java`,
    run: (out) => `java -cp ${out} Main`,
  },
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = mkdtempSync(join(tmpdir(), 'raftchart-adapters-'));
afterAll(() => rmSync(built, { recursive: true, force: true }));

const isMissing = ([tool, ...flags]: readonly string[]): boolean => spawnSync(tool!, flags).status !== 0;

/** What the planted bug breaks: one vote in a term. */
const voteRule = 'Raft paper §5.2; Figure 2, RequestVote 2';

/** The adapter's command in the README's example, and what the kit prints of it. */
const sampleIn = (readme: string): RegExpExecArray =>
  /^PLANT_BUG=1 npx raftchart conformance --adapter '(.*)' --only '.*'\n```\n\n```text\n([\s\S]*?)```$/m.exec(
    readme,
  )!;

const speaksOf = ({ steps }: Path, name: string): boolean =>
  steps.some(({ transitions }) => transitions.some(({ rule }) => rule === name));

/** Those that speak of the rule. */
const votingPathsFor = (has: Capabilities): PathSet => {
  const set = generatedPathsFor(has);
  return { ...set, paths: set.paths.filter((path) => speaksOf(path, voteRule)) };
};

for (const { language, folder, tools, packages, build, run } of templates) {
  const missing = tools.filter(isMissing).map(([tool]) => tool);
  if (missing.length > 0) {
    console.warn(
      `the adapter in ${language} is not tested here: no ${missing.join(', no ')}; apt-get install ${packages}`,
    );
  }

  describe.skipIf(missing.length > 0)(`the adapter in ${language}`, () => {
    const out = join(built, language);
    let adapter: AdapterProcess;

    beforeAll(() => {
      if (build === null) return;
      const { status, stderr } = spawnSync('sh', ['-c', build(out)], {
        cwd: join(root, folder),
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }, 120_000);

    const start = (environment = ''): AdapterProcess => {
      adapter = new AdapterProcess(`cd '${root}' && ${environment} exec ${run(out)}`, adapterPatienceMs);
      return adapter;
    };

    test(
      'passes every path that applies to it',
      async () => {
        const report = await runConformance(start(), generatedPathsFor).finally(() => adapter.close());
        expect(report.implementation.name).toBe(`example node in ${language}`);
        const findings = report.rules.flatMap(({ subjects }) => subjects.flatMap((each) => each.findings));
        expect(findings.map(({ signature, differences }) => [signature, differences])).toEqual([]);
        expect(report.paths).toMatchObject({ failed: 0, notRun: 0 });
        expect(report.paths.passed).toBeGreaterThan(400);
        expect(report.rules.filter(({ status }) => status === 'passed').length).toBeGreaterThan(20);
      },
      makingMs,
    );

    test('fails at the rule of one vote a term when it votes twice (paper §5.2)', async () => {
      const report = await runConformance(start('PLANT_BUG=1'), votingPathsFor).finally(() =>
        adapter.close(),
      );
      const failed = report.rules.filter(({ status }) => status === 'failed');
      expect(failed.map(({ rule }) => rule)).toEqual([voteRule]);
      const texts = failed.flatMap(({ subjects }) =>
        subjects.flatMap(({ findings }) =>
          findings.flatMap(({ differences }) => differences.map((d) => d.text)),
        ),
      );
      expect(texts.join('\n')).toMatch(/refused, got RequestVoteResponse of term \d: granted/);
      // The same whatever the language, as the README shows it of one.
      const [, command, sample] = sampleIn(readFileSync(join(root, 'examples/adapters/README.md'), 'utf8'));
      const replayed = reportText(report, (finding) => replayCommand({ adapter: command! }, finding));
      expect(replayed).toContain(`\n${sample}`);
    }, 120_000);

    test('hands on any text as it came', async () => {
      const commands = ['"\\/\b\f\n\r\t\u0001', 'é§ 😀 <&>', ''];
      const settings = { ...pathSettings, maxEntriesPerMessage: 10, maxMessageBytes: 1000 };
      const voters = [testedNode, 2, 3];
      const entries = commands.map((payload) => ({ term: 1, kind: 'command', payload }));
      start();
      try {
        await adapter.ask(initOf({ voters, disk: 'prompt', settings }));
        await adapter.ask({ do: 'timeout', timer: 'electionTimeout' });
        const message = {
          type: 'RequestVoteResponse',
          from: 2,
          to: testedNode,
          term: 1,
          voteGranted: true,
        } as const;
        await adapter.ask({ do: 'deliver', message });
        expect(await adapter.ask({ do: 'propose', commands })).toMatchObject({
          ok: true,
          sent: [2, 3].map((to) => ({
            type: 'AppendEntries',
            to,
            entries: [{ term: 1, kind: 'noop', payload: '' }, ...entries],
          })),
        });
      } finally {
        adapter.close();
      }
    });

    test('says what it cannot do, and goes on', async () => {
      start();
      try {
        const init = initOf({ voters: [testedNode], disk: 'prompt', settings: pathSettings });
        await adapter.ask(init);
        expect(await adapter.ask({ do: 'transfer', target: null })).toEqual({
          ok: false,
          error: 'there is no transfer here',
        });
        expect(await adapter.ask({ do: 'timeout', timer: 'quorumCheck' })).toEqual({
          ok: false,
          error: 'there is no timer quorumCheck here',
        });
        expect(await adapter.ask({ do: 'state' })).toMatchObject({ ok: true, sent: [] });
        expect(await adapter.ask({ ...init, version: 2 } as never)).toEqual({
          ok: false,
          error: 'protocol version 2: this adapter speaks 1',
        });
      } finally {
        adapter.close();
      }
    });

    test('is built and run as its README says', () => {
      const readme = readFileSync(join(root, folder, 'README.md'), 'utf8');
      if (build !== null) expect(readme).toContain(`cd ${folder} && ${build('/tmp/raft-adapter')}`);
      expect(readme).toContain(`npx raftchart conformance --adapter '${run('/tmp/raft-adapter')}'`);
    });
  });
}
