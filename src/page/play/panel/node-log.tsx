import type { FrameNode } from '../../../simulate/play/frame.ts';
import { cellsOf, termClass } from '../ring/log-cells.ts';

/** In the details, which are not to grow without end. */
const most = 60;

/** A log, entry by entry. */
export const NodeLog = ({ node }: { readonly node: FrameNode }) => {
  const log = node.isUp ? node.log : node.disk.log;
  const first = Math.max(1, log.lastIndex - most + 1);
  const cells = cellsOf(node, first, most);
  if (cells.length === 0) return <p class="faint">Its log is empty.</p>;
  return (
    <>
      <h3>Log{first > 1 ? `, the last ${most} entries` : ''}</h3>
      <ol class="log-list">
        {cells.map((cell) => (
          <li
            key={cell.index}
            class={`${termClass(cell.term)}${cell.isCommitted ? ' is-committed' : ''}${cell.isApplied ? ' is-applied' : ''}${cell.isDurable ? '' : ' is-not-durable'}`}
            title={[
              cell.term === 0 ? 'in the snapshot' : `entry ${cell.index} of term ${cell.term}`,
              cell.isCommitted ? 'committed' : 'not committed',
              ...(cell.isApplied ? ['applied'] : []),
              ...(cell.isDurable ? [] : ['not durable yet']),
            ].join(', ')}
          >
            <small>{cell.index}</small>
            {cell.term === 0 ? '·' : `t${cell.term}`}
          </li>
        ))}
      </ol>
    </>
  );
};
