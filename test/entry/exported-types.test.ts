import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExportedTypes } from './exported-types.ts';

const consumer = resolve(import.meta.dirname, 'consumer.ts');

/** Named in what the package exports, and on purpose no part of it: what they stand for is opaque to others. */
const opaque = [
  'Files (src/adapters/storage/files.ts)',
  'MemoryDiskClaim (src/adapters/storage/memory.ts)',
  'MemoryKeeper (src/adapters/storage/memory.ts)',
  'MemoryLog (src/adapters/storage/memory.ts)',
  'MemorySnapshot (src/adapters/storage/memory-snapshots.ts)',
  'SessionTable (src/store/sessions/session-table.ts)',
];

describe('the types of the package', () => {
  const types = new ExportedTypes([consumer]);

  it('are enough to implement every port and to name every outcome', () => {
    expect(types.problemsIn(consumer)).toEqual([]);
    for (const specifier of types.importsOf(consumer)) expect(specifier).toMatch(/^raftchart(\/\w+)?$/);
  });

  it('can be imported where an exported one names them', () => {
    const subpaths = ['index', 'chart', 'memory', 'sessions', 'inspect'];
    const unexported = types.unexportedIn(subpaths).map((line) => line.replace(/, named by .*/, ''));
    expect(unexported).toEqual(opaque);
  });
});
