import type { AnyStateMachine } from 'xstate';
import { lossesOfStately, lossText, toStately } from '../../statechart/export/stately.ts';
import type { ChartModel } from '../../statechart/read/model.ts';
import { walk } from '../../statechart/read/walk.ts';

/** A machine as the tools that never step it know it. */
export interface MachineReading {
  readonly chart: ChartModel;
  /** As Stately's JSON. */
  readonly stately: string;
  /** What that JSON leaves out, in one line; null for nothing. */
  readonly statelyLosses: string | null;
}

export const readTask = (machine: AnyStateMachine, _argument: null): MachineReading => ({
  chart: walk(machine),
  stately: toStately(machine),
  statelyLosses: lossText(lossesOfStately(machine)),
});
