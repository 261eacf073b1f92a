import { useComputed } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { ownKeys } from '../../own-keys.ts';
import { termClass } from '../ring/log-cells.ts';
import {
  head,
  isRunning,
  isStepwise,
  recording,
  reigns,
  showEnd,
  showFrame,
  showTime,
  version,
} from '../session.ts';
import { type MarkKind, thinned } from './marks.ts';
import { spanOf, timeText } from './playhead.ts';

/** Of marks of one kind, on the whole timeline. */
const columns = 400;

/** The whole play at a glance, on which one goes back and forth. */
export const Timeline = () => {
  const box = useRef<HTMLDivElement>(null);
  const span = useComputed(() => {
    version.value;
    return spanOf(recording.endUs);
  });
  const text = useComputed(() => {
    version.value;
    return isStepwise.value ? `step ${head.value.index}` : timeText(head.value.us);
  });
  const here = useComputed(
    () => `transform:translateX(${((head.value.us / span.value) * 100).toFixed(2)}cqw)`,
  );
  const mostUs = useComputed(() => Math.round(span.value));
  const nowUs = useComputed(() => Math.round(head.value.us));
  const go = ({ clientX }: PointerEvent): void => {
    const { left, width } = box.current!.getBoundingClientRect();
    isRunning.value = false;
    showTime(((clientX - left) / width) * span.value);
  };
  const move = (step: number) => (): void => {
    isRunning.value = false;
    showFrame(head.value.index + step);
  };
  return (
    <div
      ref={box}
      class="timeline"
      role="slider"
      tabIndex={0}
      aria-label="Timeline"
      aria-valuemin={0}
      aria-valuemax={mostUs}
      aria-valuenow={nowUs}
      aria-valuetext={text}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) go(event);
      }}
      onKeyDown={ownKeys({
        ArrowLeft: move(-1),
        ArrowRight: move(1),
        ArrowDown: move(-1),
        ArrowUp: move(1),
        PageUp: move(-20),
        PageDown: move(20),
        Home: () => showFrame(0),
        End: showEnd,
      })}
    >
      <Track />
      <div class="playhead" style={here} />
    </div>
  );
};

const percent = (us: number, spanUs: number): string => `${((us / spanUs) * 100).toFixed(2)}%`;

/** Where each kind stands, so that colour is not alone: elections above, commits in the middle, faults below. */
const marks: Readonly<Record<MarkKind, (x: string) => preact.JSX.Element>> = {
  commit: (x) => <rect class="mark commit" x={x} y={22} width={2} height={7} />,
  election: (x) => (
    <svg x={x} y={0} width={1} height={48} overflow="visible" aria-hidden="true">
      <path class="mark election" d="M0 19L-5 10L5 10Z" />
    </svg>
  ),
  fault: (x) => (
    <svg x={x} y={0} width={1} height={48} overflow="visible" aria-hidden="true">
      <path class="mark fault" d="M-4 33l8 8m0 -8l-8 8" />
    </svg>
  ),
  mended: (x) => (
    <svg x={x} y={0} width={1} height={48} overflow="visible" aria-hidden="true">
      <circle class="mark mended" cx={0} cy={37} r={3.5} />
    </svg>
  ),
  violation: (x) => <rect class="mark violation" x={x} y={2} width={3} height={44} />,
};

const Track = () => {
  version.value;
  const { endUs } = recording;
  const span = spanOf(endUs);
  return (
    <svg class="track-picture" aria-hidden="true">
      <rect class="recorded" width={percent(endUs, span)} y={20} height={11} />
      {reigns.map(
        ({ fromUs, leader, term }, at) =>
          leader !== null && (
            <rect
              key={fromUs}
              class={`reign ${termClass(term)}`}
              x={percent(fromUs, span)}
              width={percent((reigns[at + 1]?.fromUs ?? endUs) - fromUs, span)}
              y={20}
              height={11}
            />
          ),
      )}
      {thinned(recording.marks, span, columns).map(({ kind, atUs, what }) => (
        <g key={`${kind} ${atUs} ${what}`}>
          <title>{what}</title>
          {marks[kind](percent(atUs, span))}
        </g>
      ))}
    </svg>
  );
};
