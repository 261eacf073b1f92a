import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Tokens } from '../../../src/store/http/access/tokens.ts';
import { raftchart } from '../run-raftchart.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-token-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'tokens');

describe('raftchart token', () => {
  it('prints a token, and adds its hash to the file, which only its owner reads', async () => {
    const first = await raftchart('token', 'write', 'alice', '--file', file);
    const second = await raftchart('token', 'read', 'bob', '--file', file);
    expect([first.code, second.code]).toEqual([0, 0]);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain(first.stdout.trim());
    const tokens = Tokens.parse(text);
    expect(tokens.bearerOf(`Bearer ${first.stdout.trim()}`)).toEqual({ name: 'alice', permission: 'write' });
    expect(tokens.bearerOf(`Bearer ${second.stdout.trim()}`)).toEqual({ name: 'bob', permission: 'read' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    // As some editors leave it.
    writeFileSync(file, text.trimEnd());
    const { stdout } = await raftchart('token', 'admin', 'carol', '--file', file);
    const all = Tokens.parse(readFileSync(file, 'utf8'));
    const known = [first, second, { stdout }].map(
      (each) => all.bearerOf(`Bearer ${each.stdout.trim()}`)?.name,
    );
    expect(known).toEqual(['alice', 'bob', 'carol']);
  });

  it('writes the token to a new file for its owner alone, and never over another one', async () => {
    const [hashes, out] = [join(directory, 'hashes'), join(directory, 'secret')];
    const flags = ['token', 'read', 'dave', '--file', hashes, '--out', out];
    expect(await raftchart(...flags)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const [token, known] = [readFileSync(out, 'utf8'), readFileSync(hashes, 'utf8')];
    expect(Tokens.parse(known).bearerOf(`Bearer ${token.trim()}`)).toEqual({
      name: 'dave',
      permission: 'read',
    });
    const { code, stderr } = await raftchart(...flags);
    expect(stderr).toMatch(/^cannot write \S+secret: EEXIST[^\n]*\n$/);
    expect(code).toBe(2);
    expect([readFileSync(out, 'utf8'), readFileSync(hashes, 'utf8')]).toEqual([token, known]);
  });

  it.each([
    [['everything', 'alice'], /permission.*read, write, admin/],
    [['read', 'al ice'], /is not a valid token file: line \d: expected sha256:/],
    [['read', 'alice', '--file', directory], /^cannot read .*: EISDIR/],
    [['read', 'alice', '--file', '/proc/x/y'], /^cannot write \/proc\/x\/y: ENOENT/],
  ])('refuses %j in one line', async (args, line) => {
    const { code, stdout, stderr } = await raftchart('token', '--file', file, ...args);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('adds nothing to a file that is none', async () => {
    const other = join(directory, 'other');
    writeFileSync(other, 'hello');
    const { code, stderr } = await raftchart('token', 'read', 'alice', '--file', other);
    expect(stderr).toMatch(/other is not a valid token file: line 1: /);
    expect(code).toBe(2);
    expect(readFileSync(other, 'utf8')).toBe('hello');
  });
});
