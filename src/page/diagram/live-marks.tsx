import type { StateModel } from '../../statechart/read/model.ts';
import type { PageChart, PageScene, Region } from '../data/page-data.ts';
import { type Token, takenOn, tokensOn } from '../state/source.ts';
import { viewport } from './viewport.ts';

/** Where the actors that run are: a mark on the innermost state that this view shows, and on what they have just done. */
export const LiveMarks = ({ scene, chart }: { readonly scene: PageScene; readonly chart: PageChart }) => {
  const states = new Map(
    scene.regions.flatMap((region) => (region.kind === 'state' ? [[region.refs[0]!, region] as const] : [])),
  );
  const tokens = tokensOn(chart);
  const active = new Set(tokens.flatMap((token) => token.states).filter(({ id }) => states.has(id)));
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus; the panel says the same in words.
    <g class="live" aria-hidden="true">
      {[...active].map(({ id, path }) => (
        <Outline key={id} region={states.get(id)!} isOuter={path.length === 1} />
      ))}
      <Taken scene={scene} chart={chart} />
      {[...gathered(tokens, states)].map(([id, labels]) => (
        <Badges key={id} region={states.get(id)!} labels={labels} />
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

/** Marks keep their size on the screen when the picture is small. */
const markScale = (): number => Math.min(2.2, Math.max(1, 1 / viewport.value.scale));

/** Labels of the tokens in each state: the innermost ones that have a place here. */
const gathered = (tokens: readonly Token[], states: ReadonlyMap<string, Region>) => {
  const labels = new Map<string, string[]>();
  for (const { label, states: inside } of tokens) {
    const shown = inside.filter(({ id }) => states.has(id));
    // Parallel regions hold a token each; the state around them is where it is looked for.
    const innermost = shown.filter((state) => !shown.some((other) => isInside(other, state)));
    const place = innermost.length > 1 ? shown[0] : innermost[0];
    for (const state of new Set([shown[0], place])) {
      if (state !== undefined) labels.set(state.id, [...(labels.get(state.id) ?? []), label]);
    }
  }
  return labels;
};

const isInside = (inner: StateModel, { path }: StateModel): boolean =>
  inner.path.length > path.length && path.every((key, at) => inner.path[at] === key);

/** More marks than this on a state are only counted. */
const maxBadges = 20;

const Badges = ({ region, labels: all }: { readonly region: Region; readonly labels: readonly string[] }) => {
  const labels = all.length > maxBadges ? [`×${all.length}`] : all;
  const size = markScale();
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
const Taken = ({ scene, chart }: { readonly scene: PageScene; readonly chart: PageChart }) => {
  const takers = takenOn(chart);
  return (
    <g>
      {scene.regions.map((region) => {
        const labels = [...new Set(region.refs.flatMap((ref) => takers.get(ref) ?? []))];
        if (region.kind !== 'rule' || labels.length === 0) return null;
        const { x, y, width, height } = region;
        const size = Math.min(14, 11 * markScale());
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
};

/** Labels on one arrow stand one below the other. */
const isRightAbove = (other: Region, { x, y, width }: Region): boolean =>
  other.kind === 'rule' &&
  other.y < y &&
  other.y + other.height > y - 12 &&
  other.x < x + width &&
  other.x + other.width > x;
