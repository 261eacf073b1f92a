import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { createStepper, type Stepper, type TimerEvent, timerNameOf } from '../../node/step.ts';
import { assert } from '../../raft/assert.ts';
import { defaultSettings, type RaftInput } from '../../raft/context.ts';
import { append, emptyLog } from '../../raft/log-shape.ts';
import type { NodeId } from '../../raft/types.ts';
import { ModelRun } from './model-run.ts';
import type { Disk, ModelNode, ModelStep } from './modelled-node.ts';
import type { Path, PathEvent, PathSettings } from './path.ts';
import { toMessage, toPayload } from './path-message.ts';

/** The node under test. */
export const testedNode: NodeId = 1;

export const pathSettings: PathSettings = {
  maxEntriesPerMessage: 2,
  maxMessageBytes: 8,
  maxMessagesInFlight: 2,
};

/** The chart without its die: how long a timer runs is no matter where timers expire by decree. */
export const withoutDie = (machine: typeof raftMachine): typeof raftMachine =>
  machine.provide({ actions: { drawElectionTimeout: () => {} } });

/**
 * Runs the chart as one node does, without a node: effects are done on plain data. It is what generated tests expect, so
 * it must do exactly what `src/node` does; tests hold the two against each other.
 */
export class NodeModel {
  readonly #stepper: Stepper;
  readonly #path: Pick<Path, 'voters' | 'disk' | 'settings'>;

  constructor(path: Pick<Path, 'voters' | 'disk' | 'settings'>, machine: typeof raftMachine = raftMachine) {
    this.#path = path;
    this.#stepper = createStepper(withoutDie(machine));
  }

  /** The node on an empty disk. */
  start(): ModelStep {
    return this.#boot({ hardState: { currentTerm: 0, votedFor: null }, entries: [] });
  }

  take(node: ModelNode, event: PathEvent): ModelStep {
    const run = new ModelRun(this.#stepper, node, this.#path.disk === 'slow');
    switch (event.type) {
      case 'deliver':
        run.input({ type: 'Received', message: toMessage(event.message) });
        break;
      case 'timeout': {
        const timer = node.armed.find((type) => timerNameOf(type) === event.timer);
        assert(timer !== undefined, 'a timer that expires is armed', event.timer, node.armed);
        run.input({ type: timer as TimerEvent['type'] });
        break;
      }
      case 'propose': {
        const proposals = event.commands.map((command, at) => ({ id: at + 1, payload: toPayload(command) }));
        run.input({ type: 'Proposed', proposals });
        break;
      }
      case 'durable':
        run.sync(event.writes);
        break;
      case 'applied':
        run.applyAll();
        break;
      case 'restart':
        return this.#boot(node.disk);
    }
    return run.finish();
  }

  #boot(disk: Disk): ModelStep {
    const { voters, settings } = this.#path;
    const input: RaftInput = {
      id: testedNode,
      voters,
      settings: { ...defaultSettings, ...settings },
      hardState: disk.hardState,
      log: append(emptyLog, disk.entries, settings.maxMessageBytes),
    };
    const step = this.#stepper.initial(input);
    const node: ModelNode = {
      snapshot: step.snapshot,
      armed: [],
      entries: disk.entries,
      disk,
      queue: [],
      isSplit: false,
      committed: 0,
    };
    const run = new ModelRun(this.#stepper, node, this.#path.disk === 'slow');
    run.perform(step);
    return run.finish();
  }
}
