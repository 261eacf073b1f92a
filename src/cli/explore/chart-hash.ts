import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { packageRoot, readSources } from '../diagram/sources.ts';

/** Whatever decides which states there are, and which are wrong. */
const sources = ['machines/raft', 'src/raft', 'src/properties', 'src/model/explorer', 'src/model/step.ts'];

/** Names the chart that is explored, with its rules and the explorer itself: what was found with another says nothing about this one. */
export const chartHash = (
  chart: { readonly file: string; readonly export: string | null } | null,
): string => {
  const hash = createHash('sha256');
  for (const { path, text } of readSources(packageRoot(), sources)) hash.update(`${path}\n${text}\n`);
  if (chart !== null) hash.update(`${readFileSync(chart.file, 'utf8')}\n${chart.export}\n`);
  return hash.digest('hex').slice(0, 16);
};
