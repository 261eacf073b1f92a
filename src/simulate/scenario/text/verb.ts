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
export const upNode = (words: Words, scene: Scene): NodeId => {
  const id = words.node();
  assertUp(id, scene);
  return id;
};

/** Throws `StoryUnusable` for a node that is down. */
export const assertUp = (id: NodeId, { stage }: Scene): void => {
  if (stage.node(id).isUp) return;
  const remedy = stage.hasCrashed(id) ? 'restart' : 'start';
  throw new StoryUnusable(`${nodeName(id)} is down: ${remedy} it first`);
};
