import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { coverageCommand } from '../../../src/cli/coverage/coverage-command.ts';
import { defaultPlan } from '../../../src/simulate/generate-plan.ts';
import { runSimulation } from '../../../src/simulate/run-simulation.ts';
import { traceLine } from '../../../src/trace/trace-line.ts';
import { raftEvidence } from '../../../src/verify/coverage/raft-evidence.ts';
import { parseXml } from '../../statechart/draw/xml-tree.ts';
import { makingMs } from '../../verify/made-once.ts';
import { raftProof } from '../../verify/raft-proof.ts';

vi.mock('../../../src/verify/coverage/raft-evidence.ts', { spy: true });

let folder = '';
let trace = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-coverage-'));
  trace = join(folder, 'trace.ndjson');
  const lines: string[] = [];
  const plan = { ...defaultPlan, nodes: 3, durationMs: 600, faults: [] };
  await runSimulation(plan, { onEvent: (event) => lines.push(traceLine(event)), endsWithFaults: true });
  writeFileSync(trace, `${lines.join('\n')}\n`);
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
    const command = coverageCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    await new Command('raftchart')
      .addCommand(command)
      .parseAsync(['coverage', '--no-cache', ...args], { from: 'user' });
    return { written, exitCode: process.exitCode, error: null };
  } catch (error) {
    return { written, exitCode: null, error: (error as Error).message };
  } finally {
    stdout.mockRestore();
    process.exitCode = 0;
  }
};

describe('raftchart coverage', () => {
  it(
    'tells by name what a trace never walked, and shades the diagrams by it',
    async () => {
      const shaded = join(folder, 'shaded');
      const evidence = raftProof();
      vi.mocked(raftEvidence).mockClear().mockReturnValueOnce(evidence);
      const { written, exitCode } = await run(trace, '--require', '--diagram', shaded);
      expect(exitCode).toBe(1);
      expect(raftEvidence).toHaveBeenCalledOnce();
      expect(written).toMatch(/^total +\d+\/\d{3} /m);
      expect(written).toContain('  preCandidate · always · raft.preCandidate/always/0\n');
      expect(written).not.toContain(
        '  candidate · RequestVoteResponse · raft.candidate/RequestVoteResponse/2\n',
      );
      expect(readdirSync(shaded)).toHaveLength(10);
      const page = readFileSync(join(shaded, 'role-candidate.dark.svg'), 'utf8');
      parseXml(page);
      for (const mark of ['✓', '◐', '✗']) expect(page).toContain(`>${mark}<`);
      expect(page).toContain('<title>its guard was never true</title>');
      // The chart is enumerated first.
    },
    makingMs,
  );

  it('refuses a trace that is missing, damaged or none, in one line', async () => {
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const torn = file('torn.ndjson', `${readFileSync(trace, 'utf8').slice(0, 3000)}\n`);
    const other = file('other.ndjson', '{"rows":1}\n{"rows":2}\n');
    const broken = file('broken.ndjson', '{"type":"chart","atMs":1,"transitions":[{"id":1}]}\n{}\n');
    expect((await run(join(folder, 'none.ndjson'))).error).toMatch(/^cannot read .*none\.ndjson: ENOENT.*$/);
    expect((await run(torn)).error).toMatch(
      /^\S+torn\.ndjson is not a complete trace: line \d+ is not JSON$/,
    );
    expect((await run(other)).error).toMatch(/^\S+other\.ndjson is not a trace: line 2 is not an event/);
    expect((await run(broken)).error).toMatch(/^\S+broken\.ndjson is not a trace: line 2 is not an event/);
  });
});
