import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkModelled, modelled } from '../../src/check/models/built-in.ts';
import type { RecordedEvent } from '../../src/check/recording.ts';
import { defaultPlan, generatePlan } from '../../src/simulate/generate-plan.ts';
import { parsePlan } from '../../src/simulate/parse-plan.ts';
import { calmPlan, type Plan } from '../../src/simulate/plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';
import type { Recorded } from '../../src/simulate/service.ts';
import { Simulation } from '../../src/simulate/simulation.ts';
import { requestOf, toldOf } from '../../src/simulate/txn-service.ts';
import { perform } from '../../src/store/kv/perform.ts';
import { RevisionedStore } from '../../src/store/kv/revisioned-store.ts';
import { comparesAfterFirstWrite, rangeMissesWrittenTogether, txnAppliedHalf } from './broken-stores.ts';

const txnPlan = (plan: Plan): Plan => ({ ...plan, clients: { ...plan.clients, workload: 'txn' } });
const calm = txnPlan({ ...calmPlan, durationMs: 4000 });

describe('clients that read and write several keys at once', () => {
  it.each([1, 2])(
    'see a store that is linearizable, under the default faults, seed %i',
    async (seed) => {
      const plan = txnPlan(generatePlan({ ...defaultPlan, seed, durationMs: 10_000 }));
      const { violation, figures } = await runSimulation(plan);
      expect(
        violation,
        `replay: npx raftchart simulate --seed ${seed} --duration 10s --workload txn`,
      ).toBeNull();
      expect(figures.acknowledged).toBeGreaterThan(50);
    },
    60_000,
  );

  it('leave a history of ranges and transactions, which the model decides', async () => {
    const simulation = new Simulation(calm);
    simulation.start();
    await simulation.run(calm.durationMs);
    const events = simulation.recording;
    const ended = events.filter(({ type }) => type === 'ok').map(({ data }) => data as Recorded);
    expect(ended.filter(({ succeeded }) => succeeded === true).length).toBeGreaterThan(2);
    expect(ended.filter(({ succeeded }) => succeeded === false).length).toBeGreaterThan(2);
    expect(ended.filter(({ pairs }) => Array.isArray(pairs) && pairs.length > 1).length).toBeGreaterThan(2);
    expect(checkModelled(modelled({ events, places: { noun: 'event' } }, 'kv-txn')).result).toBe(
      'linearizable',
    );
  });

  it.each([
    ['compares after its first write', comparesAfterFirstWrite],
    ['is applied half', txnAppliedHalf],
  ])('see a transaction that %s (Linearizability)', async (_, service) => {
    expect((await runSimulation(calm)).violation).toBeNull();
    expect((await runSimulation(calm, { service })).violation?.property).toBe('Linearizability');
  });

  it('see a range that misses one of two keys that were written together (Linearizability)', async () => {
    const { violation } = await runSimulation(calm, { service: rangeMissesWrittenTogether });
    expect(violation?.message).toMatch(
      /^Linearizability: some order of all operations on k1, k2, k3, k4, recovery explains what their clients saw before; but none explains that client \d completed range .*\(history events \d+ to \d+\)$/,
    );
  });

  it('are in a plan that is written and read', () => {
    expect(parsePlan(JSON.stringify(calm))).toEqual(calm);
    const unknown = { ...calm, clients: { ...calm.clients, workload: 'sql' } };
    expect(() => parsePlan(JSON.stringify(unknown))).toThrow(/clients/);
  });
});

const key = fc.constantFrom('a', 'ab', 'b', 'c');
const keys: fc.Arbitrary<Recorded> = fc.oneof(
  fc.record({ key }),
  fc.record({ prefix: fc.constantFrom('', 'a', 'z') }),
  fc.record({ from: key, to: key }),
  fc.record({ from: key }),
);
const value = fc.constantFrom('', '1', '2', '10');
const number = fc.integer({ min: 0, max: 12 });
const is = fc.constantFrom('=', '!=', '<', '>');
const compare: fc.Arbitrary<Recorded> = fc
  .tuple(
    keys,
    fc.oneof(
      fc.record({ value, is }),
      fc.record({ version: number, is }),
      fc.record({ modRevision: number, is }),
      fc.record({ exists: fc.boolean() }),
    ),
  )
  .map(([which, what]) => ({ ...which, ...what }));
const { operation } = fc.letrec<{ operation: Recorded; parts: readonly Recorded[] }>((tie) => ({
  operation: fc.oneof(
    { maxDepth: 2 },
    fc.record({ f: fc.constant('put'), key, value }),
    keys.map((which) => ({ f: 'range', ...which })),
    keys.map((which) => ({ f: 'delete', ...which })),
    fc.record({
      f: fc.constant('txn'),
      compare: fc.array(compare, { maxLength: 2 }),
      success: tie('parts'),
      failure: tie('parts'),
    }),
  ),
  parts: fc.array(tie('operation'), { maxLength: 3 }),
}));

/** What the store answers to one operation after the other, as a history. */
const answersTo = (operations: readonly Recorded[]): readonly RecordedEvent[] => {
  const store = new RevisionedStore();
  store.begin();
  return operations.flatMap((recorded, at): RecordedEvent[] => {
    const { result } = store.transact((transaction) =>
      perform(requestOf(recorded), transaction, {
        at: (revision) => store.at(revision),
        revision: store.revision,
        hasLease: () => false,
      }),
    );
    if (result.type === 'refused') {
      // The model says what such a transaction would do; the store does none.
      if (result.reason === 'duplicateKey') return [];
      throw new Error(result.reason);
    }
    const told = { ...toldOf(result), revision: store.revision };
    return [
      { process: 1, type: 'invoke', data: recorded, position: 2 * at + 1 },
      { process: 1, type: 'ok', data: told, position: 2 * at + 2 },
    ];
  });
};

const positionIn = (events: readonly RecordedEvent[]): number | null => {
  const verdict = checkModelled(modelled({ events, places: { noun: 'event' } }, 'kv-txn'));
  return verdict.result === 'notLinearizable' ? verdict.violations[0].position : null;
};

describe('the model kv-txn and the store', () => {
  it('do the same to one operation after the other', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 15 }), (operations) => {
        expect(positionIn(answersTo(operations))).toBeNull();
      }),
      { numRuns: 1000 },
    );
  });

  it('differ where an answer is another one', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 15 }), (operations) => {
        const events = answersTo([...operations, { f: 'put', key: 'a', value: '1' }]);
        const last = events.at(-1)!;
        const { revision } = last.data as { readonly revision: number };
        const forged = events.with(-1, {
          ...last,
          data: { ...(last.data as Recorded), revision: revision + 1 },
        });
        expect(positionIn(forged)).toBe(last.position);
      }),
      { numRuns: 200 },
    );
  });
});
