import type { JSX } from 'preact';
import { paths, type Shape } from './ring/message-look.ts';

export interface Sign {
  readonly name: string;
  /** Around 0, 0, in a square of 18. */
  readonly picture: JSX.Element;
}

const message = (name: string, shape: Shape, kind: string): Sign => ({
  name,
  picture: (
    <g class={`flight ${kind}`}>
      <path class="flight-shape" d={paths[shape]} />
    </g>
  ),
});

const entry = (name: string, isCommitted: boolean, isDurable: boolean): Sign => ({
  name,
  picture: (
    <g class={`cell term-1${isCommitted ? ' is-committed' : ''}`}>
      <rect x={-7} y={-7} width={14} height={14} rx={1.5} />
      {!isDurable && <rect class="not-durable" x={-7} y={-7} width={14} height={14} rx={1.5} />}
    </g>
  ),
});

/** What the signs in the picture mean. */
export const signs: readonly Sign[] = [
  message('vote', 'triangle', 'is-requestvote'),
  message('entries', 'circle', 'is-appendentries'),
  message('snapshot', 'square', 'is-installsnapshot'),
  message('other', 'diamond', 'is-timeoutnow'),
  message('response', 'circle', 'is-response is-appendentries'),
  entry('committed', true, true),
  entry('not yet', false, true),
  entry('not durable', false, false),
  { name: 'applied', picture: <path class="applied" d="M-7 1h14" /> },
];

export const Legend = () => (
  <ul class="legend">
    {signs.map(({ name, picture }) => (
      <li key={name}>
        <svg viewBox="-9 -9 18 18" aria-hidden="true">
          {picture}
        </svg>
        {name}
      </li>
    ))}
  </ul>
);
