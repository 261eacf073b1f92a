import type { NodeId } from '../raft/types.ts';

/** Hands `message` to node `to`. False: it is lost. What was sent may still be lost. Never calls `receive` of the other node inside this call. */
export type SendApplication = (to: NodeId, message: Uint8Array) => boolean;

/** What runs on the nodes of a cluster besides Raft, and talks over their links. Such messages wait for those of Raft, and are never stored. */
export interface Application {
  /** Called once, before anything else. */
  bind(send: SendApplication): void;
  /** Takes a message that another member has sent. Must not throw. */
  receive(from: NodeId, message: Uint8Array): void;
}
