import { isDeepStrictEqual } from 'node:util';
import { afterStep, emptyEnvironment } from '../verify/paths/environment.ts';
import { NodeModel, pathSettings } from '../verify/paths/model-node.ts';
import { asSpoken, isSameButForTime, offersIn } from '../verify/paths/offers.ts';
import type { Path, PathEvent } from '../verify/paths/path.ts';

/** Wide enough for whatever a generated path holds. */
const bounds = {
  maxTerm: 5,
  maxLog: 6,
  senders: 6,
  isThorough: true,
  asks: 'everything',
  isTimed: false,
  snapshots: true,
  members: true,
  hints: true,
  maxEntries: pathSettings.maxEntriesPerMessage,
} as const;

/** Whether correct peers can say all that is not marked as hostile, in this order. */
export const isPlausible = (path: Path): boolean => {
  const model = new NodeModel(path);
  const { lacks = [] } = path;
  let { node } = model.start();
  let env = emptyEnvironment;
  let before: PathEvent | null = null;
  for (const { event, isHostile } of path.steps) {
    const isWanted = (offered: PathEvent) => isSameButForTime(asSpoken(offered, lacks), event);
    if (
      (event.type === 'deliver' || event.type === 'read') &&
      !isHostile &&
      !isDeepStrictEqual(event, before)
    ) {
      const offers = offersIn(node, env, path.voters, { ...bounds, lacks }, isWanted);
      const offer = [...offers].find((each) => !each.isHostile && isWanted(each.event));
      if (offer === undefined) return false;
      env = offer.environment;
    }
    const step = model.take(node, event);
    env = afterStep(env, step);
    node = step.node;
    before = event;
  }
  return true;
};
