import { type ChartModel, type StateModel, statesBelow, transitionsOf } from '../read/model.ts';
import { stateText } from '../read/notation.ts';
import { legend } from './legend.ts';
import { type Block, frame, type Item, placeRuns, type Run, type Scene, shift } from './scene.ts';
import { type BoxOptions, type Links, stateBox, transitionRow } from './state-box.ts';
import { layoutTable, type Row } from './table.ts';

/** One state on a page: how it is entered, every branch in order, refusals included, and what the chart around it adds. */
export const statePage = (chart: ChartModel, state: StateModel, links: Links): Scene => {
  const options: BoxOptions = { links, detail: 'full', isDeep: true };
  const inherited =
    state.id === chart.root.id || chart.root.transitions.length === 0
      ? []
      : [
          caption('Where no branch above takes an event, the chart around it does:'),
          stateBox(chart, chart.root, { ...options, isDeep: false, title: `any state of ${chart.root.key}` }),
        ];
  const content = stack([stateBox(chart, state, options), ...entrances(chart, state, links), ...inherited]);
  return frame(
    { title: `${chart.id}: ${stateText(chart, state.id)}`, description: state.description ?? '' },
    content,
    legend(chart, 'page'),
  );
};

/** The transitions that lead into a state from outside it. */
const entrances = (chart: ChartModel, state: StateModel, links: Links): readonly Block[] => {
  const inside = new Set(statesBelow(state).map(({ id }) => id));
  const leading = transitionsOf(chart).filter(
    ({ source, targets }) => !inside.has(source) && targets.some((target) => inside.has(target)),
  );
  if (leading.length === 0) return [];
  const rows = leading.map((transition): Row => {
    const { cells, mark, ref } = transitionRow(
      chart,
      { ...transition, branch: 0 },
      { links, detail: 'full' },
      0,
    );
    const from: Run = {
      text: transition.source === chart.root.id ? 'any state' : stateText(chart, transition.source),
      face: 'code',
      paint: 'ink',
    };
    return { cells: [[from], ...cells], ...(mark ? { mark } : {}), ...(ref ? { ref } : {}) };
  });
  return [caption('Entered from:'), layoutTable(rows)];
};

const caption = (text: string): Block => {
  const run: Run = { text, face: 'prose', paint: 'ink', size: 13 };
  const items = placeRuns([run], 0, 22);
  return { width: items[0]!.width, height: 30, items };
};

const stack = (blocks: readonly Block[]): Block => {
  const items: Item[] = [];
  let y = 0;
  for (const block of blocks) {
    items.push(...shift(block.items, 0, y));
    y += block.height + 6;
  }
  return { width: Math.max(...blocks.map(({ width }) => width)), height: y, items };
};
