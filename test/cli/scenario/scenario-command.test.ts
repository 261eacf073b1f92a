import { CommanderError } from 'commander';
import { afterEach, expect, it, vi } from 'vitest';
import { scenarioCommand } from '../../../src/cli/scenario/scenario-command.ts';

const run = async (...words: readonly string[]) => {
  const written: string[] = [];
  const errors: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const command = scenarioCommand()
    .exitOverride()
    .configureOutput({ writeErr: (text) => errors.push(text) });
  const failure = await command.parseAsync(words, { from: 'user' }).then(
    () => null,
    (error: unknown) => error as CommanderError,
  );
  return { stdout: written.join(''), stderr: errors.join(''), failure };
};

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

it('raftchart scenario lists the stories', async () => {
  const { stdout } = await run();
  expect(stdout).toMatch(/^golden +A fixed client session/);
  expect((await run('--list')).stdout).toBe(stdout);
});

it('raftchart scenario NAME exits with 0 if all of it holds', async () => {
  const { stdout } = await run('election');
  expect(stdout).toContain('leads term 1: leader');
  expect(process.exitCode).toBe(0);
});

it('raftchart scenario tells other delays with another seed, and the same with the same', async () => {
  const { stdout } = await run('golden', '--seed', '2');
  expect((await run('golden', '--seed', '1')).stdout).not.toBe(stdout);
  expect((await run('golden', '--seed', '2')).stdout).toBe(stdout);
});

it('raftchart scenario refuses an unknown name with exit code 2 and one line that lists the names', async () => {
  const { failure, stderr } = await run('nope');
  expect(failure).toBeInstanceOf(CommanderError);
  expect(failure!.exitCode).toBe(2);
  expect(stderr).toMatch(/^[^\n]*there is no scenario "nope"; choose one of golden, election, [^\n]*\n$/);
});

it('raftchart scenario refuses a seed that is no number', async () => {
  const { failure, stderr } = await run('golden', '--seed', 'x');
  expect(failure).toBeInstanceOf(CommanderError);
  expect(stderr).toMatch(/expected a whole number, got "x"/);
});
