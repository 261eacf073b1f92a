import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { withRegions } from '../../page/data/regions.ts';
import type { ChartState, RoleChart } from '../../page/play/chart/role-chart-data.ts';
import { outlineBlock } from '../../statechart/draw/outline.ts';
import { type Block, type Item, type Scene, shift } from '../../statechart/draw/scene.ts';
import { noLinks, stateBox } from '../../statechart/draw/state-box.ts';
import { type ChartModel, type StateModel, transitionsOf } from '../../statechart/read/model.ts';
import { holderText, transitionText } from '../../statechart/read/notation.ts';
import { walk } from '../../statechart/read/walk.ts';
import { raftRules } from '../../verify/protocol/raft-rules.ts';

/** Lays the role chart out for the playground. Done when the page is built. */
export const roleChart = async (): Promise<RoleChart> => {
  const chart = walk(raftMachine);
  const { root } = chart;
  const sceneOf = (name: string, description: string | null, block: Block) => ({
    name,
    scene: withRegions(chart, framed(name, description, block)),
  });
  return {
    root: shapeOf(root),
    views: [
      sceneOf('roles', root.description, await outlineBlock(chart)),
      ...root.states.map((role) => sceneOf(role.key, role.description, roleBlock(chart, role))),
    ],
    transitions: Object.fromEntries(
      transitionsOf(chart).map((each) => [
        each.id,
        `${holderText(chart, each.source)}: ${transitionText(chart, each)}`,
      ]),
    ),
  };
};

/** What is ignored has a row of its own, so that it can be shown as well. */
const roleBlock = (chart: ChartModel, role: StateModel): Block => {
  const options = { links: noLinks, detail: 'brief', isSeparate: true, rules: raftRules } as const;
  const title = holderText(chart, chart.root.id);
  return stacked([
    stateBox(chart, role, { ...options, isDeep: true }),
    stateBox(chart, chart.root, { ...options, isDeep: false, title }),
  ]);
};

const gap = 22;

const stacked = (blocks: readonly Block[]): Block => {
  const items: Item[] = [];
  let y = 0;
  for (const block of blocks) {
    items.push(...shift(block.items, 0, y));
    y += block.height + gap;
  }
  return { width: Math.max(...blocks.map(({ width }) => width)), height: y - gap, items };
};

/** Room for marks at the edges. */
const margin = 18;

/** Without title and legend, for which there is no room beside a cluster. */
const framed = (title: string, description: string | null, block: Block): Scene => ({
  title,
  description: description ?? '',
  width: block.width + 2 * margin,
  height: block.height + 2 * margin,
  items: shift(block.items, margin, margin),
});

const shapeOf = ({ id, key, path, type, states }: StateModel): ChartState => ({
  id,
  key,
  path,
  type,
  states: states.map(shapeOf),
});
