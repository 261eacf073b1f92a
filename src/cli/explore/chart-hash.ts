import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { SourceFile } from '../../statechart/read/source-index.ts';
import type { ExploredChart } from '../../verify/explore/schedule-file.ts';
import { packageRoot, readSources } from '../diagram/sources.ts';

/** Everything that decides which states exist, and which of them are wrong. */
const sources = [
  'machines/raft',
  'machines/unbound.ts',
  'src/simulate/broken',
  'src/raft',
  'src/verify/properties',
  'src/verify/explore',
  'src/verify/paths/model-node.ts',
  'src/verify/node-view.ts',
  'src/node/machine-node.ts',
  'src/node/replication-reader.ts',
  'src/node/roles.ts',
  'src/node/step.ts',
  'src/node/write-order.ts',
  'src/statechart/read/state-name.ts',
  'src/statechart/read/xstate-internals.ts',
];

/** Names the chart that is explored, with its rules and the explorer itself: what another one found says nothing about this one. */
export const chartHash = (chart: ExploredChart): string => {
  const hash = createHash('sha256');
  for (const { path, text } of ownSources()) hash.update(`${path}\n${text}\n`);
  // What breaks a rule is among them.
  if (chart !== null && 'file' in chart) {
    hash.update(
      `${existsSync(chart.file) ? readFileSync(chart.file, 'utf8') : chart.file}\n${chart.export}\n`,
    );
  }
  return hash.digest('hex').slice(0, 16);
};

/** An installed package holds no sources: there, what was built from them. */
const ownSources = (): readonly SourceFile[] => {
  const root = packageRoot();
  const found = readSources(root, sources);
  if (found.length > 0) return found;
  const built = sources.map((path) => `dist/${path.replace(/\.ts$/, '.js')}`);
  return readSources(root, built, /\.js$/);
};
