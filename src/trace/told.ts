import type { LogIndex, NodeId, Term } from '../raft/types.ts';

/** What a storyteller adds to what the nodes do: words of the script, not of the cluster. */
export type Told =
  /** What the next part of the story is about. */
  | { readonly kind: 'act'; readonly text: string }
  /** What the script does to the cluster; `who` and `text` are one sentence, such as `network`, `is whole again`. */
  | { readonly kind: 'note'; readonly who: string; readonly text: string }
  /** What the story expected, and found to hold. */
  | { readonly kind: 'expectation'; readonly text: string }
  /** What it expected in vain. */
  | { readonly kind: 'failure'; readonly text: string }
  /** A client and a node. `request` tells apart the operations of a story. */
  | {
      readonly kind: 'asked' | 'answered';
      readonly node: NodeId;
      readonly request: number;
      readonly text: string;
    }
  | { readonly kind: 'logs'; readonly logs: readonly ShownLog[] }
  /** From the one to the other nothing is told. */
  | { readonly kind: 'hushed' | 'resumed' };

/** A node's log as Figures 7 and 8 show it. */
export interface ShownLog {
  readonly node: NodeId;
  /** What the story calls it besides; empty: nothing. */
  readonly name: string;
  readonly isUp: boolean;
  /** Of each entry, from index 1 on. */
  readonly terms: readonly Term[];
  readonly commitIndex: LogIndex;
}
