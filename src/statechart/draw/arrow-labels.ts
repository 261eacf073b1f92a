import {
  type ChartModel,
  changesTopState,
  type TransitionModel,
  topStateOf,
  transitionsOf,
} from '../read/model.ts';
import { guardText, triggerText } from '../read/notation.ts';
import { type Block, type Item, type Point, placeRuns, type Run, runsWidth } from './scene.ts';
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
export const arrowOf = (group: ArrowGroup, points: readonly Point[]): Item => {
  const isTimer = isOfTimers(group);
  return {
    kind: 'arrow',
    points,
    paint: isTimer ? 'timer' : 'move',
    isDashed: isTimer,
    ref: group.transitions[0]!.id,
  };
};

const lineHeight = 14;

/** What is written on an arrow: event and guard on one line, and below those that share a rule, its source. */
export const arrowLabel = (group: ArrowGroup, links: Links): Block => {
  const lines = group.transitions.flatMap((transition, at): readonly (readonly Run[])[] => {
    const { rule } = transition;
    const isLastOfRule = rule !== null && rule !== group.transitions[at + 1]?.rule;
    return [
      conditionRuns(transition, links),
      ...(isLastOfRule ? [[{ text: rule, face: 'prose', paint: 'faint', size: 10 } as const]] : []),
    ];
  });
  const width = Math.max(...lines.map(runsWidth)) + 10;
  const height = lines.length * lineHeight + 6;
  const ref = group.transitions[0]!.id;
  return {
    width,
    height,
    items: lines.flatMap((runs, at) =>
      placeRuns(
        runs.map((run): Run => ({ ...run, halo: 'paper' })),
        5,
        (at + 1) * lineHeight - 1,
        ref,
      ),
    ),
  };
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
