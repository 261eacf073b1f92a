/**
 * Writes what the node does in the golden paths anew: `node test/golden-paths/write-golden-paths.ts`. Read the diff before you commit it: each
 * line is a step that does something else now. With `--generate`, what happens in them is chosen anew as well, as for `raftchart paths`.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { generationFor } from '../../src/conformance/plan.ts';
import { generatePaths } from '../../src/verify/paths/generate-paths.ts';
import { goldenFiles, readGolden } from './golden-files.ts';
import { textOf, treesOf } from './golden-tree.ts';
import { play } from './play-golden.ts';

const { values } = parseArgs({ options: { generate: { type: 'boolean', default: false } } });

for (const file of goldenFiles) {
  const trees = values.generate
    ? treesOf(generatePaths({ cover: 'transitions', ...generationFor(file.has) }).paths)
    : readGolden(file);
  writeFileSync(file.url, textOf(trees.map((tree) => play(tree).tree)));
}
