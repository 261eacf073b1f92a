import { useComputed, useSignal } from '@preact/signals';
import { Select } from '../../select.tsx';
import {
  canRun,
  head,
  isBusy,
  isRunning,
  isStepwise,
  recording,
  type StepKind,
  showEnd,
  showFrame,
  speed,
  stepBack,
  stepOn,
  story,
  version,
} from '../session.ts';
import { speeds, speedText, timeText } from './playhead.ts';

/** Runs on or pauses. */
export const turnRunning = (): void => {
  if (isRunning.peek() || canRun.peek()) isRunning.value = !isRunning.peek();
  // The engine says why there is nothing to run.
  else void stepOn('event');
};

const stepKinds: readonly StepKind[] = ['event', 'message', 'transition'];

/** How time passes. */
export const Transport = () => {
  const kind = useSignal<StepKind>('event');
  const now = useComputed(() => {
    version.value;
    return isStepwise.value
      ? `step ${head.value.index} of ${recording.frames.length - 1}`
      : timeText(head.value.us);
  });
  const next = useComputed(() => story.value?.next ?? null).value;
  return (
    <div class="transport" role="toolbar" aria-label="Time">
      <button
        type="button"
        class="run"
        aria-pressed={isRunning.value}
        disabled={!canRun.value}
        onClick={turnRunning}
      >
        <svg viewBox="0 0 12 12" aria-hidden="true">
          <path d={isRunning.value ? 'M2 1h3v10h-3zM7 1h3v10h-3z' : 'M2.5 0.8L11 6L2.5 11.2Z'} />
        </svg>
        {isRunning.value ? 'Pause' : 'Run'}
      </button>
      <span class="joined">
        <IconButton name="To the start" icon="M2 1v10M11 1L4 6L11 11Z" press={() => showFrame(0)} />
        <IconButton
          name={`Back by one ${kind.value}`}
          icon="M9 1L3 6L9 11"
          press={() => stepBack(kind.value)}
        />
        <Select
          label="A step is"
          value={kind.value}
          options={stepKinds}
          choose={(chosen) => {
            kind.value = chosen;
          }}
        />
        <IconButton
          name={`On by one ${kind.value}`}
          icon="M3 1L9 6L3 11"
          press={() => void stepOn(kind.value)}
        />
        <IconButton name="To the end of what is recorded" icon="M10 1v10M1 1L8 6L1 11Z" press={showEnd} />
      </span>
      <Select
        label="Speed"
        value={String(speed.value)}
        options={speeds.map(String)}
        textOf={(each) => speedText(Number(each))}
        choose={(chosen) => {
          speed.value = Number(chosen);
        }}
      />
      <output class="now" aria-live="off">
        {now}
      </output>
      {isBusy.value && <span class="faint">working …</span>}
      {next !== null && <span class="next faint" title={next}>{`next: ${next}`}</span>}
    </div>
  );
};

const IconButton = ({
  name,
  icon,
  press,
}: {
  readonly name: string;
  readonly icon: string;
  readonly press: () => void;
}) => (
  <button type="button" aria-label={name} title={name} onClick={press}>
    <svg viewBox="0 0 12 12" aria-hidden="true">
      <path class="stroked" d={icon} />
    </svg>
  </button>
);
