import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { projectRoot } from '../mutants/generated/all-mutants.ts';

/** What starts processes, browsers or other implementations: whatever is silenced here is not silent there. */
const elsewhere = ['test/processes/', 'test/page/', 'test/examples/', 'test/conformance/', 'test/silenced/'];

/**
 * The test files that load `file`: those with the fewest imports between the two come first, and among these those that load the
 * least. Read from the imports, so that no list has to be kept.
 */
export const testsNear = (file: string): readonly string[] =>
  testFiles()
    .flatMap((test) => {
      const loaded = loadedBy(test);
      const distance = loaded.get(file);
      return distance === undefined ? [] : [{ test, distance, size: loaded.size }];
    })
    .sort((a, b) => a.distance - b.distance || a.size - b.size)
    .map(({ test }) => test);

const testFiles = (): readonly string[] =>
  globSync('test/**/*.test.ts', { cwd: fileURLToPath(projectRoot) })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => !elsewhere.some((room) => path.startsWith(room)))
    .sort();

/** What `test` loads, by how many imports lead there. */
const loadedBy = (test: string): ReadonlyMap<string, number> => {
  const distances = new Map([[test, 0]]);
  // A map is walked through to what is added meanwhile: breadth first.
  for (const [path, distance] of distances) {
    for (const next of importsOf(path)) if (!distances.has(next)) distances.set(next, distance + 1);
  }
  return distances;
};

const known = new Map<string, readonly string[]>();

const importsOf = (file: string): readonly string[] => {
  let imports = known.get(file);
  if (imports === undefined) {
    const text = readFileSync(join(fileURLToPath(projectRoot), file), 'utf8');
    imports = ts
      .preProcessFile(text)
      .importedFiles.filter(({ fileName }) => /^\..*\.tsx?$/.test(fileName))
      .map(({ fileName }) => posix.join(dirname(file), fileName));
    known.set(file, imports);
  }
  return imports;
};
