import { computed, useComputed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { NodeId } from '../../../raft/types.ts';
import type { FrameNode } from '../../../simulate/play/frame.ts';
import { frame, selected } from '../session.ts';
import { innerStates, inWords, roleWords, troubles } from '../state-words.ts';
import { chooseEnd, cutFrom, isCutting } from './cutting.ts';
import type { Layout } from './geometry.ts';
import { type Cell, cellsOf, termClass, windowOf } from './log-cells.ts';
import { nodeKeys } from './node-keys.ts';

interface Props {
  readonly id: NodeId;
  readonly layout: Layout;
  readonly move: (step: number) => void;
}

/** A node with its log. Drawn anew only when something about it has changed; its timer is the painter's. */
export const RingNode = ({ id, layout, move }: Props) => {
  const node = useComputed(() => frame.value.nodes[id - 1]).value;
  const first = useMemo(() => computed(() => windowOf(frame.value, layout.cells)), [layout.cells]).value;
  const isSelected = useComputed(() => selected.value?.type === 'node' && selected.value.node === id).value;
  if (node === undefined) return null;
  const { x, y } = layout.nodes[id - 1]!;
  const { radius } = layout;
  const choose = () => {
    if (isCutting.value) chooseEnd(id);
    else selected.value = { type: 'node', node: id };
  };
  const isCutFrom = cutFrom.value === id;
  const role = node.isUp ? node.role : 'down';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its region is the button; its log may be pressed as well.
    <g
      class={`ring-node role-${role} ${termClass(node.term)}${isSelected ? ' is-selected' : ''}${isCutFrom ? ' is-cut-from' : ''}${isMember(node) ? '' : ' is-spare'}`}
      data-node={id}
      transform={`translate(${x} ${y})`}
      onClick={choose}
    >
      <circle class="disc" r={radius} />
      <circle class="track" r={radius + 4.5} />
      <path class="timer" data-timer={id} />
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus, and the region's label says it all. */}
      <g aria-hidden="true">
        <Face node={node} radius={radius} />
        <g transform={`translate(0 ${radius + 23})`}>
          <Words node={node} isSmall={radius < 30} />
        </g>
        <g transform={`translate(${-(layout.cells * layout.cellWidth) / 2} ${radius + 31})`}>
          <Log node={node} first={first} layout={layout} />
        </g>
      </g>
      {/* biome-ignore lint/a11y/useSemanticElements: HTML has no button for SVG. */}
      <circle
        class="node-region"
        r={radius + 9}
        tabindex={0}
        role="button"
        aria-pressed={isSelected || isCutFrom}
        aria-label={labelOf(node)}
        onKeyDown={nodeKeys(choose, move)}
      />
    </g>
  );
};

const Face = ({ node, radius }: { readonly node: FrameNode; readonly radius: number }) => {
  const isSmall = radius < 30;
  return (
    <>
      {node.role === 'leader' && node.isUp && (
        <path
          class="crown"
          transform={`translate(0 ${-radius - 9}) scale(${isSmall ? 0.8 : 1})`}
          d="M-11 4L-12 -7L-5.5 -2L0 -10L5.5 -2L12 -7L11 4Z"
        />
      )}
      <text class="id" y={isSmall ? 2 : 4}>
        {node.id}
      </text>
      <text class="term" y={radius * 0.62}>
        {`T${node.term}`}
      </text>
      {node.isPaused && (
        <path class="paused" d={`M-7 ${-radius * 0.75}v9m6 -9v9`} transform="translate(4 0)" />
      )}
    </>
  );
};

const Words = ({ node, isSmall }: { readonly node: FrameNode; readonly isSmall: boolean }) => {
  const wrong = troubles(node).filter((each) => each !== 'paused');
  const role = roleWords(node);
  const isAsking = node.isUp && (node.role === 'candidate' || node.role === 'preCandidate');
  const more = isAsking
    ? `${node.votesGranted.length} ${node.votesGranted.length === 1 ? 'vote' : 'votes'}`
    : node.votedFor !== null && node.role !== 'leader'
      ? `vote ${node.votedFor}`
      : '';
  const said = wrong.length > 0 ? wrong.join(', ') : more;
  return (
    <text class="role">
      {isSmall && said !== '' ? '' : role}
      {!isSmall && said !== '' && <tspan class={wrong.length > 0 ? 'wrong' : 'faint'}>{` · ${said}`}</tspan>}
      {isSmall && said !== '' && (
        <tspan class={wrong.length > 0 ? 'wrong' : ''}>
          {wrong.length > 0 ? said : `${shortRole(role)} ${said}`}
        </tspan>
      )}
    </text>
  );
};

const shortRole = (role: string): string =>
  role === 'pre-candidate' ? 'pre' : role === 'candidate' ? 'cand.' : role;

const Log = ({
  node,
  first,
  layout,
}: {
  readonly node: FrameNode;
  readonly first: number;
  readonly layout: Layout;
}) => {
  const { cellWidth: width, cells } = layout;
  const height = width + 1;
  const shown = cellsOf(node, first, cells);
  const applied = shown.filter(({ isApplied }) => isApplied).length;
  return (
    <g class="log">
      <rect class="log-ground" x={-1} y={-1} width={cells * width + 1} height={height + 1} rx={2} />
      {shown.map((cell, at) => (
        <LogCell key={cell.index} cell={cell} x={at * width} width={width} height={height} />
      ))}
      {applied > 0 && <path class="applied" d={`M0 ${height + 3.5}h${applied * width - 1}`} />}
    </g>
  );
};

const LogCell = ({
  cell,
  x,
  width,
  height,
}: {
  readonly cell: Cell;
  readonly x: number;
  readonly width: number;
  readonly height: number;
}) => (
  <g
    class={`cell ${termClass(cell.term)}${cell.isCommitted ? ' is-committed' : ''}${cell.term === 0 ? ' is-snapshot' : ''}`}
  >
    <rect x={x} width={width - 1} height={height - 1} rx={1.5} />
    {!cell.isDurable && <rect class="not-durable" x={x} width={width - 1} height={height - 1} rx={1.5} />}
    <text x={x + (width - 1) / 2} y={height - (width > 12 ? 4 : 2.5)}>
      {cell.term === 0 ? '·' : cell.term}
    </text>
  </g>
);

const isMember = ({ configuration, id }: FrameNode): boolean =>
  configuration === null ||
  configuration.voters.includes(id) ||
  configuration.outgoing.includes(id) ||
  configuration.learners.includes(id);

/** All that the picture of a node shows, in words. */
export const labelOf = (node: FrameNode): string =>
  [
    `node${node.id}`,
    roleWords(node),
    ...innerStates(node.state).map(inWords),
    `term ${node.term}`,
    ...(node.votedFor === null ? [] : [`voted for node${node.votedFor}`]),
    `${node.log.lastIndex} entries, ${node.commitIndex} committed`,
    ...troubles(node),
  ].join(', ');
