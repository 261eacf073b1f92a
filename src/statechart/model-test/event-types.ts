import { isMatch } from '../read/event-match.ts';
import { type ChartModel, transitionsOf } from '../read/model.ts';
import { ModelTestUnfit } from './model-test-options.ts';

/** Throws `ModelTestUnfit` for the first of these types that no transition of the chart takes. */
export const checkEventTypes = (chart: ChartModel, types: readonly string[]): void => {
  const transitions = transitionsOf(chart);
  const unknown = types.find((type) => !transitions.some(({ eventType }) => isMatch(eventType, type)));
  if (unknown === undefined) return;
  const known = new Set(transitions.filter(({ kind }) => kind === 'event').map(({ trigger }) => trigger));
  throw new ModelTestUnfit(
    `${chart.id} takes no event called ${unknown}; its events: ${[...known].join(', ') || 'none'}`,
  );
};
