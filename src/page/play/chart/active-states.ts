import { statesNamedBy } from '../../../statechart/read/model.ts';
import { StateNames, type StateValue, topOf } from '../../../statechart/read/state-name.ts';
import type { ChartState } from './role-chart-data.ts';

const knownNames = new WeakMap<ChartState, StateNames<ChartState>>();

/** All states that a chart is in where its state has this name, those around others first; regions that the name leaves out are among them. */
export const activeStates = (root: ChartState, name: string): readonly ChartState[] => {
  let names = knownNames.get(root);
  if (names === undefined) {
    names = new StateNames(root);
    knownNames.set(root, names);
  }
  return statesNamedBy(root, valueNamed(names, name));
};

/** Before the first snapshot of a process there is a role, and no more. */
const valueNamed = (names: StateNames<ChartState>, name: string): StateValue => {
  try {
    return names.parse(name);
  } catch {
    return topOf(name);
  }
};
