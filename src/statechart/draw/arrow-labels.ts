import {
  type ChartModel,
  changesTopState,
  type TransitionModel,
  topStateOf,
  transitionsOf,
} from '../read/model.ts';
import { guardText, triggerText } from '../read/notation.ts';
import { type Block, type Item, type Point, placeRuns, type Run, runsWidth, standingFor } from './scene.ts';
import { guardRuns, type Links } from './state-box.ts';

/** One arrow for all transitions between the same two boxes. */
export interface ArrowGroup {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly transitions: readonly TransitionModel[];
}

/** Gathers transitions whose arrows would run side by side. `ends` names the boxes of a transition; none for no arrow. */
export const groupArrows = (
  transitions: readonly TransitionModel[],
  ends: (transition: TransitionModel) => readonly { readonly from: string; readonly to: string }[],
): readonly ArrowGroup[] => {
  const groups = new Map<string, ArrowGroup>();
  for (const transition of transitions) {
    for (const { from, to } of ends(transition)) {
      const id = `${from} -> ${to}`;
      const before = groups.get(id)?.transitions ?? [];
      groups.set(id, { id, from, to, transitions: [...before, transition] });
    }
  }
  return [...groups.values()];
};

/** An arrow for each two top-level states that a transition leads between; from the root, for what may happen in any of them. */
export const arrowsBetweenTops = (chart: ChartModel): readonly ArrowGroup[] =>
  groupArrows(
    transitionsOf(chart).filter((transition) => changesTopState(chart, transition)),
    ({ source, targets }) =>
      targets.flatMap((target) => {
        const from = topStateOf(chart, source)?.id ?? chart.root.id;
        const to = topStateOf(chart, target)?.id ?? chart.root.id;
        return from === to ? [] : [{ from, to }];
      }),
  );

export const isOfTimers = ({ transitions }: ArrowGroup): boolean =>
  transitions.every(({ kind }) => kind === 'after');

/** The arrow of a group; dashed if only timers take it. */
export const arrowOf = (group: ArrowGroup, points: readonly Point[]): readonly Item[] => {
  const isTimer = isOfTimers(group);
  const arrow: Item = { kind: 'arrow', points, paint: isTimer ? 'timer' : 'move', isDashed: isTimer };
  return standingFor([arrow], group.transitions);
};

/** A line of text on an arrow, and the transitions for which it stands. */
export interface ArrowLine {
  readonly runs: readonly Run[];
  readonly transitions: readonly TransitionModel[];
}

/** The text on an arrow: lines on a ground of their own, since other arrows may pass behind. */
export const linesOnArrow = (lines: readonly ArrowLine[], lineHeight: number): Block => ({
  width: Math.max(...lines.map(({ runs }) => runsWidth(runs))) + 2 * padding,
  height: lines.length * lineHeight + 6,
  items: lines.flatMap(({ runs, transitions }, at) =>
    standingFor(
      placeRuns(
        runs.map((run): Run => ({ ...run, halo: 'paper' })),
        padding,
        (at + 1) * lineHeight - 1,
      ),
      transitions,
    ),
  ),
});

const padding = 5;

/** What is written on an arrow: event and guard on one line, and below those that share a rule, its source. */
export const arrowLabel = ({ transitions }: ArrowGroup, links: Links): Block => {
  const lines = transitions.flatMap((transition, at): readonly ArrowLine[] => {
    const { rule } = transition;
    const isLastOfRule = rule !== null && rule !== transitions[at + 1]?.rule;
    const source: Run = { text: rule ?? '', face: 'prose', paint: 'faint', size: 10 };
    return [
      { runs: conditionRuns(transition, links), transitions: [transition] },
      ...(isLastOfRule ? [{ runs: [source], transitions: [transition] }] : []),
    ];
  });
  return linesOnArrow(lines, 14);
};

/** `event [guard]`. */
const conditionRuns = (transition: TransitionModel, links: Links): readonly Run[] => {
  const trigger: Run = {
    text: triggerText(transition),
    face: 'code',
    paint: transition.kind === 'after' ? 'timer' : 'ink',
    ...(transition.description === null ? {} : { hint: transition.description }),
  };
  const runs: readonly Run[] =
    transition.guard !== null
      ? [trigger, { text: ' ', face: 'code', paint: 'ink' }, ...guardRuns(transition.guard, links)]
      : [trigger, { text: guardText(transition) === '' ? '' : ' otherwise', face: 'code', paint: 'faint' }];
  return runs.map((run) => ({ ...run, size: 11 }));
};
