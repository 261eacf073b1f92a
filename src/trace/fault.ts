import type { NodeId } from '../raft/types.ts';

/** When a fault begins and when it is over, in virtual milliseconds. */
interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One fault with its time. A plan lists them, so that one can be left out without moving another. */
export type Fault =
  /**
   * Frames between nodes that have no group in common are lost, so a node in two groups is a bridge; `oneWay`: only those from the
   * first group to the others. A node in no group is cut off from all. `lasts`: it stays, and the cluster must recover in spite of it.
   */
  | (Window & {
      readonly kind: 'partition';
      readonly groups: readonly (readonly NodeId[])[];
      readonly oneWay: boolean;
      readonly lasts?: boolean;
    })
  /** Frames from `from` to `to` are held, and arrive once it is over. */
  | (Window & { readonly kind: 'hold'; readonly from: NodeId; readonly to: NodeId })
  /** Frames from `from` to `to` take `addMs` longer. */
  | (Window & {
      readonly kind: 'slowLink';
      readonly from: NodeId;
      readonly to: NodeId;
      readonly addMs: number;
    })
  /** The connections between two nodes break at `fromMs`, with what was on its way. `toMs` means nothing. */
  | (Window & { readonly kind: 'disconnect'; readonly nodes: readonly [NodeId, NodeId] })
  /** From `fromMs` on each node does `effects` more effects and then loses power; it starts again at `toMs`. */
  | (Window & { readonly kind: 'crash'; readonly nodes: readonly NodeId[]; readonly effects: number })
  /** The process stands still, as under SIGSTOP; what arrives waits. */
  | (Window & { readonly kind: 'pause'; readonly node: NodeId })
  /** Its clock runs `rate` times as fast as time. */
  | (Window & { readonly kind: 'skew'; readonly node: NodeId; readonly rate: number })
  /** A sync takes `addMs` longer. */
  | (Window & { readonly kind: 'slowDisk'; readonly node: NodeId; readonly addMs: number })
  /** The first sync from `fromMs` on fails, having written some of it. The node must stop; it is started again at `toMs`. */
  | (Window & { readonly kind: 'failedSync'; readonly node: NodeId })
  /** No file can be made or grown. */
  | (Window & { readonly kind: 'fullDisk'; readonly node: NodeId })
  /** The node loses power, and bit `bit` of byte `at` (from 0 to 1 of what was written) is flipped until `toMs`. */
  | (Window & { readonly kind: 'bitFlip'; readonly node: NodeId; readonly at: number; readonly bit: number })
  /**
   * The node loses power and starts on another disk: an empty one, or a copy of its own from when it started last. At `toMs` it gets its
   * own back. Nothing happens while so many nodes are on another disk that the rest is no majority, or if some node has not heard of this
   * run: it could not tell.
   */
  | (Window & { readonly kind: 'lostDisk'; readonly node: NodeId })
  | (Window & { readonly kind: 'olderDisk'; readonly node: NodeId });

export type FaultKind = Fault['kind'];
