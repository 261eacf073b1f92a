import { render } from 'preact';
import { App } from './app.tsx';
import './base.css';
import './style.css';
import './diagram/drawing.css';
import './inspector/inspector.css';
import './inspector/actor-tree.css';
import './inspector/log.css';
import './inspector/actor-details.css';
import 'virtual:palette.css';
import { followKeys } from './keyboard.ts';
import { followChanges } from './state/changes.ts';
import { followCluster } from './state/cluster.ts';
import { clusterNodes } from './state/cluster-nodes.ts';
import { followInspected, inspectedActors } from './state/inspected.ts';
import { followOpener } from './state/opener.ts';
import { followPanel } from './state/panel.ts';
import { followSelection } from './state/paths.ts';
import { isStill, openPage } from './state/place.ts';
import { addSource } from './state/source.ts';
import { followTheme } from './state/theme.ts';

followTheme();
followPanel();
render(<App />, document.querySelector('#page')!);
followKeys();
addSource(clusterNodes);
addSource(inspectedActors);
await openPage();
followSelection();
if (!isStill.peek()) {
  followCluster();
  followChanges();
  followInspected();
  followOpener();
}
