import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SnapshotPieces, StateMachine } from '../../../src/ports/state-machine.ts';
import { encodeGet, encodePut } from '../../../src/store/kv/commands.ts';
import { type KvResult, KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import { kvResultCodec } from '../../../src/store/kv/result-codec.ts';
import { encodeEnvelope } from '../../../src/store/sessions/envelope.ts';
import { SessionStateMachine } from '../../../src/store/sessions/session-state-machine.ts';
import { bytesOf, cutInto, stateMachineContract } from '../../contracts/state-machine.contract.ts';
import { inSession, ListMachine, named, textCodec } from './list-machine.ts';

const position = { index: 1, term: 1 };
const put = (session: string, sequence: number, key: string, value: string) =>
  encodeEnvelope({
    key: { type: 'session', session, sequence, received: sequence - 1 },
    ageMs: 0,
    stampMs: sequence * 1000,
    command: encodePut(key, textCodec.encode(value)),
  });

const kvUnderSessions = (kv: StateMachine<KvResult> = new KvStateMachine()) =>
  new SessionStateMachine<KvResult>(kv, kvResultCodec);

const key = fc.oneof(
  fc
    .record({ session: fc.constantFrom('a', 'b'), sequence: fc.integer({ min: 1, max: 4 }) })
    .map(({ session, sequence }) => inSession(session, sequence, sequence - 1)),
  fc.constantFrom('x', 'y').map(named),
);
const command = fc
  .record({ key, stampMs: fc.nat(10 ** 7), value: fc.constantFrom('p', 'q') })
  .map(({ key, stampMs, value }) =>
    encodeEnvelope({ key, stampMs, ageMs: 0, command: encodePut('k', textCodec.encode(value)) }),
  );
stateMachineContract('the key-value store under sessions', () => snapshotting(kvUnderSessions()), command);

const filled = () => {
  const machine = kvUnderSessions();
  for (let nth = 1; nth <= 50; nth++) machine.apply(put(`s${nth}`, 1, `k${nth}`, `v${nth}`), position);
  return machine;
};

/** The same store, whose snapshot comes in another of the ways that the port allows. */
const handingOver = (way: (pieces: Iterable<Uint8Array>) => Uint8Array | SnapshotPieces) => {
  const kv = new KvStateMachine();
  return kvUnderSessions({
    apply: (command) => kv.apply(command),
    snapshot: () => way(kv.snapshot()),
    restore: (pieces) => kv.restore(pieces),
  });
};

function snapshotting<Machine extends { snapshot?: unknown; restore?: unknown }>(machine: Machine) {
  return machine as Machine & Required<Pick<Machine, 'snapshot' | 'restore'>>;
}

describe('a snapshot of a state machine under sessions', () => {
  it('restores both, wherever its pieces end', async () => {
    const bytes = await bytesOf(snapshotting(filled()));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: bytes.length }), async (length) => {
        const restored = kvUnderSessions();
        restored.apply(put('in-the-way', 1, 'k1', 'other'), position);
        await restored.restore!(cutInto(bytes, length));
        expect(restored.apply(put('s7', 1, 'k7', 'v7'), position)).toMatchObject({ type: 'repeated' });
        expect(restored.apply(put('s7', 2, 'k7', 'w'), position)).toMatchObject({ type: 'applied' });
        expect(restored.apply(put('in-the-way', 2, 'k1', 'x'), position)).toMatchObject({
          type: 'sessionExpired',
        });
        expect(restored.apply(encodeGet('k50'), position)).toEqual({
          type: 'applied',
          result: { type: 'found', value: textCodec.encode('v50') },
        });
      }),
      { numRuns: 30 },
    );
  });

  it('is of one moment, also while commands are applied between its pieces', async () => {
    const machine = filled();
    const before = await bytesOf(snapshotting(machine));
    const pieces: Uint8Array[] = [];
    let nth = 0;
    for await (const piece of machine.snapshot!()) {
      pieces.push(piece.slice());
      nth++;
      for (const name of [1, 25, 50])
        machine.apply(put(`s${name}`, 1 + nth, `k${name}`, `w${nth}`), position);
    }
    expect(Buffer.concat(pieces)).toEqual(Buffer.from(before));
    expect(await bytesOf(snapshotting(machine))).not.toEqual(Buffer.from(before));
  });

  it('takes the snapshot of the state machine in each form that it may have', async () => {
    const forms = [
      handingOver((pieces) => pieces),
      handingOver((pieces) => Buffer.concat([...pieces])),
      handingOver(async function* (pieces) {
        yield* pieces;
      }),
    ];
    for (const machine of forms) machine.apply(put('s', 1, 'k', 'v'), position);
    const [first, ...others] = await Promise.all(forms.map((machine) => bytesOf(snapshotting(machine))));
    for (const other of others) expect(other).toEqual(first);
  });

  it('that is given up before its first piece lets go of both', async () => {
    const machine = filled();
    const pieces = machine.snapshot!() as IterableIterator<Uint8Array>;
    pieces.return!();
    machine.apply(put('s1', 2, 'k1', 'w'), position);
    // The store takes one snapshot at a time.
    expect((await bytesOf(snapshotting(machine))).length).toBeGreaterThan(0);
  });

  it('that breaks off or is another is refused', async () => {
    const bytes = await bytesOf(snapshotting(filled()));
    for (const wrong of [bytes.subarray(0, -1), bytes.subarray(0, 100), bytes.subarray(4), Uint8Array.of()]) {
      await expect(kvUnderSessions().restore!(cutInto(wrong, 64))).rejects.toThrow();
    }
  });

  it('is not offered for a state machine that has none', () => {
    const machine = new SessionStateMachine(new ListMachine(), textCodec);
    expect([machine.snapshot, machine.restore]).toEqual([undefined, undefined]);
  });
});
