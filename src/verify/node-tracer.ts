import type { NodeParts } from '../node/start-node.ts';
import type { RaftSnapshot } from '../node/step.ts';
import type { Storage } from '../ports/storage.ts';
import type { NodeId } from '../raft/types.ts';
import type { SimulationEvent } from '../trace/events.ts';
import { ChartRecorder, inputOf, summaryOf } from './chart-recorder.ts';
import { Durability, observedStorage } from './durability.ts';

/** What `startNode` is given so that a running node tells what happens. */
export type TracedParts = Required<Pick<NodeParts<unknown>, 'storage' | 'observe' | 'inspect' | 'sent'>>;

export interface NodeTracer {
  /** Instead of the node's own storage, and beside its other parts. */
  readonly parts: TracedParts;
  /** To be called once the node has stopped. */
  stopped(reason: string): void;
}

/** Tells everything that the role chart of one run of a node is given and does, as a simulation does, but of messages only to whom they leave; `storage` was just opened. */
export const traceNode = (
  id: NodeId,
  storage: Storage,
  emit: (event: SimulationEvent) => void,
): NodeTracer => {
  // Messages that leave one after another are told in one event, before what comes next.
  let leaving: NodeId[] = [];
  const tell = (event: SimulationEvent): void => {
    if (event.type === 'left') {
      leaving.push(...event.to);
      return;
    }
    if (leaving.length > 0) {
      emit({ type: 'left', node: id, to: leaving });
      leaving = [];
    }
    emit(event);
  };
  const recorder = new ChartRecorder(tell);
  const durability = new Durability();
  let isStarted = false;
  const start = (snapshot: RaftSnapshot): void => {
    isStarted = true;
    const { currentTerm, votedFor, log } = snapshot.context;
    durability.recoverAs({ currentTerm, votedFor, log }, 0);
    recorder.started(id, snapshot);
    tell({
      type: 'started',
      node: id,
      state: summaryOf(snapshot),
      found: inputOf(snapshot.context),
      mayFollowKill: true,
    });
  };
  return {
    parts: {
      storage: observedStorage(storage, durability, () => {
        const { acknowledged: writes, durable } = durability;
        const { currentTerm: term, votedFor, log } = durable;
        tell({ type: 'synced', node: id, writes, term, votedFor, lastIndex: log.lastIndex });
      }),
      observe: (snapshot) => {
        if (isStarted) recorder.stepped(id, snapshot);
        else start(snapshot);
      },
      inspect: (event) => recorder.inspect(id, event),
      sent: (message) => recorder.did(id, { type: 'left', node: id, to: [message.to] }),
    },
    stopped: (reason) => {
      recorder.ended(id);
      tell({ type: 'stopped', node: id, reason });
    },
  };
};
