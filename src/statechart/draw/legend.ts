import type { ChartModel } from '../read/model.ts';
import { transitionsOf } from '../read/model.ts';
import { plainRules, type RuleStyle } from '../read/rule-style.ts';
import { arrowsBetweenTops, isOfTimers } from './arrow-labels.ts';
import { type Block, type Item, placeRuns, type Run, runWidth } from './scene.ts';

type View = 'outline' | 'overview' | 'full' | 'page';

/** What the marks mean, in one line: only those that the chart has. */
export const legend = (chart: ChartModel, view: View, rules: RuleStyle = plainRules): Block => {
  const items: Item[] = [];
  let x = 0;
  const say = (text: string, draw: (x: number) => Item) => {
    const run: Run = { text, face: 'prose', paint: 'faint', size: 11 };
    items.push(draw(x), ...placeRuns([run], x + 14, 11));
    x += 14 + runWidth(run) + 24;
  };
  const bar =
    (paint: 'move' | 'stay' | 'line', isHollow: boolean) =>
    (at: number): Item =>
      isHollow
        ? { kind: 'box', x: at + 4.75, y: 1, width: 2.5, height: 12, stroke: paint, strokeWidth: 0.8 }
        : { kind: 'box', x: at + 4, y: 1, width: 4, height: 12, fill: paint };
  if (view !== 'page' && chart.root.type === 'compound') {
    say('starts here', (at) => ({
      kind: 'box',
      x: at - 2,
      y: 2,
      width: 10,
      height: 10,
      radius: 5,
      fill: 'ink',
    }));
  }
  if (view !== 'outline') {
    say('leads to another state', bar('move', false));
    say('stays, and acts', bar('stay', false));
    say('is ignored on purpose', bar('line', true));
  }
  const hasTimers =
    view === 'outline'
      ? arrowsBetweenTops(chart).some(isOfTimers)
      : view !== 'page' && transitionsOf(chart).some(({ kind }) => kind === 'after');
  if (hasTimers) {
    say('a timer', (at) => ({
      kind: 'line',
      x1: at - 2,
      y1: 7,
      x2: at + 10,
      y2: 7,
      paint: 'timer',
      isDashed: true,
    }));
  }
  if (view === 'outline') return { width: x, height: 14, items };
  const sources = transitionsOf(chart).flatMap(({ rule }) => rule ?? []);
  const note = [
    'Branches are tried from the top; states inside before those around them.',
    view === 'overview' ? rules.noteOn(sources) : '',
  ].join(' ');
  const run: Run = { text: note.trim(), face: 'prose', paint: 'faint', size: 11 };
  items.push(...placeRuns([run], x, 11));
  return { width: x + runWidth(run), height: 14, items };
};
