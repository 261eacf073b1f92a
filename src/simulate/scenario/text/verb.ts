import { type NodeId, nodeName } from '../../../raft/types.ts';
import { StoryUnusable } from '../story-unusable.ts';
import type { Scene } from './conditions.ts';
import type { Words } from './words.ts';

export interface Verb {
  readonly usage: string;
  /** What happens, for docs/stories.md. */
  readonly does: string;
  /** Only in stories of this kind; undefined: in both. */
  readonly only?: 'held' | 'runs';
  /** Nothing happens in the cluster. */
  readonly isLook?: true;
  /** `text` is all that stands after the verb. */
  readonly run: (words: Words, scene: Scene, text: string) => void | Promise<void>;
}

/** The node that comes next, which runs. */
export const upNode = (words: Words, { stage }: Scene): NodeId => {
  const id = words.node();
  if (stage.node(id).isUp) return id;
  const remedy = stage.hasCrashed(id) ? 'restart' : 'start';
  throw new StoryUnusable(`${nodeName(id)} is down: ${remedy} it first`);
};
