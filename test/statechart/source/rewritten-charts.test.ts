import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { knownCharts } from '../../../src/cli/machine/known-charts.ts';
import { chartFiles, copyCharts, rewriteCharts, ruleChanges } from './rule-changes.ts';
import { SourceComparison } from './source-comparison.ts';

let folder = '';
let comparison: SourceComparison;
const git = (...args: readonly string[]) =>
  spawnSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], { cwd: folder });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-rewritten-'));
  copyCharts(folder);
  writeFileSync(join(folder, '.gitignore'), 'node_modules\nbiome.json\n');
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'original');
  comparison = await SourceComparison.of(folder);
});

afterEach(() => {
  git('checkout', '-q', '--', '.');
  git('clean', '-fdq');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The names of all that is reported of all charts. */
const reported = async (): Promise<readonly string[]> => {
  const names: string[] = [];
  for (const { name } of knownCharts)
    for (const source of (await comparison.diffOf(name)).sources) names.push(`${name}: ${source.name}`);
  return names;
};

describe('of our charts, rewritten without a change of what they do, nothing is reported', () => {
  it('for comments', async () => {
    rewriteCharts(folder, (text) =>
      text.replace(/^(\s*)(export|const|return|if|case)\b/gm, '$1// Why.\n$1/** What. */ $2'),
    );
    expect(await reported()).toEqual([]);
  });

  it('for another format', async () => {
    const formatter = { indentStyle: 'tab', lineWidth: 50 };
    const style = {
      quoteStyle: 'double',
      semicolons: 'asNeeded',
      arrowParentheses: 'asNeeded',
      trailingCommas: 'none',
      bracketSpacing: false,
    };
    writeFileSync(
      join(folder, 'biome.json'),
      JSON.stringify({ root: true, formatter, javascript: { formatter: style } }),
    );
    const biome = join(packageRoot(), 'node_modules/@biomejs/biome/bin/biome');
    const { status, stderr } = spawnSync(process.execPath, [biome, 'format', '--write', 'machines', 'src'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    expect(String(git('diff', '--shortstat').stdout)).toMatch(/[3-9]\d files changed/);
    expect(await reported()).toEqual([]);
  });

  it('for types that are left out, and all that goes with them', async () => {
    rewriteCharts(
      folder,
      (text) =>
        ts.transpileModule(text, {
          compilerOptions: {
            target: ts.ScriptTarget.ESNext,
            module: ts.ModuleKind.ESNext,
            verbatimModuleSyntax: true,
          },
        }).outputText,
    );
    expect(await reported()).toEqual([]);
  });

  it('for a type, a file and a function with another name', async () => {
    renameSync(join(folder, 'src/raft/log-shape.ts'), join(folder, 'src/raft/shape-of-log.ts'));
    rewriteCharts(folder, (text) =>
      text
        .replace(/\bRaftContext\b/g, 'NodeMemory')
        .replaceAll('/log-shape.ts', '/shape-of-log.ts')
        .replace(/\blastTerm\b/g, 'latestTerm'),
    );
    expect(await reported()).toEqual([]);
  });
});

describe('of our charts, a changed rule is reported', () => {
  it('for each of a sample of all rules, table entries and constants', async () => {
    const changes = chartFiles().flatMap((path) => ruleChanges(packageRoot(), path));
    expect(changes.length).toBeGreaterThan(500);
    const byFile = Map.groupBy(
      changes.filter((_, at) => at % 40 === 0),
      ({ path }) => path,
    );
    // One of each file at a time: each comparison reads all of a chart again.
    for (let round = 0; round < Math.max(...[...byFile.values()].map(({ length }) => length)); round++) {
      const made = [...byFile.values()].flatMap((each) => each.slice(round, round + 1));
      for (const { path, text } of made) writeFileSync(join(folder, path), text);
      expect(await comparison.problemsWith(made)).toEqual([]);
      git('checkout', '-q', '--', '.');
    }
  });

  it('by raftchart diff between two revisions, with an exit code and the branches that ask it', () => {
    const path = join(folder, 'src/raft/election.ts');
    const text = readFileSync(path, 'utf8');
    const body = /(export const isLogBehind = [\s\S]*?boolean => \{\n)[\s\S]*?(^\};)/m;
    writeFileSync(path, text.replace(body, '$1  return false;\n$2'));
    git('commit', '-qam', 'every log will do');
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(packageRoot(), 'src/cli/raftchart.ts'), 'diff', 'HEAD~1', 'HEAD', '--exit-code'],
      { cwd: folder, encoding: 'utf8' },
    );
    git('reset', '-q', '--hard', 'HEAD~1');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ {2}~ isLogBehind, src\/raft\/election\.ts:\d+$/m);
    expect(stdout).toContain('+   return false;');
    expect(stdout).toContain('follower: RequestVote [isLogBehind] / denyVote');
  });
});
