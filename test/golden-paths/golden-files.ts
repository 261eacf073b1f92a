import { readFileSync } from 'node:fs';
import { chartCapabilities, noCapabilities } from '../../src/conformance/capabilities.ts';
import type { Capabilities } from '../../src/conformance/protocol.ts';
import { type GoldenTree, treesIn } from './golden-tree.ts';

/** A file of golden paths, and the nodes that it is about. */
export interface GoldenFile {
  /** From the project's root on. */
  readonly path: string;
  readonly url: URL;
  /** What these nodes have. */
  readonly has: Capabilities;
}

const fileOf = (name: string, has: Capabilities): GoldenFile => ({
  path: `test/golden-paths/${name}`,
  url: new URL(name, import.meta.url),
  has,
});

export const goldenFiles: readonly GoldenFile[] = [
  fileOf('raftchart.txt', chartCapabilities),
  // The paper's own algorithm, which other implementations are held to.
  fileOf('figure-2.txt', noCapabilities),
];

export const readGolden = ({ url }: GoldenFile): readonly GoldenTree[] => treesIn(readFileSync(url, 'utf8'));
