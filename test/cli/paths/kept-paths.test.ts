import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { keptPaths, type PathOptions } from '../../../src/cli/paths/kept-paths.ts';
import { generatePaths } from '../../../src/verify/paths/generate-paths.ts';
import { makingMs } from '../../verify/made-once.ts';

vi.mock('../../../src/verify/paths/generate-paths.ts', { spy: true });

const directory = mkdtempSync(join(tmpdir(), 'raftchart-kept-paths-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const options: readonly PathOptions[] = [
  { cover: 'transitions', voters: 1, lacks: ['noop'], hints: false, settings: { maxMessagesInFlight: 1 } },
  { cover: 'pairs', voters: 1 },
];

it.each(options)(
  'paths that are kept are those that would be generated: $cover $lacks $settings',
  (each) => {
    const searches: number[] = [];
    const ask = () => keptPaths(each, { isKept: true, directory, onSearch: (done) => searches.push(done) });
    const first = ask();
    const told = searches.length;
    expect(told).toBeGreaterThan(0);
    const again = ask();
    expect(searches).toHaveLength(told);
    expect(again).toStrictEqual(first);
    expect(again).toStrictEqual(generatePaths(each));
    expect(JSON.stringify(again.paths)).toBe(JSON.stringify(first.paths));
  },
  makingMs,
);

it('another process reads what this one kept', () => {
  const [each] = options;
  const { chart } = keptPaths(each!, { isKept: true, directory });
  const module = new URL('../../../src/cli/paths/kept-paths.ts', import.meta.url).href;
  const program = `
    const { keptPaths } = await import(${JSON.stringify(module)});
    const onSearch = () => { throw new Error('generated again'); };
    const keeping = { isKept: true, directory: ${JSON.stringify(directory)}, onSearch };
    console.log(keptPaths(${JSON.stringify(each)}, keeping).chart);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout).toBe(`${chart}\n`);
  expect(readdirSync(join(directory, 'generated'))).toHaveLength(options.length);
});

it('paths of other options are kept for themselves, and those of the same ones together, however they are written', () => {
  const directory = mkdtempSync(join(tmpdir(), 'raftchart-kept-options-'));
  const none = { version: 3, chart: '', cover: 'transitions', paths: [], goals: new Map() } as const;
  vi.mocked(generatePaths).mockClear().mockReturnValue(none);
  try {
    const ask = (each: PathOptions) => keptPaths(each, { isKept: true, directory });
    const base = { cover: 'transitions' } as const;
    const others: readonly PathOptions[] = [
      { cover: 'pairs' },
      { ...base, voters: 3 },
      { ...base, lacks: ['noop'] },
      { ...base, hints: false },
      { ...base, settings: { maxMessagesInFlight: 1, maxEntriesPerMessage: 1 } },
      { ...base, settings: { maxMessagesInFlight: 1, maxEntriesPerMessage: 2 } },
    ];
    for (const each of [base, ...others]) ask(each);
    expect(generatePaths).toHaveBeenCalledTimes(1 + others.length);
    ask({ ...base, lacks: [], hints: true, settings: {} });
    ask({ ...base, settings: { maxEntriesPerMessage: 2, maxMessagesInFlight: 1 } });
    expect(generatePaths).toHaveBeenCalledTimes(1 + others.length);
  } finally {
    vi.mocked(generatePaths).mockRestore();
    rmSync(directory, { recursive: true, force: true });
  }
});
