import type { ActorSnapshot } from '../../statechart/inspect/news.ts';
import { nameOfValue } from '../../statechart/read/state-name.ts';

/** A snapshot in a few words: its state, and its status unless it is active; empty where neither is there. */
export const snapshotText = ({ status = 'active', value }: ActorSnapshot): string =>
  [nameOfValue(value), status === 'active' ? '' : status].filter(Boolean).join(' ');
