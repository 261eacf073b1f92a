import { type ChartModel, isIgnored, statesBelow, type TransitionModel } from '../read/model.ts';
import { guardText, stateText, targetText } from '../read/notation.ts';
import { legend } from './legend.ts';
import { type Block, frame, type Item, placeRuns, type Run, runsWidth, type Scene, shift } from './scene.ts';
import { guardRuns, type Links } from './state-box.ts';
import { wrapText } from './text-metrics.ts';

/** One question of the gate: transitions with the same guard, actions and target, in the states where it is asked. */
export interface GateStep {
  readonly states: readonly string[];
  readonly transition: TransitionModel;
}

/** The events that the root decides about by guards, each with its branches in the order in which they are tried: states inside first. */
export const gateSteps = (chart: ChartModel): ReadonlyMap<string, readonly GateStep[]> => {
  const events = chart.root.transitions
    .filter(({ kind, guard }) => kind === 'event' && guard !== null)
    .map(({ trigger }) => trigger);
  const states = statesBelow(chart.root).toSorted((a, b) => b.path.length - a.path.length);
  const steps = [...new Set(events)].map((event) => {
    const found: GateStep[] = [];
    for (const transition of states.flatMap((state) => state.transitions)) {
      if (transition.trigger !== event || transition.kind !== 'event') continue;
      const same = found.findIndex((step) => isSameQuestion(step.transition, transition));
      if (same < 0) found.push({ states: [transition.source], transition });
      else found[same] = { ...found[same]!, states: [...found[same]!.states, transition.source] };
    }
    return [event, found] as const;
  });
  return new Map(steps);
};

const isSameQuestion = (a: TransitionModel, b: TransitionModel): boolean =>
  a.source !== b.source &&
  a.guard === b.guard &&
  a.targets.join() === b.targets.join() &&
  a.actions.map(({ name }) => name).join() === b.actions.map(({ name }) => name).join();

/** The gate on its own, as questions from the top down. Null for a chart whose root decides nothing by guards. */
export const gate = (chart: ChartModel, links: Links): Scene | null => {
  const events = [...gateSteps(chart)];
  if (events.length === 0) return null;
  const items: Item[] = [];
  let [width, height] = [0, 0];
  for (const [event, steps] of events) {
    const block = ladder(chart, event, steps, links);
    items.push(...shift(block.items, 0, height));
    width = Math.max(width, block.width);
    height += block.height + 30;
  }
  return frame(
    { title: `${chart.id}: the gate`, description: chart.root.description ?? '' },
    { width, height: height - 30, items },
    legend(chart, 'page'),
  );
};

const stepGap = 26;
const answerGap = 64;
const answerWidth = 520;

const ladder = (chart: ChartModel, event: string, steps: readonly GateStep[], links: Links): Block => {
  const start = questionBox([[{ text: event, face: 'strong', paint: 'ink', size: 14 }]], 'heading');
  const rows = steps.map((step) => ({
    question: question(chart, step, links),
    answer: answer(chart, step, links),
    step,
  }));
  const left = Math.max(start.width, ...rows.map(({ question: block }) => block.width));
  const items: Item[] = [...shift(start.items, (left - start.width) / 2, 0)];
  let y = start.height;
  for (const [at, { question: asked, answer: answered, step }] of rows.entries()) {
    const height = Math.max(asked.height, answered.height);
    const top = y + stepGap;
    const middle = top + height / 2;
    items.push(
      arrow(left / 2, y, left / 2, middle - asked.height / 2),
      ...(at === 0 ? [] : word('no', left / 2 + 6, y + stepGap / 2 + 2)),
      ...shift(asked.items, (left - asked.width) / 2, middle - asked.height / 2),
      arrow((left + asked.width) / 2, middle, left + answerGap, middle),
      ...(step.transition.guard === null ? [] : word('yes', (left + asked.width) / 2 + 8, middle - 5)),
      ...shift(answered.items, left + answerGap, middle - answered.height / 2),
    );
    y = middle + asked.height / 2;
    if (answered.height > asked.height) {
      items.push({
        kind: 'line',
        x1: left / 2,
        y1: y,
        x2: left / 2,
        y2: top + height,
        paint: 'move',
        strokeWidth: 1.6,
      });
      y = top + height;
    }
    if (at === rows.length - 1 && answered.height > asked.height) items.pop();
  }
  return { width: left + answerGap + answerWidth, height: y, items };
};

