import type { HistoryEvent } from '../check/history.ts';
import type { EventType, ProcessId } from '../check/operation.ts';
import type { NodeId } from '../raft/types.ts';
import type { Checks } from '../verify/checks.ts';
import type { Dice } from './dice.ts';
import type { Asked, ClientRequest } from './onlooker.ts';
import type { Recorded, Service } from './service.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What all clients of a simulated cluster are made of. */
export interface ClientParts {
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly nodes: readonly SimulatedNode[];
  readonly checks: Checks;
  readonly service: Service<unknown>;
  /** A request has reached a running node. */
  readonly asked: (node: NodeId, request: ClientRequest) => Pick<Asked, 'isRefused'>;
  /** An operation began or ended, in order; `event` is how the history tells it, null if it does not. */
  readonly record: (type: EventType, event: HistoryEvent | null) => void;
  /** The same of an operation for the service's model. */
  readonly recordFor: (process: ProcessId, type: EventType, recorded: Recorded) => void;
}
