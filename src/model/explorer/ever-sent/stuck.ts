import type { Cluster } from '../exploration.ts';
import { Bits } from './bits.ts';
import { EverSentSearch } from './ever-sent-search.ts';

/**
 * States from which neither a leader nor a bound can be reached once all messages under way are lost, by number; one for all that have
 * the same nodes and history. What can happen without a message can happen with it, so it is enough to look at the empty network.
 */
export const stuckStates = (cluster: Cluster, search: EverSentSearch): readonly number[] => {
  const { states, successors, state } = search;
  const bag = new Bits();
  const isGood = new Uint8Array(states.keys);
  /** By key: from which keys an empty network leads to it in one event. */
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
      good.push(...before[key]!);
    }
  };
  spread();
  const stuck: number[] = [];
  for (let key = 0; key < states.keys; key++) {
    if (isGood[key] === 1) continue;
    const number = states.stateOf(key);
    states.read(number, state, bag);
    if (leadsTo(cluster, search, (reached) => isGood[reached] === 1)) {
      good.push(key);
      spread();
    } else {
      stuck.push(number);
    }
  }
  return stuck;
};

const hasLeader = ({ options, steps }: Cluster, state: Int32Array): boolean => {
  for (let at = 0; at < options.nodes; at++) if (steps.leads(state[at]!)) return true;
  return false;
};

/** Whether the search's state, without any message, leads to a key that is good: by several events, of which one needs what another sent. */
const leadsTo = (
  cluster: Cluster,
  { states, state }: EverSentSearch,
  isGood: (key: number) => boolean,
): boolean => {
  const from = new EverSentSearch(cluster, 'deep');
  from.start(state);
  while (from.frontier > 0) {
    from.advance();
    if (isGood(states.keyOf(from.state))) return true;
  }
  return false;
};
