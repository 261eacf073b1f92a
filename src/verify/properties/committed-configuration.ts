import type { Configuration } from '../../raft/configuration.ts';
import { termAt } from '../../raft/log-shape.ts';
import { committedAt } from './history.ts';
import type { ClusterView } from './property.ts';

/** The latest configuration of which a running node has the committed entry; null while none runs. */
export const committedConfiguration = ({ nodes, history }: ClusterView): Configuration | null => {
  let latest: Configuration | null = null;
  for (const { log, configurations } of nodes) {
    const known = configurations.findLast(
      ({ index }) => index <= log.snapshotIndex || committedAt(history, index)?.term === termAt(log, index),
    );
    if (known !== undefined && (latest === null || known.index > latest.index)) latest = known;
  }
  return latest;
};
