import { useComputed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { NodeId } from '../../../raft/types.ts';
import { ownKeys } from '../../own-keys.ts';
import type { Pair } from '../directives.ts';
import { frame, selected } from '../session.ts';
import { type CutMark, cutMarkRadiusOf, cutMarksOf } from './cut-marks.ts';
import { crossed, mendBetween } from './cutting.ts';
import { type Layout, laneOf } from './geometry.ts';

/** The links, each with a lane for either direction. */
export const Links = ({ layout }: { readonly layout: Layout }) => {
  const cut = useComputed(() => frame.value.cuts).value;
  const ids = layout.nodes.map((_, at) => at + 1);
  return (
    <g class="links">
      {ids.flatMap((from) =>
        ids.map(
          (to) =>
            from !== to && (
              <Lane key={`${from} ${to}`} layout={layout} from={from} to={to} isCut={has(cut, from, to)} />
            ),
        ),
      )}
    </g>
  );
};

const has = (pairs: readonly Pair[], from: NodeId, to: NodeId): boolean =>
  pairs.some(([a, b]) => a === from && b === to);

const Lane = ({
  layout,
  from,
  to,
  isCut,
}: {
  readonly layout: Layout;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly isCut: boolean;
}) => {
  const shown = selected.value;
  const isShown = shown?.type === 'link' && shown.from === from && shown.to === to;
  const isCrossed = has(crossed.value, Math.min(from, to), Math.max(from, to));
  const [start, end] = laneOf(layout, from, to);
  const d = `M${start.x} ${start.y}L${end.x} ${end.y}`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: with the keyboard a link is chosen in the details of its nodes.
    <g
      class={`link-lane${isCut ? ' is-cut' : ''}${isShown ? ' is-selected' : ''}${isCrossed ? ' is-crossed' : ''}`}
      onClick={() => {
        selected.value = { type: 'link', from, to };
      }}
    >
      <title>{`node${from} to node${to}${isCut ? ', cut' : ''}`}</title>
      <path d={d} class="lane" />
      <path d={d} class="lane-region" />
    </g>
  );
};

/** On each link that is cut, either way, scissors, and a press on them mends it. */
export const Mends = ({ layout }: { readonly layout: Layout }) => {
  const cut = useComputed(() => frame.value.cuts).value;
  const isWhole = cut.length === 0;
  const marks = useMemo(() => (isWhole ? [] : cutMarksOf(layout)), [layout, isWhole]);
  return (
    <g class="mends">
      {marks
        .filter(({ a, b }) => has(cut, a, b) || has(cut, b, a))
        .map((mark) => (
          <Mend key={`${mark.a} ${mark.b}`} mark={mark} radius={cutMarkRadiusOf(layout)} />
        ))}
    </g>
  );
};

/** Two blades that cross, and two rings for the fingers, in a circle of radius 11. */
const scissors =
  'M-4.6 -6.5L2.2 3.2M4.6 -6.5L-2.2 3.2M-5.6 5.2a2.1 2.1 0 1 0 4.2 0a2.1 2.1 0 1 0 -4.2 0M1.4 5.2a2.1 2.1 0 1 0 4.2 0a2.1 2.1 0 1 0 -4.2 0';

const Mend = ({ mark, radius }: { readonly mark: CutMark; readonly radius: number }) => {
  const { a, b, place } = mark;
  const mend = () => mendBetween(a, b);
  return (
    // biome-ignore lint/a11y/useSemanticElements: HTML has no button for SVG.
    <g
      class="mend"
      transform={`translate(${place.x} ${place.y})`}
      role="button"
      tabIndex={0}
      aria-label={`Mend the link between node${a} and node${b}`}
      onClick={mend}
      onKeyDown={ownKeys({ Enter: mend, ' ': mend })}
    >
      <title>{`Cut: press to mend the link between node${a} and node${b}`}</title>
      <circle r={radius} />
      <path class="scissors" d={scissors} transform={`scale(${radius / 11})`} />
    </g>
  );
};
