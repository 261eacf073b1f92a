import { expect, it } from 'vitest';
import { raftchart } from '../run-raftchart.ts';

const paths = (...flags: readonly string[]) => raftchart('paths', '--nodes', '1', ...flags);

it('raftchart paths --format vitest is told what the node has not, and what it has besides', async () => {
  const flags = ['--without', 'hints,slowDisk', '--with', 'separateHeartbeats'];
  const { code, stdout } = await paths('--format', 'vitest', ...flags);
  expect(stdout).toContain('--with separateHeartbeats --without hints,slowDisk\n');
  expect(stdout).toContain('// Not applicable: its disk cannot be told to wait.\n');
  expect(code).toBe(0);
});

it('raftchart paths says that it takes a while, takes spaces in a list, and without a capability there is nothing that needs it', async () => {
  const list = ['--without', 'leaderLease, hints', '--format', 'vitest', '--no-cache'];
  const { code, stdout, stderr } = await paths(...list);
  expect(stdout).toContain('--without leaderLease,hints,leaseReads\n');
  expect(stderr).toMatch(/^generating paths from the chart: \d+ searches, some seconds\n$/);
  expect(code).toBe(0);
});

it('raftchart paths writes the same when it generates nothing, and then says nothing of it', async () => {
  const first = await paths();
  const { code, stdout, stderr } = await paths();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(first.stdout);
  expect(stdout).toBe((await paths('--no-cache')).stdout);
});

it.each([
  ['--format vitest --without magic', /--without.*"magic" is not one of preVote, leaderLease, /],
  ['--format vitest --with hints,', /--with.*"" is not one of preVote, /],
  ['--with leaseUntilTimeout --without leaderLease', /^leaseUntilTimeout needs leaderLease: /],
  ['--with members --without members', /^--with and --without both name members$/],
  ['--without magic', /--without.*"magic" is not one of preVote, leaderLease, /],
])('raftchart paths %s is answered with one line and exit code 2', async (flags, line) => {
  const { code, stdout, stderr } = await paths(...flags.split(' '));
  expect(stderr.trimEnd()).toMatch(line);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});
