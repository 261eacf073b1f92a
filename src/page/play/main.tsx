import { effect } from '@preact/signals';
import { render } from 'preact';
import 'virtual:palette.css';
import '../base.css';
import './styles/page.css';
import './styles/ring.css';
import './styles/panel.css';
import './styles/time.css';
import { followTheme } from '../state/theme.ts';
import { App } from './app.tsx';
import { storyOf } from './directives.ts';
import { ask } from './engine-client.ts';
import { followKeys } from './keys.ts';
import { followTime, isRunning, openLink, openStory, refusal, story } from './session.ts';

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

const begin = async (): Promise<void> => {
  const isShared = location.hash.startsWith('#story=');
  const problem = isShared ? await openLink(location.hash) : null;
  if (isShared && problem === null) return;
  await openStory(newCluster);
  if (problem !== null) refusal.value = problem;
  isRunning.value = problem === null && !matchMedia('(prefers-reduced-motion: reduce)').matches;
};
void begin();
addEventListener('hashchange', () => void begin());
