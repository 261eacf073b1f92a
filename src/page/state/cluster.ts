import type { LiveNode } from '../data/live-node.ts';
import { forgetOld, report, sourceProblem } from './cluster-nodes.ts';
import { viewStopped } from './out-of-date.ts';

/** Follows the live cluster that `raftchart view --cluster` polls; without one the server says that there is nothing. */
export const followCluster = (): void => {
  const events = new EventSource('live');
  let hasOpened = false;
  events.onopen = () => {
    hasOpened = true;
    sourceProblem.value = null;
  };
  events.onmessage = ({ data }: MessageEvent<string>) =>
    report(JSON.parse(data) as readonly LiveNode[], performance.now());
  setInterval(() => forgetOld(performance.now()), 400);
  events.onerror = () => {
    if (hasOpened) sourceProblem.value = viewStopped;
  };
};
