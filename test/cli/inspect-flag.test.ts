import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseInspectUrl } from '../../src/statechart/inspect/inspect-url.ts';

const run = (program: string, ...args: readonly string[]) => {
  const path = fileURLToPath(new URL(`../../src/cli/${program}.ts`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

describe('--inspect with something that is no address of an inspector', () => {
  it.each(['localhost:8080', 'http://localhost:8080', 'ws://', '8080'])(
    '%s is refused in one line',
    (url) => {
      expect(() => parseInspectUrl(url)).toThrow(/^expected the address of an inspector such as ws:\/\//);
    },
  );

  it('raft-node says so in one line and exits with 1', () => {
    const { status, stdout, stderr } = run('raft-node', '--id', '1', '--inspect', 'http://localhost:8080');
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^option '--inspect <url>'.*expected the address.*\n$/);
  });

  it('raftchart cluster says so in one line and exits with 2', () => {
    const { status, stdout, stderr } = run('raftchart', 'cluster', '--inspect', 'localhost');
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^option '--inspect \[url\]'.*expected the address.*\n$/);
  });
});
