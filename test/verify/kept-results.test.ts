import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOfProgram, makers, openKept } from './kept-results.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the hash under which generated tests are kept', () => {
  let copy = '';
  let before = '';

  beforeAll(async () => {
    copy = mkdtempSync(join(tmpdir(), 'raftchart-kept-'));
    for (const part of ['machines', 'src', 'test/verify', 'package.json']) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    before = await hashOfProgram(copy, makers);
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  const hashWith = async (file: string, from: string, to: string): Promise<string> => {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
    try {
      return await hashOfProgram(copy, makers);
    } finally {
      writeFileSync(path, text);
    }
  };

  it('is the same for the same sources', async () => {
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    for (let time = 0; time < 5; time++) expect(await hashOfProgram(copy, makers)).toBe(before);
  });

  it.each([
    ['a rule', 'src/raft/quorum.ts', 'present * 2 > voters.length', 'present * 2 >= voters.length'],
    ['the chart', 'machines/raft/raft.machine.ts', "guard: 'isVoteCounted'", "guard: 'isVoteQuorum'"],
    [
      'what a guard asks',
      'machines/raft/guards.ts',
      'on(voteRequest, isLogBehind)',
      'on(voteRequest, () => false)',
    ],
    [
      'how the effects of the chart are carried out',
      'src/node/machine-node.ts',
      'index <= until',
      'index < until',
    ],
    ['where a search ends', 'src/verify/paths/searches.ts', 'maxLog: 8', 'maxLog: 9'],
    [
      'what is generated for whom',
      'src/conformance/plan.ts',
      'maxMessagesInFlight: 1',
      'maxMessagesInFlight: 2',
    ],
    ['which worlds are enumerated', 'src/verify/coverage/raft-evidence.ts', 'maxTerm: 2', 'maxTerm: 3'],
    ['what the tests ask for', 'test/verify/generated-paths.ts', "cover: 'transitions'", "cover: 'pairs'"],
  ])('is another one once %s changes', async (_, file, from, to) => {
    expect(await hashWith(file, from, to)).not.toBe(before);
  });

  it('is the same while only what generates nothing changes', async () => {
    expect(await hashWith('src/cli/chart-main.ts', 'import', "import 'node:fs';\nimport")).toBe(before);
  });
});

describe('what is kept', () => {
  it('stays for the hashes that were asked for last', () => {
    const folder = mkdtempSync(join(tmpdir(), 'raftchart-kept-'));
    try {
      for (const [at, hash] of ['a', 'b', 'c', 'd'].entries()) {
        mkdirSync(join(folder, hash));
        writeFileSync(join(folder, hash, 'paths.json'), '[]');
        utimesSync(join(folder, hash), at, at);
      }
      expect(openKept(folder, 'a')).toBe(join(folder, 'a'));
      expect(readdirSync(folder).sort()).toEqual(['a', 'c', 'd']);
      openKept(folder, 'e');
      expect(readdirSync(folder).sort()).toEqual(['a', 'd', 'e']);
      expect(existsSync(join(folder, 'a', 'paths.json'))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
