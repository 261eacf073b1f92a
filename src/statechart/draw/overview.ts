import type { ChartModel } from '../read/model.ts';
import { plainRules } from '../read/rule-style.ts';
import { legend } from './legend.ts';
import { outlineBlock } from './outline.ts';
import { type Block, frame, type Item, type Scene, shift } from './scene.ts';
import { type BoxOptions, type Links, stateBox } from './state-box.ts';

/** The top-level states and the arrows between them, and below that a table for each with its rules. */
export const overview = async (
  chart: ChartModel,
  links: Links,
  { isSeparate = false, rules = plainRules }: Pick<BoxOptions, 'isSeparate' | 'rules'> = {},
): Promise<Scene> => {
  const { root } = chart;
  const options: BoxOptions = { links, detail: 'brief', isSeparate, isDeep: true, rules };
  const title = root.states.length === 0 ? root.key : `any state of ${root.key}`;
  const hasOwnRules = root.transitions.length + root.entry.length + root.exit.length > 0;
  const tables = [
    ...(hasOwnRules || root.states.length === 0
      ? [stateBox(chart, root, { ...options, isDeep: false, title })]
      : []),
    ...root.states.map((state) => stateBox(chart, state, options)),
  ];
  return frame(
    {
      title: `${chart.id}: overview`,
      description:
        `${root.description ?? ''} The states with the arrows between them, and the rules of each.`.trim(),
    },
    inColumns([await outlineBlock(chart), ...tables]),
    legend(chart, 'overview', rules),
  );
};

const gap = 26;

/** Blocks in as many columns as come nearest to a page's shape, to be read down one column after another. */
const inColumns = (blocks: readonly Block[]): Block => {
  const all = [1, 2, 3, 4]
    .filter((count) => count <= blocks.length)
    .map((count) => sideBySide(cut(blocks, count)));
  const cost = ({ width, height }: Block): number => {
    const shape = width / height;
    return width * height * Math.max(shape / 1.4, 0.7 / shape, 1);
  };
  return all.reduce((best, each) => (cost(each) < cost(best) ? each : best));
};

/** At most `count` runs of blocks, the highest as low as it can be, to a pixel. */
const cut = (blocks: readonly Block[], count: number): readonly (readonly Block[])[] => {
  let [low, high] = [0, heightOf(blocks)];
  while (high - low > 1) {
    const limit = (low + high) / 2;
    if (fill(blocks, limit).length <= count) high = limit;
    else low = limit;
  }
  return fill(blocks, high);
};

const heightOf = (blocks: readonly Block[]): number =>
  blocks.reduce((sum, { height }) => sum + height, 0) + gap * (blocks.length - 1);

/** Columns that are no higher than this, unless a block alone is. */
const fill = (blocks: readonly Block[], limit: number): readonly (readonly Block[])[] => {
  const columns: Block[][] = [];
  let height = 0;
  for (const block of blocks) {
    height += gap + block.height;
    if (columns.length === 0 || height > limit) {
      columns.push([block]);
      height = block.height;
    } else columns.at(-1)!.push(block);
  }
  return columns;
};

const sideBySide = (columns: readonly (readonly Block[])[]): Block => {
  const items: Item[] = [];
  let x = 0;
  for (const column of columns) {
    let y = 0;
    for (const block of column) {
      items.push(...shift(block.items, x, y));
      y += block.height + gap;
    }
    x += Math.max(...column.map(({ width }) => width)) + gap;
  }
  return { width: x - gap, height: Math.max(...columns.map(heightOf)), items };
};
