import { useComputed, useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Rows, useRowsInSight } from '../../inspector/rows-in-sight.tsx';
import { ownKeys } from '../../own-keys.ts';
import { Select } from '../../select.tsx';
import { Source } from '../chart/source.tsx';
import { frame, head, isRunning, isStepwise, recording, showFrame, version } from '../session.ts';
import { timeText } from './playhead.ts';

/** What happened, in words, up to the end of what is recorded; a row brings to its moment. */
export const EventLog = () => {
  const filter = useSignal('');
  const count = useComputed(() => frame.value.nodes.length).value;
  const lines = useMemo(
    () => (filter.value === '' ? recording.told : recording.told.filter(({ who }) => who === filter.value)),
    [filter.value, version.value, recording.told.length],
  );
  const current = useComputed(() => {
    version.value;
    const by = recording.toldBy(head.value.index);
    if (filter.value === '') return by - 1;
    return recording.told.slice(0, by).filter(({ who }) => who === filter.value).length - 1;
  }).value;
  const { box, onScroll, first, end } = useRowsInSight(lines.length, Math.max(0, current), [
    current,
    filter.value,
  ]);
  const shown = lines[current];
  const go = (row: number): void => {
    const line = lines[Math.min(Math.max(row, 0), lines.length - 1)];
    if (line === undefined) return;
    isRunning.value = false;
    showFrame(recording.frameOfTold(line));
  };
  /** Lines of one moment share a frame: to leave it, one goes past them. */
  const move = (step: number): void => {
    const here = shown === undefined ? -1 : recording.frameOfTold(shown);
    let row = current + step;
    while (row > 0 && row < lines.length - 1 && recording.frameOfTold(lines[row]!) === here) row += step;
    go(row);
  };
  return (
    <section class="events" aria-label="What happened">
      <header>
        <h2>What happened</h2>
        <Select
          label="Of whom"
          value={filter.value}
          options={['', ...Array.from({ length: count }, (_, at) => `node${at + 1}`), 'client']}
          textOf={(who) => who || 'everybody'}
          choose={(chosen) => {
            filter.value = chosen;
          }}
        />
      </header>
      <div
        class="rows"
        ref={box}
        onScroll={onScroll}
        role="listbox"
        tabIndex={0}
        aria-label="Events"
        aria-activedescendant={
          shown !== undefined && current >= first && current < end ? `told-${current}` : undefined
        }
        onKeyDown={ownKeys({
          ArrowUp: () => move(-1),
          ArrowDown: () => move(1),
          Home: () => go(0),
          End: () => go(lines.length - 1),
        })}
      >
        <Rows count={lines.length} first={first}>
          {lines.slice(first, end).map(({ atUs, who, what }, at) => {
            const row = first + at;
            return (
              // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and keys of its own.
              // biome-ignore lint/a11y/useKeyWithClickEvents: see above.
              <div
                key={row}
                id={`told-${row}`}
                class={`row${row > current ? ' is-later' : ''}`}
                role="option"
                aria-selected={row === current}
                onClick={() => go(row)}
              >
                {!isStepwise.value && <span class="at">{timeText(atUs).replace(' ms', '')}</span>}
                <span class="who">{who}</span>
                <span class="what">{what}</span>
              </div>
            );
          })}
        </Rows>
      </div>
      <p class="why">
        {shown === undefined ? (
          <span class="faint">Nothing has happened yet.</span>
        ) : shown.why === null ? (
          <span>{shown.what}</span>
        ) : (
          <>
            {shown.why.description} <Source rule={shown.why.rule} />
          </>
        )}
      </p>
    </section>
  );
};
