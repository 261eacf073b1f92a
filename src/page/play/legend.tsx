import { paths, type Shape } from './ring/message-look.ts';

const shapes: readonly (readonly [Shape, string, string])[] = [
  ['triangle', 'is-requestvote', 'vote'],
  ['circle', 'is-appendentries', 'entries'],
  ['square', 'is-installsnapshot', 'snapshot'],
  ['diamond', 'is-timeoutnow', 'other'],
];

/** What the signs in the picture mean. */
export const Legend = () => (
  <ul class="legend">
    {shapes.map(([shape, kind, name]) => (
      <li key={name}>
        <svg viewBox="-9 -9 18 18" aria-hidden="true">
          <g class={`flight ${kind}`}>
            <path class="flight-shape" d={paths[shape]} />
          </g>
        </svg>
        {name}
      </li>
    ))}
    <li>
      <svg viewBox="-9 -9 18 18" aria-hidden="true">
        <g class="flight is-response is-appendentries">
          <path class="flight-shape" d={paths.circle} />
        </g>
      </svg>
      response
    </li>
    <li>
      <svg viewBox="0 0 18 18" aria-hidden="true">
        <g class="cell term-1 is-committed">
          <rect x={2} y={2} width={14} height={14} rx={1.5} />
        </g>
      </svg>
      committed
    </li>
    <li>
      <svg viewBox="0 0 18 18" aria-hidden="true">
        <g class="cell term-1">
          <rect x={2} y={2} width={14} height={14} rx={1.5} />
        </g>
      </svg>
      not yet
    </li>
    <li>
      <svg viewBox="0 0 18 18" aria-hidden="true">
        <g class="cell term-1">
          <rect x={2} y={2} width={14} height={14} rx={1.5} />
          <rect class="not-durable" x={2} y={2} width={14} height={14} rx={1.5} />
        </g>
      </svg>
      not durable
    </li>
    <li>
      <svg viewBox="0 0 18 18" aria-hidden="true">
        <path class="applied" d="M2 10h14" />
      </svg>
      applied
    </li>
  </ul>
);
