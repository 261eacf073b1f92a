import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Arrow } from '../../../statechart/draw/scene.ts';
import type { PageScene, Region } from '../../data/page-data.ts';
import { curve, Drawing } from '../../diagram/drawing.tsx';
import { type Mark, type MarkedState, Marks } from '../../diagram/marks.tsx';
import { useElementSize } from '../element-size.ts';
import type { RoleChartView } from './role-chart-data.ts';

interface Props {
  readonly view: RoleChartView;
  /** A role with all its rules is drawn as large as it was laid out, and scrolled; otherwise the picture fits its box. */
  readonly isWhole: boolean;
  /** All that it shows, in words. */
  readonly label: string;
  readonly marks: readonly Mark[];
  readonly lit: readonly MarkedState[];
  /** Ids of transitions, in order. */
  readonly taken: readonly string[];
  /** Who took them. */
  readonly taker: string;
}

export const ChartPicture = ({ view, isWhole, label, marks, lit, taken, taker }: Props) => {
  const { scene } = view;
  const box = useRef<HTMLElement>(null);
  const size = useElementSize(box, scene);
  const scale = isWhole ? 1 : Math.min(1, size.value.width / scene.width);
  const place = placeOf(scene, taken, lit);
  useLayoutEffect(() => {
    if (isWhole && place !== null) bringIntoSight(box.current!, place);
  }, [isWhole, place?.x, place?.y]);
  return (
    <section
      class="chart-box"
      ref={box}
      aria-label={isWhole ? `Rules of a ${view.name}` : 'Roles'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled is scrolled with the keyboard, too.
      tabIndex={0}
    >
      <svg
        viewBox={`0 0 ${scene.width} ${scene.height}`}
        width={scene.width * scale}
        height={scene.height * scale}
        role="img"
        aria-label={label}
      >
        <Drawing items={scene.items} />
        <TakenArrows scene={scene} taken={taken} />
        <Marks
          scene={scene}
          marks={marks}
          lit={lit}
          takers={new Map(taken.map((id) => [id, [taker]]))}
          // Larger marks would hide the names of the roles.
          scale={Math.max(scale, 0.85)}
        />
      </svg>
    </section>
  );
};

const TakenArrows = ({ scene, taken }: { readonly scene: PageScene; readonly taken: readonly string[] }) => (
  <g class="taken-arrows">
    {scene.regions.map(
      ({ kind, refs, item }) =>
        kind === 'arrow' &&
        refs.some((ref) => taken.includes(ref)) && <path key={item} d={curve(scene.items[item!] as Arrow)} />,
    )}
  </g>
);

/** Where the last transition stands that this picture shows, or else the innermost state. */
const placeOf = (
  { regions }: PageScene,
  taken: readonly string[],
  lit: readonly MarkedState[],
): Region | null => {
  for (const id of [...taken.toReversed(), ...lit.toReversed().map((state) => state.id)]) {
    const found = regions.find(({ kind, refs }) => kind !== 'arrow' && refs.includes(id));
    if (found !== undefined) return found;
  }
  return null;
};

const air = 24;

const bringIntoSight = (box: HTMLElement, { x, y, height }: Region): void => {
  const top = Math.min(y, y + height - 20) - air;
  if (y < box.scrollTop || y + Math.min(height, 40) > box.scrollTop + box.clientHeight) {
    box.scrollTop = Math.max(0, top - box.clientHeight / 3);
  }
  if (x < box.scrollLeft) box.scrollLeft = Math.max(0, x - air);
};
