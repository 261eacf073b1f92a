import { knownCharts } from '../../../src/cli/machine/known-charts.ts';
import { gateSteps } from '../../../src/statechart/draw/gate.ts';
import type { View } from '../../../src/statechart/draw/view.ts';
import type { ChartModel } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

/** Every chart of the repository with its model. */
export const charts = knownCharts.map((known) => ({ ...known, chart: walk(known.machine) }));

export const viewsOf = (chart: ChartModel): readonly View[] => [
  { kind: 'overview' },
  { kind: 'full' },
  ...(gateSteps(chart).size > 0 ? [{ kind: 'gate' } as const] : []),
  ...chart.root.states.map(({ key }) => ({ kind: 'state', name: key }) as const),
];

export const everyView = charts.flatMap(({ name, chart }) =>
  viewsOf(chart).map((view) => ({
    name,
    chart,
    view,
    label: view.kind === 'state' ? `role=${view.name}` : view.kind,
  })),
);
