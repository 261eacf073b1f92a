import { render } from 'preact';
import { App } from './app.tsx';
import './style.css';
import 'virtual:palette.css';
import { followKeys } from './keyboard.ts';
import { followCluster } from './state/cluster.ts';
import { followPanel } from './state/panel.ts';
import { followSelection } from './state/paths.ts';
import { openPage } from './state/place.ts';
import { followTheme } from './state/theme.ts';

followTheme();
followPanel();
render(<App />, document.querySelector('#page')!);
followKeys();
await openPage();
followSelection();
followCluster();
