import { useComputed, useSignal } from '@preact/signals';
import { ThemeChoice } from '../theme-choice.tsx';
import { ChartPanel } from './chart/chart-panel.tsx';
import { Legend } from './legend.tsx';
import { Details } from './panel/details.tsx';
import { Network } from './panel/network.tsx';
import { Safety, ViolationBanner } from './panel/safety.tsx';
import { Ring } from './ring/ring.tsx';
import { frame, refusal, selected, story } from './session.ts';
import { openShareDialog, ShareDialog } from './share-dialog.tsx';
import { openDialog, StartDialog } from './start-dialog.tsx';
import { StoryWords } from './story-words.tsx';
import { Tabs } from './tabs.tsx';
import { EventLog } from './time/event-log.tsx';
import { leaderOf } from './time/marks.ts';
import { Timeline } from './time/timeline.tsx';
import { Transport } from './time/transport.tsx';

/** The playground: the cluster, time below it, and beside it what is chosen and what happened. */
export const App = () => (
  <>
    <header class="top">
      <h1>raftchart</h1>
      <StoryTitle />
      <div class="tools">
        <button type="button" onClick={openDialog}>
          Open …
        </button>
        <button type="button" onClick={openShareDialog}>
          Share …
        </button>
        <ThemeChoice />
      </div>
    </header>
    <main>
      <StoryWords />
      <ViolationBanner />
      <Ring />
      <Legend />
      <div class="time">
        <Transport />
        <Timeline />
        <Refusal />
      </div>
    </main>
    <aside aria-label="Details">
      <Panel />
      <EventLog />
    </aside>
    <StartDialog />
    <ShareDialog />
    <News />
  </>
);

const StoryTitle = () => {
  const title = useComputed(() => story.value?.title ?? '');
  const source = useComputed(() => story.value?.source ?? '');
  return (
    <p class="story-title">
      <strong>{title}</strong> <span class="faint">{source}</span>
    </p>
  );
};

const parts = {
  Details: <Details />,
  Chart: <ChartPanel />,
  Network: <Network />,
  Safety: <Safety />,
} as const;
type Part = keyof typeof parts;

const Panel = () => {
  const part = useSignal<Part>('Details');
  const known = useSignal(selected.value);
  if (selected.value !== known.peek()) {
    known.value = selected.value;
    // The chart is that of the chosen node.
    const isOfChart = part.peek() === 'Chart' && selected.value?.type === 'node';
    if (selected.value !== null && !isOfChart) part.value = 'Details';
  }
  return (
    <section class="panel" aria-label="Cluster">
      <Tabs
        names={Object.keys(parts) as Part[]}
        shown={part.value}
        show={(name) => {
          part.value = name;
        }}
      />
      <div
        class="panel-body"
        role="tabpanel"
        id="panel-body"
        aria-labelledby={`tab-${part.value}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled is scrolled with the keyboard, too.
        tabIndex={0}
      >
        {parts[part.value]}
      </div>
    </section>
  );
};

const Refusal = () =>
  refusal.value === null ? null : (
    <p class="refusal" role="alert">
      {refusal.value}
      <button
        type="button"
        aria-label="Dismiss"
        onClick={() => {
          refusal.value = null;
        }}
      >
        <span aria-hidden="true">✕</span>
      </button>
    </p>
  );

/** Said by screen readers. */
const News = () => {
  const news = useComputed(() => {
    const { leader, term } = leaderOf(frame.value);
    return leader === null ? 'No node leads.' : `node${leader} leads term ${term}.`;
  });
  return (
    <p class="hidden" aria-live="polite">
      {news}
    </p>
  );
};
