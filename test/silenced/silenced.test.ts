import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../mutants/generated/all-mutants.ts';
import { runMutatedTests } from '../mutants/generated/run-mutated-test.ts';
import { type SourceMutant, unchanged } from '../mutants/generated/source-mutant.ts';
import { silencedChecks } from './find-checks.ts';
import { readLikelyTests } from './likely-tests.ts';
import { silence } from './silence.ts';
import { testsNear } from './tests-near.ts';

// `npm run test:silenced` silences them all; here, only one.

const root = fileURLToPath(projectRoot);

describe('the checks that are silenced', () => {
  let checks: readonly SourceMutant[] = [];
  beforeAll(() => {
    checks = silencedChecks();
  });

  it('are all that name what is violated, those of other implementations left out', () => {
    const places = globSync('src/**/*.ts', { cwd: root })
      .filter((file) => !file.startsWith('src/conformance/'))
      .flatMap((file) =>
        [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/\bviolation\(\s*'([^']+)'/g)].map(
          ([, property]) => `${file}: ${property}`,
        ),
      );
    const found = checks.map(({ file, name }) => `${file}: ${name.replace(/^\S+ \S+ /, '')}`);
    const isNamed = new Set(places);
    expect(found.filter((place) => isNamed.has(place)).sort()).toEqual(places.sort());
    expect(places.length).toBeGreaterThan(40);
  });

  it.each([
    'src/check/check-history.ts checkKey violated',
    'src/check/steps.ts effectOf remove',
    'src/simulate/run-simulation.ts runSimulation checkHistory()',
    'src/verify/explore/explorer.ts Explorer.#endOfSpace stuck',
    'src/verify/explore/successors.ts Successors.#end thrown()',
  ])('are also what reports, ends or refuses otherwise: %s', (key) => {
    expect(checks.map((check) => check.key)).toContain(key);
  });

  it('have each been seen to turn a test red: if not, run node test/silenced/run-silenced.ts --write', () => {
    const likely = readLikelyTests();
    expect(Object.keys(likely).sort()).toEqual(checks.map(({ key }) => key).sort());
    const files = new Set(Object.values(likely).map(({ file }) => file));
    expect([...files].filter((file) => !existsSync(`${root}/${file}`))).toEqual([]);
  });

  it('make a test red that is green without', async () => {
    const check = checks.find(({ key }) => key.endsWith('electionSafety Election Safety'))!;
    const likely = readLikelyTests()[check.key]!;
    expect((await silence(check, { likely, limitSeconds: 60 })).test).toEqual(likely);
    const tests = { files: [likely.file], names: [likely.name] };
    expect(await runMutatedTests(unchanged, tests, 60)).toEqual({ outcome: 'green', test: null, passed: 1 });
  });
});

it('the tests near a file are those that import it, the nearest first', () => {
  const [nearest, ...others] = testsNear('src/check/steps.ts');
  expect(nearest).toBe('test/check/search.test.ts');
  expect(others).toContain('test/check/check-history.test.ts');
  expect(others).not.toContain('test/machines/raft/roles.test.ts');
});

it('a mistake on the command line is told in one line, with exit code 2', () => {
  const run = spawnSync(process.execPath, ['test/silenced/run-silenced.ts', '--thread', '2'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(run).toMatchObject({ status: 2, stdout: '', stderr: "error: unknown option '--thread'\n" });
});
