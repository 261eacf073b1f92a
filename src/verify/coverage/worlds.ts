import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { timerNameOf } from '../../node/step.ts';
import type { MessageType } from '../../raft/messages.ts';
import { draw } from '../../raft/random.ts';
import { stateNameOf } from '../../statechart/read/state-name.ts';
import { NodeModel, pathSettings } from '../paths/model-node.ts';
import type { ModelNode, ModelStep } from '../paths/modelled-node.ts';
import type { Path, PathEvent } from '../paths/path.ts';
import { toPathMessage } from '../paths/path-message.ts';
import { messagesAround } from './messages-around.ts';

/** A step of a random walk through the chart. */
export interface WorldStep {
  readonly before: ModelNode;
  readonly event: PathEvent;
  readonly step: ModelStep;
  /** It begins a walk: nothing went before. */
  readonly isFirst: boolean;
}

export const messageTypes = Object.keys({
  RequestVote: true,
  RequestVoteResponse: true,
  PreVote: true,
  PreVoteResponse: true,
  AppendEntries: true,
  AppendEntriesResponse: true,
} satisfies Record<MessageType, true>) as readonly MessageType[];

const awaitedIn: Readonly<Record<string, MessageType>> = {
  preCandidate: 'PreVoteResponse',
  candidate: 'RequestVoteResponse',
  leader: 'AppendEntriesResponse',
};

const stepsOfWalk = 100;

/**
 * Walks the chart at random, by messages that its peers would send and by messages that nobody should: in clusters of one,
 * three and five, on a prompt and on a slow disk. The same number of steps gives the same walk.
 */
export function* worldSteps(steps: number, machine?: typeof raftMachine): Generator<WorldStep> {
  const dice = new Die(1);
  let left = steps;
  for (let at = 0; left > 0; at++) {
    const voters = [[1, 2, 3], [1, 2, 3, 4, 5], [1]][at % 9 === 8 ? 2 : at % 2]!;
    const disk: Path['disk'] = Math.floor(at / 9) % 2 === 0 ? 'prompt' : 'slow';
    const model = new NodeModel({ voters, disk, settings: pathSettings }, machine);
    let { node } = model.start();
    for (let count = 0; count < stepsOfWalk && left > 0; count++, left--) {
      const event = eventFor(node, disk, dice);
      const step = model.take(node, event);
      yield { before: node, event, step, isFirst: count === 0 };
      node = step.node;
    }
  }
}

const eventFor = (node: ModelNode, disk: Path['disk'], dice: Die): PathEvent => {
  const choice = dice.below(20);
  if (choice < 5) return { type: 'timeout', timer: timerNameOf(dice.pick(node.armed)) };
  if (choice === 5) return { type: 'propose', commands: ['x'] };
  if (disk === 'slow' && choice < 9) return { type: choice === 8 ? 'applied' : 'durable' };
  // Most messages are answers to what the node asked for, so that it gets on.
  const awaited = awaitedIn[stateNameOf(node.snapshot)];
  const type = awaited !== undefined && choice % 4 !== 0 ? awaited : dice.pick(messageTypes);
  const messages = messagesAround(node.snapshot.context, type);
  return { type: 'deliver', message: toPathMessage(dice.pick(messages)) };
};

class Die {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to but not including `sides`. */
  below(sides: number): number {
    const { state, fraction } = draw(this.#state);
    this.#state = state;
    return Math.floor(fraction * sides);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}
