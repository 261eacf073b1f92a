import { nanoid } from 'nanoid';
import { systemClock } from '../adapters/system/clock.ts';
import { systemRandom } from '../adapters/system/random.ts';
import type { RaftNode } from '../node/node.ts';
import { type NodeParts, startNode } from '../node/start-node.ts';
import { silentLog } from '../ports/log.ts';

type Required = 'id' | 'peers' | 'storage' | 'transport' | 'stateMachine';

/** What `createNode` takes: five parts, and the rest of `NodeParts` where the defaults do not fit. */
export type NodeOptions<Result> = Pick<NodeParts<Result>, Required> &
  Partial<Omit<NodeParts<Result>, Required>>;

/**
 * Starts one node of a cluster inside this process. `storage` and `transport` are open and belong to the node from now on:
 * `stop()` closes them. The node starts as follower from what `storage` holds. `stopped` settles when it has stopped,
 * with the error if it stopped by itself: a failed disk, a state machine that throws. Until then `propose` answers
 * every command with an `Outcome`.
 */
export const createNode = <Result>(options: NodeOptions<Result>): RaftNode<Result> =>
  startNode({
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    clusterId: 'raftchart',
    incarnation: nanoid(),
    clientEndpoint: null,
    ...options,
  });
