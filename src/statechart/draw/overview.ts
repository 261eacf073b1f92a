import { type ChartModel, changesTopState, topStateOf, transitionsOf } from '../read/model.ts';
import { plainRules } from '../read/rule-style.ts';
import { arrowLabel, arrowOf, groupArrows } from './arrow-labels.ts';
import { layoutGraph } from './graph-layout.ts';
import { legend } from './legend.ts';
import { centred, frame, type Item, type Scene, shift } from './scene.ts';
import { type BoxOptions, type Links, stateBox } from './state-box.ts';

/** A box for each top-level state with its rule table; arrows only for transitions that lead from one to another. */
export const overview = async (
  chart: ChartModel,
  links: Links,
  { isSeparate = false, rules = plainRules }: Pick<BoxOptions, 'isSeparate' | 'rules'> = {},
): Promise<Scene> => {
  const { root } = chart;
  const options: BoxOptions = { links, detail: 'brief', isSeparate, isDeep: true, rules };
  const boxes = new Map(root.states.map((state) => [state.id, stateBox(chart, state, options)]));
  const hasOwnRules = root.transitions.length + root.entry.length + root.exit.length > 0;
  if (hasOwnRules || root.states.length === 0) {
    const title = root.states.length === 0 ? root.key : `any state of ${root.key}`;
    boxes.set(root.id, stateBox(chart, root, { ...options, isDeep: false, title }));
  }
  const order = [root.id, ...root.states.map(({ id }) => id)].filter((id) => boxes.has(id));
  const groups = groupArrows(
    transitionsOf(chart).filter((transition) => changesTopState(chart, transition)),
    (transition) =>
      transition.targets.flatMap((target) => {
        const from = topStateOf(chart, transition.source)?.id ?? root.id;
        const to = topStateOf(chart, target)?.id ?? root.id;
        return from === to ? [] : [{ from, to }];
      }),
  );
  const labels = new Map(groups.map((group) => [group.id, arrowLabel(group, links)]));
  const placed = await layoutGraph({
    nodes: order.map((id) => ({ id, width: boxes.get(id)!.width, height: boxes.get(id)!.height })),
    edges: groups.map(({ id, from, to }) => ({ id, from, to, label: labels.get(id)! })),
    clusters: [],
  });
  const content: Item[] = [
    ...groups.map((group) => arrowOf(group, placed.edges.get(group.id)!.points)),
    ...order.flatMap((id) => {
      const at = placed.nodes.get(id)!;
      return shift(boxes.get(id)!.items, at.x, at.y);
    }),
    ...groups.flatMap(({ id }) => centred(labels.get(id)!, placed.edges.get(id)!.label)),
  ];
  return frame(
    {
      title: `${chart.id}: overview`,
      description:
        `${root.description ?? ''} A box for each state with its rules; arrows for what leads from one to another.`.trim(),
    },
    { width: placed.width, height: placed.height, items: content },
    legend(chart, 'overview', rules),
  );
};
