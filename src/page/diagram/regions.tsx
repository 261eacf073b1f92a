import { useEffect, useRef } from 'preact/hooks';
import type { Arrow } from '../../statechart/draw/scene.ts';
import type { PageScene, Region } from '../data/page-data.ts';
import { selected, summons } from '../state/place.ts';
import { curve } from './drawing.tsx';
import { show } from './viewport.ts';

/** What can be pointed at: invisible until it is hovered over, focused or selected. One of them is in the tab order. */
export const Regions = ({
  scene,
  nameOf,
}: {
  readonly scene: PageScene;
  readonly nameOf: (ref: string) => string;
}) => {
  const holding = scene.regions.filter(({ refs }) => refs.includes(selected.value ?? ''));
  const active = holding.find(({ kind }) => kind !== 'arrow') ?? holding[0];
  const entry = active ?? scene.regions.find(({ kind }) => kind === 'rule') ?? scene.regions[0];
  const element = useRef<SVGGElement>(null);
  const summoned = summons.value;
  // The focus goes with what is selected by keys, unless it is elsewhere on the page.
  useEffect(() => {
    const focused = document.activeElement;
    const isHere = focused === document.body || focused?.closest('.canvas') != null;
    if (summoned > 0 && isHere && active !== undefined) element.current?.focus({ preventScroll: true });
  }, [summoned, active]);
  return (
    <g>
      {scene.regions.map((region) => (
        // biome-ignore lint/a11y/useSemanticElements: there are no buttons in SVG.
        <g
          key={`${region.kind} ${region.refs[0]} ${region.x} ${region.y}`}
          class={`region ${region.kind} ${holding.includes(region) ? 'is-selected' : ''}`}
          data-ref={region.refs[0]}
          ref={region === entry ? element : null}
          role="button"
          tabIndex={region === entry ? 0 : -1}
          aria-pressed={holding.includes(region)}
          aria-label={region.refs.map(nameOf).join('; ')}
          // Not when it was clicked at.
          onFocus={({ currentTarget }) => currentTarget.matches(':focus-visible') && show(region)}
        >
          <Shape region={region} scene={scene} />
        </g>
      ))}
    </g>
  );
};

const Shape = ({ region, scene }: { readonly region: Region; readonly scene: PageScene }) =>
  region.kind === 'arrow' ? (
    <path d={curve(scene.items[region.item!] as Arrow)} />
  ) : (
    <rect
      x={region.x - 2}
      y={region.y - 1}
      width={region.width + 4}
      height={region.height + 2}
      rx={region.kind === 'state' ? 7 : 3}
    />
  );
