import { crossed, cutFrom, isCutting, line, turnCutting } from './cutting.ts';

/** The button that lets one cut links with fingers and keys, and what to do then. */
export const CutTool = () => (
  <div class="cut-tool">
    <button type="button" aria-pressed={isCutting.value} title="Cut links (x)" onClick={turnCutting}>
      Cut
    </button>
    <p role="status">{words()}</p>
  </div>
);

const words = (): string => {
  if (line.value !== null) {
    const { length } = crossed.value;
    return `${length} ${length === 1 ? 'link' : 'links'} will be cut. Esc: none.`;
  }
  if (!isCutting.value) return '';
  return cutFrom.value === null
    ? 'Draw a line across links, or choose two nodes. Esc: done.'
    : `Choose the node that node${cutFrom.value} no longer reaches. Esc: another one.`;
};

/** The line that is being drawn. */
export const CutLine = () =>
  line.value === null ? null : (
    <polyline class="cut-line" points={line.value.map(({ x, y }) => `${x} ${y}`).join(' ')} />
  );
