import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { crc32 } from '../../adapters/storage/crc32.ts';
import { type MachineNode, type NodeInput, NodeMachine } from '../../node/machine-node.ts';
import { createStepper, type TimerEvent, timerNameOf } from '../../node/step.ts';
import { type Disk, emptyDisk, inputOfDisk } from '../../node/stored-log.ts';
import { assert } from '../../raft/assert.ts';
import { defaultSettings, type RaftInput } from '../../raft/context.ts';
import type { NodeId } from '../../raft/types.ts';
import { chartWithout } from './chart-without.ts';
import { ExpectedStep } from './expected-step.ts';
import type { ModelNode, ModelStep } from './modelled-node.ts';
import type { PathEvent, PathSettings, PathSetup } from './path.ts';
import { toMessage, toPayload } from './path-message.ts';

/** The node under test. */
export const testedNode: NodeId = 1;

export const pathSettings: PathSettings = {
  maxEntriesPerMessage: 2,
  maxMessageBytes: 8,
  maxMessagesInFlight: 2,
  leaseReads: false,
  trailingEntries: 0,
  maxCatchUpRounds: 2,
};

/** How many chunks a snapshot has in a path, each of one byte. */
export const snapshotChunks = 2;

/** The chart without its random draw: the length of a timer does not matter where timers expire on request. */
export const withoutRandomTimeouts = (machine: typeof raftMachine): typeof raftMachine =>
  machine.provide({ actions: { drawElectionTimeout: () => {} } });

/** The node under test, on a disk and a state machine that do as a path says; tests compare it with the real node. */
export class NodeModel {
  readonly #machine: NodeMachine;
  readonly #path: PathSetup;

  constructor(path: PathSetup, machine: typeof raftMachine = raftMachine) {
    this.#path = path;
    const chart = chartWithout(path.lacks ?? [], machine);
    this.#machine = new NodeMachine(createStepper(withoutRandomTimeouts(chart)), {
      sliceEntries: path.disk === 'slow' ? 1 : Number.POSITIVE_INFINITY,
      snapshotChunks,
      checksum: (bytes) => crc32(bytes, 0),
    });
  }

  /** The node on an empty disk. */
  start(): ModelStep {
    return this.#boot(emptyDisk);
  }

  take(node: ModelNode, event: PathEvent): ModelStep {
    const expected = new ExpectedStep();
    const step = (from: MachineNode, input: NodeInput) => expected.take(this.#machine.step(from, input));
    switch (event.type) {
      case 'deliver':
        return this.#end(
          expected,
          step(node, {
            type: 'Received',
            message: toMessage(event.message),
            ...(event.nowMs === undefined ? {} : { nowMs: event.nowMs }),
          }),
          node,
        );
      case 'timeout': {
        const timer = node.armed.find((type) => timerNameOf(type) === event.timer);
        assert(timer !== undefined, 'a timer that expires is armed', event.timer, node.armed);
        return this.#end(expected, step(node, { type: timer as TimerEvent['type'] }), node);
      }
      case 'propose': {
        const proposals = event.commands.map((command, at) => ({ id: at + 1, payload: toPayload(command) }));
        return this.#end(expected, step(node, { type: 'Proposed', proposals }), node);
      }
      case 'transfer':
        return this.#end(
          expected,
          step(node, { type: 'TransferRequested', id: 1, target: event.target }),
          node,
        );
      case 'change':
        return this.#end(
          expected,
          step(node, { type: 'ConfigurationProposed', id: 1, changes: event.changes }),
          node,
        );
      case 'read':
        return this.#end(
          expected,
          step(node, { type: 'ReadRequested', id: event.id, nowMs: event.nowMs ?? 0 }),
          node,
        );
      case 'durable': {
        const synced = this.#sync(expected, node, event.writes);
        return this.#end(expected, synced, { isSplit: synced.queue.length > 0 });
      }
      case 'applied': {
        let applied: MachineNode = node;
        while (applied.snapshot.context.lastApplied < applied.committed) {
          applied = step(applied, { type: 'ApplyNext' });
        }
        return this.#end(expected, applied, node);
      }
      case 'snapshot':
        return this.#end(expected, step(node, { type: 'SnapshotTaken' }), node);
      case 'checked': {
        const type = event.isSound ? 'SnapshotChecked' : 'SnapshotDamaged';
        return this.#end(expected, step(node, { type }), node);
      }
      case 'restart':
        return this.#boot(node.disk);
    }
  }

  #boot(disk: Disk): ModelStep {
    const { voters, settings } = this.#path;
    const all = { ...defaultSettings, ...settings };
    const input: RaftInput = { id: testedNode, voters, settings: all, ...inputOfDisk(disk, all) };
    const expected = new ExpectedStep();
    return this.#end(expected, expected.take(this.#machine.start(input, disk)), { isSplit: false });
  }

  /** A prompt disk has finished everything by the end of a step. */
  #end(expected: ExpectedStep, node: MachineNode, { isSplit }: Pick<ModelNode, 'isSplit'>): ModelStep {
    if (this.#path.disk === 'slow') return expected.end({ ...node, isSplit });
    const synced = this.#sync(expected, node);
    return expected.end({ ...this.#sync(expected, this.#check(expected, synced)), isSplit: false });
  }

  /** A snapshot that has arrived completely is sound. */
  #check(expected: ExpectedStep, node: MachineNode): MachineNode {
    return node.checked === null
      ? node
      : expected.take(this.#machine.step(node, { type: 'SnapshotChecked' }));
  }

  #sync(expected: ExpectedStep, node: MachineNode, writes = Number.POSITIVE_INFINITY): MachineNode {
    let synced = node;
    for (let left = writes; synced.queue.length > 0 && left > 0; left--) {
      synced = expected.take(this.#machine.step(synced, { type: 'Synced' }));
    }
    return synced;
  }
}