const question = (chart: ChartModel, { states, transition }: GateStep, links: Links): Block => {
  const where = states.map((id) => (id === chart.root.id ? 'any state' : stateText(chart, id))).join(' or ');
  return questionBox(
    [
      [{ text: `in ${where}`, face: 'prose', paint: 'faint', size: 11 }],
      transition.guard === null
        ? [{ text: guardText(transition) || 'always', face: 'code', paint: 'ink', size: 13 }]
        : guardRuns(transition.guard, links).map((run) => ({ ...run, size: 13 })),
    ],
    'panel',
  );
};

const questionBox = (lines: readonly (readonly Run[])[], fill: 'panel' | 'heading'): Block => {
  const width = Math.max(...lines.map(runsWidth)) + 28;
  const height = lines.length * 18 + 12;
  return {
    width,
    height,
    items: [
      { kind: 'box', x: 0, y: 0, width, height, radius: 14, fill, stroke: 'line', strokeWidth: 1.4 },
      ...lines.flatMap((runs, at) => placeRuns(runs, (width - runsWidth(runs)) / 2, 20 + at * 18)),
    ],
  };
};

const answer = (chart: ChartModel, { transition }: GateStep, links: Links): Block => {
  const isMove = transition.targets.length > 0;
  const done = transition.actions.flatMap(({ name }, at): readonly Run[] => {
    const href = links(name);
    return [
      { text: at === 0 ? '' : ', ', face: 'code', paint: 'faint', size: 13 },
      {
        text: name,
        face: 'strong',
        paint: isIgnored(transition) ? 'faint' : 'ink',
        size: 13,
        ...(href ? { href } : {}),
      },
    ];
  });
  const goes: Run = { text: `  ${targetText(chart, transition)}`, face: 'strong', paint: 'move', size: 13 };
  const prose = wrapText(transition.description ?? '', 'prose', 11.5, answerWidth - 30);
  const lines: readonly (readonly Run[])[] = [
    isMove ? [...done, goes] : done,
    ...prose.map((text): readonly Run[] => [{ text, face: 'prose', paint: 'ink', size: 11.5 }]),
    ...(transition.rule === null
      ? []
      : [[{ text: transition.rule, face: 'prose', paint: 'faint', size: 10.5 } as const]]),
  ];
  const height = lines.length * 17 + 12;
  return {
    width: answerWidth,
    height,
    items: [
      {
        kind: 'box',
        x: 0,
        y: 0,
        width: answerWidth,
        height,
        radius: 5,
        fill: 'panel',
        stroke: 'line',
        ref: transition.id,
      },
      isIgnored(transition)
        ? { kind: 'box', x: 3.5, y: 5, width: 2.5, height: height - 10, stroke: 'line', strokeWidth: 0.8 }
        : { kind: 'box', x: 3, y: 5, width: 4, height: height - 10, fill: isMove ? 'move' : 'stay' },
      ...lines.flatMap((runs, at) => placeRuns(runs, 16, 19 + at * 17, transition.id)),
    ],
  };
};

const arrow = (x1: number, y1: number, x2: number, y2: number): Item => ({
  kind: 'arrow',
  points: [
    { x: x1, y: y1 },
    { x: x1, y: y1 },
    { x: x2, y: y2 },
    { x: x2, y: y2 },
  ],
  paint: 'move',
});

const word = (text: string, x: number, y: number): readonly Item[] =>
  placeRuns([{ text, face: 'prose', paint: 'faint', size: 11 }], x, y);
