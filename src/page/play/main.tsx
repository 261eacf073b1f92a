import { effect } from '@preact/signals';
import { render } from 'preact';
import 'virtual:palette.css';
import '../base.css';
import './styles/page.css';
import './styles/ring.css';
import './styles/panel.css';
import './styles/time.css';
import '../diagram/drawing.css';
import './styles/chart.css';
import { followTheme } from '../state/theme.ts';
import { App } from './app.tsx';
import { storyOf } from './directives.ts';
import { ask } from './engine-client.ts';
import { followKeys } from './keys.ts';
import { followTime, isRunning, openLink, openStory, refusal, story } from './session.ts';
import { lessons } from './told-stories.ts';

followTheme();
render(<App />, document.querySelector('#page')!);
followKeys();
followTime();
effect(() => {
  document.title = [story.value?.title, 'raftchart playground'].filter(Boolean).join(' · ');
});
// For a console: the engine that the page asks, with the same answers.
Object.assign(globalThis, { ask });

const newCluster = storyOf({ nodes: 5, spares: 0, seed: 1, isStepwise: false, without: [] });

/** What the part behind # asks for; false: nothing. A problem is one line. */
const openAsked = async (asked: string): Promise<string | null | false> => {
  if (asked.startsWith('#story=')) return openLink(asked);
  if (!asked.startsWith('#lesson=')) return false;
  const lesson = lessons[Number(asked.slice('#lesson='.length)) - 1];
  if (lesson === undefined) return `there is no such lesson: the lessons are 1 to ${lessons.length}`;
  return openStory(lesson.text);
};

const begin = async (): Promise<void> => {
  const outcome = await openAsked(location.hash);
  if (outcome === null) return;
  const problem = outcome === false ? null : outcome;
  await openStory(newCluster);
  if (problem !== null) refusal.value = problem;
  isRunning.value = problem === null && !matchMedia('(prefers-reduced-motion: reduce)').matches;
};
void begin();
addEventListener('hashchange', () => void begin());
