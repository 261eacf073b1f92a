import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Floors, folderOf, readHouse } from '../src/cli/diagram/house.ts';
import { packageRoot } from '../src/cli/diagram/sources.ts';

const root = packageRoot();
const configPath = join(root, '.dependency-cruiser.cjs');
const { forbidden, options } = createRequire(import.meta.url)(configPath);
const { floors, imports } = readHouse(root);

/** One import that a rule forbids, as two files of a tree made for it. */
interface Offence {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  /** The import, `to` for the path; of types alone where they count. */
  readonly statement?: (to: string) => string;
}

/** An import of each place on the same floor or above from each place, the floors inside the rooms included. */
const floorOffences = (of: Floors, rule: string, folder: (room: string) => string): readonly Offence[] =>
  of.flatMap((rooms, rank) =>
    rooms.flatMap(({ room, floors: inside }) => [
      ...[...rooms, ...of.slice(rank + 1).flat()]
        .filter((other) => other.room !== room)
        .map((other) => ({
          rule: `${rule}-${room}`,
          from: `${folder(room)}imports-${other.room}.ts`,
          to: `${folder(other.room)}imported.ts`,
        })),
      ...floorOffences(inside ?? [], `${rule}-${room}`, (each) => `${folder(room)}${each}/`),
    ]),
  );

/** One offence or more for each rule that is not a floor. */
const namedOffences: readonly Offence[] = [
  { rule: 'no-circles', from: 'src/node/circle-a.ts', to: 'src/node/circle-b.ts' },
  { rule: 'no-circles', from: 'src/node/types-a.ts', to: 'src/node/types-b.ts', statement: typesOf },
  { rule: 'every-file-in-a-room', from: 'src/helpers.ts', to: 'src/raft/imported.ts' },
  { rule: 'every-file-in-a-room', from: 'src/attic/chest.ts', to: 'src/raft/imported.ts' },
  { rule: 'ground-stands-alone', from: 'src/check/imports-rules.ts', to: 'src/raft/imported.ts' },
  { rule: 'ground-stands-alone', from: 'src/statechart/imports-chart.ts', to: 'machines/imported.ts' },
  { rule: 'rules-import-nothing', from: 'src/raft/reads-files.ts', to: 'node:fs' },
  { rule: 'rules-import-nothing', from: 'src/raft/asks-xstate.ts', to: 'xstate' },
  { rule: 'charts-are-pure', from: 'machines/raft/reads-files.ts', to: 'node:fs' },
  { rule: 'charts-are-pure', from: 'machines/raft/stores.ts', to: 'src/adapters/storage/imported.ts' },
  { rule: 'ports-are-interfaces', from: 'src/ports/reads-clock.ts', to: 'node:timers' },
  { rule: 'node-knows-ports', from: 'src/node/stores.ts', to: 'src/adapters/storage/imported.ts' },
  { rule: 'page-uses-no-node', from: 'src/page/reads-files.ts', to: 'node:fs' },
  { rule: 'page-runs-in-a-browser', from: 'src/page/panel/walks.ts', to: 'src/verify/imported.ts' },
  { rule: 'http-without-undici', from: 'src/store/asks.ts', to: 'node:http' },
  { rule: 'not-to-tests', from: 'src/cli/tests.ts', to: 'test/imported.ts' },
];

const valuesOf = (to: string): string =>
  `import { imported } from '${to}';\nexport const value = imported;\n`;

function typesOf(to: string): string {
  return `import type { imported } from '${to}';\nexport type Value = typeof imported;\n`;
}

const offences = [
  ...floorOffences(floors, 'floor-of', (room) => folderOf(room)).map((each) => ({
    ...each,
    statement: typesOf,
  })),
  ...namedOffences,
];

const specifier = (from: string, to: string): string => {
  if (!to.includes('/')) return to;
  const path = relative(dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
};

describe('the rules of the house', { timeout: 60_000 }, () => {
  let folder = '';
  let violations: ICruiseResult['summary']['violations'] = [];

  const write = (path: string, text: string) => {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'raftchart-house-'));
    write('package.json', '{ "type": "module" }');
    for (const { to } of offences) if (to.endsWith('.ts')) write(to, 'export const imported = 1;\n');
    for (const { rule, from, to, statement = valuesOf } of offences) {
      write(from, statement(specifier(from, to)));
      if (rule === 'no-circles') write(to, statement(specifier(to, from)));
    }
    const { output } = await cruise(
      ['machines', 'src'],
      { ...options, baseDir: folder, ruleSet: { forbidden }, validate: true },
      options.enhancedResolveOptions,
    );
    violations = (output as ICruiseResult).summary.violations;
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(offences)('$rule forbids $from → $to', ({ rule, from, to }) => {
    expect(violations.filter((each) => each.from === from).map((each) => each.rule.name)).toContain(rule);
    const found = violations.find((each) => each.rule.name === rule && each.from === from)!;
    if (rule !== 'every-file-in-a-room' && to.endsWith('.ts')) expect(found.to).toBe(to);
  });

  it('are all seen to fail, and are errors', () => {
    const names = forbidden.map((rule: { name: string }) => rule.name);
    expect(new Set(offences.map(({ rule }) => rule))).toEqual(new Set(names));
    expect(new Set(forbidden.map((rule: { severity: string }) => rule.severity))).toEqual(new Set(['error']));
  });

  it('name themselves and the remedy where npm run verify fails', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(scripts.verify).toContain('npm run verify:imports');
    const command: string = scripts['verify:imports'];
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
        // The exit code is the number of violations, of which a process tells the last eight bits: one room has fewer than 256.
        ...command
          .replace('.dependency-cruiser.cjs', configPath)
          .replace(/ machines src$/, ' src/raft')
          .split(' ')
          .slice(1),
      ],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(status).not.toBe(0);
    expect(stdout).toContain('floor-of-raft: src/raft/imports-node.ts → src/node/imported.ts');
    expect(stdout.replace(/\s+/g, ' ')).toContain('See ARCHITECTURE.md, The house.');
  });
});

it('the picture of the house names the imports that dependency-cruiser finds', {
  timeout: 60_000,
}, async () => {
  const { output } = await cruise(
    ['machines', 'src'],
    { ...options, baseDir: root },
    options.enhancedResolveOptions,
  );
  const rooms = floors.flat().map(({ room }) => room);
  const roomOf = (path: string) => rooms.find((room) => path.startsWith(folderOf(room)));
  const found = new Map(rooms.map((room) => [room, new Set<string>()]));
  for (const { source, dependencies } of (output as ICruiseResult).modules) {
    const from = roomOf(source);
    if (from === undefined) continue;
    for (const { resolved } of dependencies) {
      const to = roomOf(resolved);
      if (to !== undefined && to !== from) found.get(from)!.add(to);
    }
  }
  const sorted = new Map([...found].map(([room, each]) => [room, rooms.filter((other) => each.has(other))]));
  expect(imports).toEqual(sorted);
});
