import type { ChartModel, StateModel } from './model.ts';

/** The state just below the root that has this key. */
export const topStateNamed = (chart: ChartModel, name: string): StateModel => {
  const state = chart.root.states.find(({ key }) => key === name);
  if (state !== undefined) return state;
  const names = chart.root.states.map(({ key }) => key).join(', ');
  throw new NoSuchView(`${chart.id} has no top state ${name}; it has: ${names || 'none'}`);
};

/** A view that the chart does not have: a person's mistake. */
export class NoSuchView extends Error {
  override readonly name = 'NoSuchView';
}
