import type { PageScene, Region } from '../data/page-data.ts';

export interface MarkedState {
  readonly id: string;
  /** Keys from the root, which itself has none. */
  readonly path: readonly string[];
}

export interface Mark {
  /** What stands on the mark. */
  readonly label: string;
  /** The states that it is in, those around others first. */
  readonly states: readonly MarkedState[];
}

interface Props {
  readonly scene: PageScene;
  readonly marks: readonly Mark[];
  /** The states with a frame around them. */
  readonly lit: readonly MarkedState[];
  /** By the id of a transition: labels of those that have just taken it. */
  readonly takers: ReadonlyMap<string, readonly string[]>;
  /** Of the picture on the screen. */
  readonly scale: number;
}

/** What is going on in a picture: marks on the innermost states that it shows, and on what was just done. */
export const Marks = ({ scene, marks, lit, takers, scale }: Props) => {
  const states = new Map(
    scene.regions.flatMap((region) => (region.kind === 'state' ? [[region.refs[0]!, region] as const] : [])),
  );
  const active = new Map(lit.filter(({ id }) => states.has(id)).map((state) => [state.id, state]));
  // Marks keep their size on the screen when the picture is small.
  const markScale = Math.min(2.2, Math.max(1, 1 / scale));
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus; the panel says the same in words.
    <g class="live" aria-hidden="true">
      {[...active.values()].map(({ id, path }) => (
        <Outline key={id} region={states.get(id)!} isOuter={path.length === 1} />
      ))}
      <Taken scene={scene} takers={takers} markScale={markScale} />
      {[...gathered(marks, states)].map(([id, labels]) => (
        <Badges key={id} region={states.get(id)!} labels={labels} size={markScale} />
      ))}
    </g>
  );
};

/** A frame around a box, a ground behind the heading of a state inside one. */
const Outline = ({ region, isOuter }: { readonly region: Region; readonly isOuter: boolean }) => {
  const { x, y, width, height } = region;
  return isHeading(region) ? (
    <rect class="active heading" x={x} y={y} width={width} height={height} />
  ) : (
    <rect
      class={isOuter ? 'active outer' : 'active'}
      x={x - 3}
      y={y - 3}
      width={width + 6}
      height={height + 6}
      rx={7}
    />
  );
};

const isHeading = ({ height }: Region): boolean => height < 24;

/** The labels in each state: the innermost ones that have a place here. */
const gathered = (marks: readonly Mark[], states: ReadonlyMap<string, Region>) => {
  const labels = new Map<string, string[]>();
  for (const { label, states: inside } of marks) {
    const shown = inside.filter(({ id }) => states.has(id));
    // Parallel regions hold a mark each; the state around them is where it is looked for.
    const innermost = shown.filter((state) => !shown.some((other) => isInside(other, state)));
    const place = innermost.length > 1 ? shown[0] : innermost[0];
    for (const state of new Set([shown[0], place])) {
      if (state !== undefined) labels.set(state.id, [...(labels.get(state.id) ?? []), label]);
    }
  }
  return labels;
};

const isInside = (inner: MarkedState, { path }: MarkedState): boolean =>
  inner.path.length > path.length && path.every((key, at) => inner.path[at] === key);

/** More marks than this on a state are only counted. */
const maxBadges = 20;

const Badges = ({
  region,
  labels: all,
  size,
}: {
  readonly region: Region;
  readonly labels: readonly string[];
  readonly size: number;
}) => {
  const labels = all.length > maxBadges ? [`×${all.length}`] : all;
  const isRow = isHeading(region);
  const height = isRow ? 18 : 20 * size;
  const width = (Math.max(...labels.map((label) => label.length)) * 8 + 14) * (height / 20);
  const y = isRow ? region.y + (region.height - height) / 2 : region.y - height / 2 - 3;
  return (
    <g>
      {labels.map((label, at) => {
        const x = region.x + region.width - (labels.length - at) * (width + 4) - 8;
        return (
          <g key={label} class="badge" data-token={label} data-state={region.refs[0]}>
            <rect x={x} y={y} width={width} height={height} rx={height / 2} />
            <text
              class="strong"
              x={x + width / 2}
              y={y + height * 0.72}
              font-size={height * 0.64}
              text-anchor="middle"
            >
              {label}
            </text>
          </g>
        );
      })}
    </g>
  );
};

/** More takers than this are only counted. */
const maxLabels = 3;

/** The rules that were followed a moment ago, and by whom. */
const Taken = ({
  scene,
  takers,
  markScale,
}: Pick<Props, 'scene' | 'takers'> & { readonly markScale: number }) => (
  <g>
    {scene.regions.map((region) => {
      const labels = [...new Set(region.refs.flatMap((ref) => takers.get(ref) ?? []))];
      if (region.kind !== 'rule' || labels.length === 0) return null;
      const { x, y, width, height } = region;
      const size = Math.min(14, 11 * markScale);
      // Beside a label there may be that of the next arrow.
      const isAbove =
        region.isOnArrow === true && !scene.regions.some((other) => isRightAbove(other, region));
      return (
        <g key={`${region.refs[0]} ${x} ${y}`} class="taken" data-taken={region.refs[0]}>
          <rect x={x} y={y} width={width} height={height} rx={3} />
          <text
            class="strong"
            x={isAbove ? x : x + width + 8}
            y={isAbove ? y - 3 : y + Math.min(height, 18) / 2 + size * 0.36}
            font-size={size}
          >
            {labels.length > maxLabels ? `×${labels.length}` : labels.join('  ')}
          </text>
        </g>
      );
    })}
  </g>
);

/** Labels on one arrow stand one below the other. */
const isRightAbove = (other: Region, { x, y, width }: Region): boolean =>
  other.kind === 'rule' &&
  other.y < y &&
  other.y + other.height > y - 12 &&
  other.x < x + width &&
  other.x + other.width > x;
