import { type ChartModel, type StateModel, statesBelow, type TransitionModel } from '../read/model.ts';
import type { ConfigTrigger } from '../source/machine-sources.ts';
import type { WrittenPlaces } from '../source/written-places.ts';
import type { Place } from './finding.ts';

/** Where states and transitions of a chart are written; null where nobody can tell. */
export type PlaceOf = (state: string, transition: string | null) => Place | null;

/** For the chart of the machine whose sources these are. */
export const placesIn = (written: WrittenPlaces, chart: ChartModel): PlaceOf => {
  const states = new Map(statesBelow(chart.root).map((state) => [state.id, state]));
  return (id, transitionId) => {
    const state = states.get(id);
    const transition = state?.transitions.find((each) => each.id === transitionId);
    return written.placeOf(chart.id, {
      state: state?.path ?? [],
      trigger: state === undefined || transition === undefined ? null : triggerIn(state, transition),
      branch: transition?.branch ?? 0,
    });
  };
};

/** As the config has it: an actor by its position. */
const triggerIn = ({ invokes }: StateModel, { kind, trigger }: TransitionModel): ConfigTrigger => {
  if (kind !== 'invoke') return { kind, key: trigger };
  const dot = trigger.indexOf('.');
  return {
    kind,
    key: `${trigger.slice(0, dot)}.${invokes.findIndex(({ id }) => id === trigger.slice(dot + 1))}`,
  };
};
