import type { ChartModel, TransitionModel } from '../read/model.ts';
import { stateText, transitionText } from '../read/notation.ts';
import type { ChartDiff } from './diff.ts';
import { isEmptyDiff } from './diff.ts';
import { summary } from './diff-text.ts';

/** For programs: what changed, by the names of states and transitions; an object of the format `raftchart-diff`, version 1, and a line end. */
export const diffToJson = (diff: ChartDiff): string =>
  `${JSON.stringify({ format: 'raftchart-diff', version: 1, ...plain(diff) }, null, 2)}\n`;

const plain = (diff: ChartDiff): object => {
  const { before, after, fields, states, transitions, names, sources, children } = diff;
  return {
    machine: after.id,
    isEmpty: isEmptyDiff(diff),
    summary: summary(diff),
    fields,
    states: states.map(({ change, id, fields: own }) => ({
      change,
      id,
      state: stateText(change === 'removed' ? before : after, id),
      fields: own,
    })),
    transitions: transitions.map(({ change, before: old, after: now, fields: own }) => ({
      change,
      before: old && words(before, old),
      after: now && words(after, now),
      fields: own,
    })),
    names,
    definitions: sources.map(({ users, ...source }) => ({
      ...source,
      users: users.map(({ uses, ...user }) => ({
        ...user,
        uses: uses.map(({ state, transition, part }) => ({
          state,
          transition: transition?.id ?? null,
          part,
        })),
      })),
    })),
    machines: children.map(({ name, diff: inner }) => ({ name, ...plain(inner) })),
  };
};

const words = (chart: ChartModel, transition: TransitionModel): object => ({
  id: transition.id,
  state: stateText(chart, transition.source),
  transition: transitionText(chart, transition),
});
