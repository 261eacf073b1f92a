import { sizeOf } from '../cluster-event.ts';
import type { Cluster } from '../exploration.ts';
import { Bits } from './bits.ts';
import { EverSentSearch } from './ever-sent-search.ts';

/**
 * The numbers of states from which neither a leader nor a bound can be reached once all messages under way are lost; one for all that have
 * the same nodes and history. What can happen without a message can happen with it, so it is enough to look at the empty network.
 */
export const stuckStates = (cluster: Cluster, search: EverSentSearch): readonly number[] => {
  const { states, successors, state } = search;
  const bag = new Bits();
  const isGood = new Uint8Array(states.keys);
  /** For each key: the keys from which one event leads to it on an empty network. */
  const before: number[][] = Array.from({ length: states.keys }, () => []);
  const good: number[] = [];
  for (let key = 0; key < states.keys; key++) {
    states.read(states.stateOf(key), state, bag);
    bag.clear();
    search.saturate(state, bag);
    successors.of(state, bag, (next) => before[states.keyOf(next)]!.push(key));
    if (successors.isCut || hasLeader(cluster, state)) good.push(key);
  }
  const spread = (): void => {
    for (let key = good.pop(); key !== undefined; key = good.pop()) {
      if (isGood[key] === 1) continue;
      isGood[key] = 1;
      for (const earlier of before[key]!) good.push(earlier);
    }
  };
  spread();
  const isStuck = new Uint8Array(states.keys);
  for (let key = 0; key < states.keys; key++) {
    if (isGood[key] === 1 || isStuck[key] === 1) continue;
    states.read(states.stateOf(key), state, bag);
    const reached = stuckFrom(cluster, search, (other) => isGood[other] === 1);
    if (reached === null) {
      good.push(key);
      spread();
    } else {
      // Whatever is reached from there is stuck as well: once its messages are lost, nothing more is possible.
      for (const other of reached) isStuck[other] = 1;
    }
  }
  return Array.from(isStuck.keys())
    .filter((key) => isStuck[key] === 1)
    .map((key) => states.stateOf(key));
};

const hasLeader = ({ options, steps }: Cluster, state: Int32Array): boolean => {
  for (let at = 0; at < sizeOf(options); at++) if (steps.leads(state[at]!)) return true;
  return false;
};

/**
 * All keys that the search's state leads to by several events, starting with no messages, where one needs what another sent; null:
 * a bound or a good key is among them.
 */
const stuckFrom = (
  cluster: Cluster,
  { states, state }: EverSentSearch,
  isGood: (key: number) => boolean,
): ReadonlySet<number> | null => {
  const from = new EverSentSearch(cluster, 'deep');
  const reached = new Set<number>();
  from.start(state);
  while (from.frontier > 0) {
    from.advance();
    const key = states.keyOf(from.state);
    if (from.successors.isCut || isGood(key)) return null;
    reached.add(key);
  }
  return reached;
};
