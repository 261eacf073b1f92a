import type { Arrow } from '../../statechart/draw/scene.ts';
import type { PageScene, Region } from '../data/page-data.ts';
import { selected } from '../state/place.ts';
import { curve } from './drawing.tsx';

/** Id of the element that is selected, for `aria-activedescendant`. */
export const activeId = 'selected-region';

/** What can be pointed at: invisible until it is hovered over or selected. */
export const Regions = ({
  scene,
  nameOf,
}: {
  readonly scene: PageScene;
  readonly nameOf: (ref: string) => string;
}) => {
  const active = scene.regions.find(({ refs }) => refs.includes(selected.value ?? ''));
  return (
    <g>
      {scene.regions.map((region) => (
        <g
          key={`${region.kind} ${region.refs[0]} ${region.x} ${region.y}`}
          class={`region ${region.kind} ${region.refs.includes(selected.value ?? '') ? 'is-selected' : ''}`}
          data-ref={region.refs[0]}
          id={region === active ? activeId : undefined}
          aria-label={region.refs.map(nameOf).join('; ')}
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
