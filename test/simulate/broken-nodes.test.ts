import { describe, expect, it } from 'vitest';
import type { Files } from '../../src/adapters/storage/files.ts';
import type { StateMachine } from '../../src/ports/state-machine.ts';
import type { Storage } from '../../src/ports/storage.ts';
import { withDecision } from '../../src/simulate/broken/broken-chart.ts';
import { type UnderSessions, underSessions } from '../../src/simulate/exactly-once.ts';
import { kvService } from '../../src/simulate/kv-service.ts';
import { calmPlan, type Plan } from '../../src/simulate/plan.ts';
import { type RunOptions, runSimulation } from '../../src/simulate/run-simulation.ts';
import type { Service } from '../../src/simulate/service.ts';
import { type KvResult, KvStateMachine } from '../../src/store/kv/kv-state-machine.ts';

const plan: Plan = { ...calmPlan, durationMs: 4000 };

/** What a run says of nodes in which something is broken; the same plan without that breaks nothing. */
const messageOf = async (broken: RunOptions, under: Plan = plan): Promise<string | undefined> => {
  expect((await runSimulation(under)).violation).toBeNull();
  return (await runSimulation(under, broken)).violation?.message;
};

/** The key-value store with other answers. */
const answering = (change: (result: KvResult) => KvResult): Service<KvResult> => ({
  ...kvService,
  stateMachine: (): StateMachine<KvResult> => {
    const kv = new KvStateMachine();
    return { apply: (command) => change(kv.apply(command)) };
  },
});

/** The last byte of each command that is read from the log is another one. */
const misread = (storage: Storage): Storage => ({
  ...storage,
  read: (...range) =>
    storage.read(...range).map((entry) => {
      if (entry.kind !== 'command') return entry;
      const payload = Uint8Array.from(entry.payload);
      payload[payload.length - 1]! ^= 1;
      return { ...entry, payload };
    }),
});

describe('a simulation finds', () => {
  it('a node that applies another payload than the others (Payloads Equal)', async () => {
    const storage = (each: Storage, node: number) => (node === 3 ? misread(each) : each);
    expect(await messageOf({ storage })).toMatch(
      /^Payloads Equal: node\d applied \w+ of term 1 at \d+; but node\d applies \w+ of term 1 there$/,
    );
  });

  it('a command that is acknowledged where another one was applied (Acknowledged Is Kept)', async () => {
    const machine = withDecision('appendProposals', (_, __, { patch, effects }) => ({
      patch,
      effects: effects.map((effect) =>
        effect.type === 'accept'
          ? { ...effect, params: { ...effect.params, firstIndex: effect.params.firstIndex + 1 } }
          : effect,
      ),
    }));
    expect(await messageOf({ machine })).toMatch(
      /^Acknowledged Is Kept: node\d acknowledged \w+ of term 1 at \d+; but /,
    );
  });

  it('a command that is said to be overwritten and is not (Overwritten Is Certain)', async () => {
    // The first command of a term is believed to be where the leader's no-op is.
    const machine = withDecision('appendProposals', (context, _, { patch, effects }) => ({
      patch,
      effects: effects.map((effect) =>
        effect.type === 'accept' && context.log.runs.at(-1)?.firstIndex === effect.params.firstIndex - 1
          ? { ...effect, params: { ...effect.params, firstIndex: effect.params.firstIndex - 1 } }
          : effect,
      ),
    }));
    const slow: Plan = {
      ...plan,
      disk: { minSyncMs: 20, maxSyncMs: 40 },
      clients: { ...plan.clients, operationsPerSecond: 200 },
    };
    expect(await messageOf({ machine }, slow)).toMatch(
      /^Overwritten Is Certain: node\d told a client that entry \d+ of term 1 will never be applied; but that entry is committed$/,
    );
  });

  it('reads that miss what was written (Linearizability)', async () => {
    const service = answering((result) => (result.type === 'found' ? { type: 'absent' } : result));
    expect(await messageOf({ service })).toMatch(
      /^Linearizability: by all other operations k\d can only have held .*; but client \d completed read with null/,
    );
  });

  it.each([
    [true, 'a value'],
    [false, 'nothing'],
  ])('deletes that say of every key that existed is %s (Linearizability)', async (existed, found) => {
    const service = answering((result) => (result.type === 'deleted' ? { ...result, existed } : result));
    expect(await messageOf({ service })).toMatch(
      new RegExp(`^Linearizability: .*; but client \\d completed delete with ${found} `),
    );
  });

  it('sessions that answer what no client that counts is to be told (Exactly Once)', async () => {
    const sessions: UnderSessions = (stateMachine, results) => {
      const under = underSessions(stateMachine, results);
      return { ...under, apply: () => ({ type: 'keyReused' }) };
    };
    expect(await messageOf({ sessions })).toMatch(
      /^Exactly Once: client \d numbers its commands, and has no more than one at a time; but one is answered keyReused$/,
    );
  });

  it('a disk that says it has synced when it has not (Synced Is Kept)', async () => {
    // From some place on nothing is written any more: what the node reads back meanwhile it still has in memory.
    const files = (each: Files): Files => ({
      ...each,
      commit: (file, data, position, done) => {
        if (position > 1000) queueMicrotask(() => done(null));
        else each.commit(file, data, position, done);
      },
    });
    const crashing: Plan = {
      ...plan,
      faults: [{ kind: 'crash', fromMs: 1000, toMs: 1500, nodes: [1, 2, 3], effects: 0 }],
    };
    expect(await messageOf({ files }, crashing)).toMatch(
      /^Synced Is Kept: the disk of node\d acknowledged .*; but it recovered /,
    );
  });

  it('a disk whose files do not begin as they must (Disk Is Readable)', async () => {
    const files = (each: Files): Files => ({
      ...each,
      commit: (file, data, position, done) => {
        if (position === 0) queueMicrotask(() => done(null));
        else each.commit(file, data, position, done);
      },
    });
    const crashing: Plan = {
      ...plan,
      faults: [{ kind: 'crash', fromMs: 1500, toMs: 2000, nodes: [1], effects: 0 }],
    };
    expect(await messageOf({ files }, crashing)).toMatch(
      /^Disk Is Readable: nothing was damaged on the disk of node1; but it does not start: /,
    );
  });

  it('a node that stops though its disk works (Node Keeps Running)', async () => {
    const storage = (each: Storage): Storage => ({
      ...each,
      read: () => {
        throw new Error('it cannot be read');
      },
    });
    expect(await messageOf({ storage })).toMatch(
      /^Node Keeps Running: its disk did nothing wrong; but node\d stopped: .*it cannot be read/,
    );
  });
});
