import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommanderError } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { sequenceCommand } from '../../../src/cli/diagram/sequence-command.ts';
import { runStory } from '../../../src/simulate/scenario/run-story.ts';
import { stories } from '../../../src/simulate/scenario/stories.ts';
import { traceLine } from '../../../src/trace/trace-line.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-sequence-'));
const trace = join(directory, 'figure-8.ndjson');

beforeAll(async () => {
  const lines: string[] = [];
  const story = stories.find(({ name }) => name === 'figure-8')!;
  await runStory(story, { seed: 1, print: () => {}, onEvent: (event) => lines.push(traceLine(event)) });
  writeFileSync(trace, lines.join('\n'));
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
});

const run = (...words: readonly string[]) => draw(trace, ...words);

const draw = async (file: string, ...words: readonly string[]) => {
  const written: string[] = [];
  const errors: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const command = sequenceCommand()
    .exitOverride()
    .configureOutput({ writeErr: (text) => errors.push(text) });
  const failure = await command.parseAsync([file, ...words], { from: 'user' }).then(
    () => null,
    (error: unknown) => error as CommanderError,
  );
  return { text: written.join(''), stderr: errors.join(''), failure };
};

const mermaid = (...words: readonly string[]) => run('--format', 'mermaid', ...words);

describe('raftchart sequence', () => {
  it('draws of a story what it tells, however few messages are asked for', async () => {
    const { text } = await mermaid('--messages', '1');
    for (const act of ['(a)', '(b)', '(c)', '(d)']) expect(text).toContain(`: ${act}`);
    expect(text).toContain('✓ and yet it has not committed it');
    expect(text).toMatch(/… \d+ messages, [\d,]+ ms not shown: node5 becomes leader of term 5/);
  });

  it('draws with --hushed what the story does not tell, too', async () => {
    const leader = '★ leader of term 5';
    expect((await mermaid()).text).not.toContain(leader);
    expect((await mermaid('--hushed')).text).toContain(leader);
  });

  it('draws some nodes alone', async () => {
    const { text } = await mermaid('--nodes', '1,2');
    expect(text).toContain('participant node_node2 as node2');
    expect(text).not.toContain('node_node3');
  });

  it('draws what a writer that was killed has left: half a last line is left out', async () => {
    const killed = join(directory, 'killed.ndjson');
    const text = readFileSync(trace, 'utf8');
    writeFileSync(killed, text.slice(0, text.lastIndexOf('\n') + 20));
    expect(await draw(killed, '--format', 'text')).toMatchObject({ failure: null, stderr: '' });
    writeFileSync(killed, text.replace('\n', '\n{"atMs":1\n'));
    expect((await draw(killed)).failure?.message).toMatch(/is not a complete trace: line 2 is not JSON$/);
  });

  it('begins at the first event where a trace has the time of its machine, and says when that was', async () => {
    const beginsAt = Date.UTC(2026, 10, 29, 12);
    const wall = join(directory, 'wall.ndjson');
    const events = readFileSync(trace, 'utf8')
      .split('\n')
      .map((line) => JSON.parse(line) as { atMs: number });
    const firstMs = events[0]!.atMs;
    const shifted = events.map((event) => ({ ...event, atMs: event.atMs - firstMs + beginsAt }));
    writeFileSync(wall, shifted.map((event) => `${JSON.stringify(event)}\n`).join(''));
    const { text } = await draw(wall, '--format', 'text', '--title', 'all');
    const [title, blank, first, ...others] = text.split('\n');
    expect([title, blank]).toEqual(['all', '']);
    expect(first).toMatch(/^ +\d+(\.\d+)? ms {2}0 ms is 2026-11-29T12:00:00\.000Z$/);
    const times = others.flatMap((line) => /^ *([\d,.]+) ms/.exec(line)?.[1] ?? []);
    expect(times.length).toBeGreaterThan(10);
    expect(times.filter((time) => Number(time.replaceAll(',', '')) > 100_000)).toEqual([]);
    expect((await draw(trace, '--format', 'text')).text).not.toContain('0 ms is');
  });

  it.each([
    ['--messages', '0'],
    ['--messages', '1.5'],
    ['--nodes', '1,x'],
    ['--from', 'soon'],
  ])('refuses %s %s in one line', async (...flag) => {
    const { failure, stderr } = await run(...flag);
    expect(failure?.code).toBe('commander.invalidArgument');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
