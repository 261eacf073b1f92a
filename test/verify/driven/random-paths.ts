import { messageFault } from '../../../src/adapters/codec/message-rules.ts';
import { roleOf } from '../../../src/node/roles.ts';
import { timerNameOf } from '../../../src/node/step.ts';
import { NodeModel, pathSettings } from '../../../src/verify/paths/model-node.ts';
import type { Path, PathEvent, PathStep } from '../../../src/verify/paths/path.ts';
import { toPathMessage } from '../../../src/verify/paths/path-message.ts';
import { Dice, RandomPeers } from '../../machines/raft/random-inputs.ts';

/** Paths of chance, most steps of which could be true: they go deeper than the shortest paths that cover the chart. */
export const randomPaths = (count: number, length: number): readonly Path[] =>
  Array.from({ length: count }, (_, at) => {
    const dice = new Dice(at + 1);
    const voters = [1, 2, 3, 4, 5].slice(0, dice.pick([1, 3, 3, 4, 5]));
    const disk = dice.pick(['prompt', 'slow'] as const);
    const path = { voters, disk, settings: pathSettings };
    return { ...path, id: `random-${at + 1}`, title: 'a walk of chance', steps: stepsOf(path, dice, length) };
  });

const stepsOf = (
  path: Pick<Path, 'voters' | 'disk' | 'settings'>,
  dice: Dice,
  length: number,
): readonly PathStep[] => {
  const model = new NodeModel(path);
  const peers = new RandomPeers(dice, path.voters.length);
  let { node } = model.start();
  let commands = 0;
  const draw = (): PathEvent => {
    const { value, context } = node.snapshot;
    const what = dice.below(20);
    if (what === 0) return { type: 'restart' };
    if (what <= 3) {
      const names = node.armed.map((type) => timerNameOf(type));
      return { type: 'timeout', timer: dice.pick(names) };
    }
    if (what <= 6) {
      return {
        type: 'propose',
        commands: Array.from({ length: dice.between(1, 3) }, () => `c${++commands}`),
      };
    }
    if (what === 12) return { type: 'snapshot' };
    if (what === 13 && node.checked !== null) return { type: 'checked', isSound: dice.chance(0.7) };
    if (what <= 11 && path.disk === 'slow') return { type: dice.pick(['durable', 'applied']) };
    for (;;) {
      const message = peers.message(context, roleOf(value));
      const arrives = path.voters.includes(message.from) && messageFault(message) === null;
      if (path.voters.length === 1) return { type: 'timeout', timer: 'electionTimeout' };
      if (arrives) return { type: 'deliver', message: toPathMessage(message) };
    }
  };
  return Array.from({ length }, () => {
    for (;;) {
      const event = draw();
      if (event.type === 'timeout' && !node.armed.some((type) => timerNameOf(type) === event.timer)) continue;
      const step = model.take(node, event);
      node = step.node;
      return {
        event,
        isDuplicate: false,
        isHostile: false,
        expect: step.expect,
        transitions: step.transitions,
      };
    }
  });
};
