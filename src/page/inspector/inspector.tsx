import { signal } from '@preact/signals';
import { ownKeys } from '../own-keys.ts';
import {
  actors,
  allNews,
  chosen,
  inspectionProblem,
  isEmpty,
  isInspecting,
  position,
  step,
} from '../state/inspected.ts';
import { charts } from '../state/place.ts';
import { ActorTree } from './actor-tree.tsx';
import { Connect } from './connect.tsx';
import { EventList } from './event-list.tsx';
import { sentenceOf, subjectOf } from './rows.ts';
import { Sequence } from './sequence.tsx';
import { Timeline } from './timeline.tsx';

type Pane = 'actors' | 'picture' | 'log' | 'details';

/** Which part is shown where there is room for one. */
const pane = signal<Pane>('picture');
const tab = signal<'events' | 'sequence'>('events');

/** Around the picture: the actors, the time, and what happened. */
export const Inspector = () =>
  isInspecting.value && !isEmpty.value ? (
    <>
      <Panes />
      <ActorTree />
      <Timeline />
      <Dock />
      <Spoken />
    </>
  ) : null;

const Panes = () => (
  <nav class="panes" aria-label="Parts of the inspector" data-pane={pane.value}>
    {(['actors', 'picture', 'log', 'details'] as const).map((each) => (
      <button
        key={each}
        type="button"
        aria-current={each === pane.value ? 'true' : undefined}
        onClick={() => {
          pane.value = each;
        }}
      >
        {each}
      </button>
    ))}
  </nav>
);

const tabs = ['events', 'sequence'] as const;

/** There are two. */
const turnTab = (): void => {
  tab.value = tab.value === 'events' ? 'sequence' : 'events';
  document.getElementById(`tab-${tab.value}`)?.focus();
};

const Dock = () => (
  <section class="dock" aria-label="Log">
    <div
      class="tabs"
      role="tablist"
      aria-label="Views of the log"
      onKeyDown={ownKeys({ ArrowLeft: turnTab, ArrowRight: turnTab })}
    >
      {tabs.map((each) => (
        <button
          key={each}
          id={`tab-${each}`}
          type="button"
          role="tab"
          tabIndex={each === tab.value ? 0 : -1}
          aria-selected={each === tab.value}
          aria-controls="dock-panel"
          onClick={() => {
            tab.value = each;
          }}
        >
          {each}
        </button>
      ))}
    </div>
    <div id="dock-panel" class="dock-panel" role="tabpanel" aria-labelledby={`tab-${tab.value}`}>
      {tab.value === 'events' ? <EventList /> : <Sequence />}
    </div>
  </section>
);

/** In front of the picture where there is none to show. */
export const PictureCover = () => {
  if (!isInspecting.value) return null;
  const problem = inspectionProblem.value;
  if (actors.value.size === 0 && step.value === null)
    return (
      <div class="cover">
        {problem !== null && <p class="problem">{problem}</p>}
        <Connect />
      </div>
    );
  if (problem !== null) return <p class="problem stale">{problem}</p>;
  const actor = chosen.value;
  if (actor !== null && charts.value.some(({ name }) => name === actor.chart)) return null;
  return (
    <div class="cover">
      <p class="faint">{coverText()}</p>
    </div>
  );
};

const coverText = (): string => {
  const actor = chosen.value;
  if (actor === null) return 'The selected actor does not exist at this moment.';
  if (actor.problem !== null) return actor.problem;
  if (actor.chart !== null) return 'Drawing its chart…';
  return `${actor.name} is not a state machine, so it has no chart. Its data is in the details.`;
};

/** What a screen reader says of a step that was chosen. */
const Spoken = () => {
  const news = step.value === null ? undefined : allNews.value[position.value];
  return (
    <p class="hidden" aria-live="polite">
      {news && `${subjectOf(news)}: ${sentenceOf(news)}`}
    </p>
  );
};
