/**
 * Changes each function, each table entry and each constant of our charts, one at a time, and has `diff` report it: with the
 * changed lines, and with the guards, actions and transitions that use it. `npm run diff:nightly`; `--command 5` also runs every
 * fifth through `raftchart diff HEAD~1 HEAD` in a git repository.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { chartFiles, copyCharts, type RuleChange, ruleChanges } from './rule-changes.ts';
import { SourceComparison } from './source-comparison.ts';

const { values } = parseArgs({ options: { command: { type: 'string', default: '25' } } });
const folder = mkdtempSync(join(tmpdir(), 'raftchart-rules-'));
const git = (...args: readonly string[]) =>
  spawnSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], { cwd: folder });

const missed: string[] = [];
const unreached: string[] = [];
const totals = { changed: 0, reported: 0, commands: 0 };

const check = async (comparison: SourceComparison, change: RuleChange): Promise<void> => {
  const original = readFileSync(join(folder, change.path), 'utf8');
  if (!comparison.reaches(change)) {
    unreached.push(`${change.path} ${change.name}`);
    return;
  }
  totals.changed++;
  try {
    writeFileSync(join(folder, change.path), change.text);
    const problems = await comparison.problemsWith([change]);
    if (problems.length === 0) totals.reported++;
    missed.push(...problems);
    if (totals.changed % Number(values.command) === 0) checkCommand(comparison, change);
  } finally {
    writeFileSync(join(folder, change.path), original);
  }
};

const checkCommand = (comparison: SourceComparison, change: RuleChange): void => {
  totals.commands++;
  git('commit', '-qam', 'changed');
  const [chart] = comparison.chartsOf(change);
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(packageRoot(), 'src/cli/raftchart.ts'), 'diff', 'HEAD~1', 'HEAD', '--exit-code', '--chart', chart!],
    { cwd: folder, encoding: 'utf8' },
  );
  git('reset', '-q', '--hard', 'HEAD~1');
  // An entry of a table may be told with the table around it.
  const isNamed = new RegExp(`^  ~ .*, ${change.path}:`, 'm').test(stdout);
  if (status !== 1 || !isNamed || !stdout.includes(change.written.trim()))
    missed.push(`${change.path} ${change.name}: raftchart diff ended with ${status} and wrote\n${stdout}`);
};

try {
  copyCharts(folder);
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n');
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'original');
  const comparison = await SourceComparison.of(folder);
  const changes = chartFiles().flatMap((path) => ruleChanges(packageRoot(), path));
  for (const change of changes) await check(comparison, change);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const each of unreached) process.stdout.write(`not reached by any chart: ${each}\n`);
for (const each of missed) process.stdout.write(`MISSED ${each}\n`);
process.stdout.write(
  `${totals.changed} changed, ${totals.reported} reported, ${missed.length} missed; ${totals.commands} of them by the command as well; ${unreached.length} no chart reaches\n`,
);
process.exitCode = missed.length === 0 ? 0 : 1;
