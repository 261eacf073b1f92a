import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StateMachine } from '../../src/ports/state-machine.ts';

type Snapshotting = StateMachine<unknown> & Required<Pick<StateMachine<unknown>, 'snapshot' | 'restore'>>;

/** What src/ports/state-machine.ts promises of snapshots. `command` draws commands that change a small state. */
export const stateMachineContract = (
  name: string,
  create: () => Snapshotting,
  command: fc.Arbitrary<Uint8Array>,
): void => {
  const commands = fc.array(command, { maxLength: 60 });

  describe(`${name} keeps the contract of StateMachine`, () => {
    const applied = (list: readonly Uint8Array[], machine = create()): Snapshotting => {
      for (const [at, each] of list.entries()) machine.apply(each, { index: at + 1, term: 1 });
      return machine;
    };

    it('equal pasts give equal bytes', () =>
      fc.assert(
        fc.asyncProperty(commands, async (list) => {
          expect(await bytesOf(applied(list))).toEqual(await bytesOf(applied(list)));
        }),
      ));

    it('a restored state does what the original does, and gives the same bytes, wherever the pieces are cut', () =>
      fc.assert(
        fc.asyncProperty(commands, commands, fc.integer({ min: 1, max: 50 }), async (past, future, cut) => {
          const original = applied(past);
          const bytes = await bytesOf(original);
          const restored = create();
          await restored.restore(cutInto(bytes, cut));
          expect(await bytesOf(restored)).toEqual(bytes);
          for (const [at, each] of future.entries()) {
            const position = { index: past.length + at + 1, term: 2 };
            expect(restored.apply(each, position)).toEqual(original.apply(each, position));
          }
          expect(await bytesOf(restored)).toEqual(await bytesOf(original));
        }),
      ));

    it('restore replaces whatever was there', () =>
      fc.assert(
        fc.asyncProperty(commands, commands, async (some, others) => {
          const bytes = await bytesOf(applied(some));
          const machine = applied(others);
          await machine.restore(cutInto(bytes, 1000));
          expect(await bytesOf(machine)).toEqual(bytes);
        }),
      ));

    it('commands applied while a snapshot is taken change nothing of it', () =>
      fc.assert(
        fc.asyncProperty(commands, commands, async (past, during) => {
          const expected = await bytesOf(applied(past));
          const machine = applied(past);
          const coming = during.entries();
          const applyNext = () => {
            const { value } = coming.next();
            if (value === undefined) return false;
            const [at, each] = value;
            machine.apply(each, { index: past.length + at + 1, term: 1 });
            return true;
          };
          expect(await bytesOf(machine, applyNext)).toEqual(expected);
          while (applyNext()) {}
          expect(await bytesOf(machine)).toEqual(await bytesOf(applied([...past, ...during])));
        }),
      ));

    it('a snapshot that is given up before its end makes room for the next', async () => {
      const machine = applied(fc.sample(commands, 3).flat());
      const expected = await bytesOf(machine);
      for (let taken = 0; taken < 3; taken++) {
        const pieces = machine.snapshot();
        if (pieces instanceof Uint8Array) return;
        const iterator =
          Symbol.iterator in pieces ? pieces[Symbol.iterator]() : pieces[Symbol.asyncIterator]();
        for (let i = 0; i < taken; i++) await iterator.next();
        await iterator.return?.();
        expect(await bytesOf(machine)).toEqual(expected);
      }
    });
  });
};

/** A whole snapshot; `between` is called once it has begun, and before each piece is taken. */
export const bytesOf = async (machine: Snapshotting, between: () => unknown = () => {}): Promise<Buffer> => {
  const snapshot = machine.snapshot();
  between();
  if (snapshot instanceof Uint8Array) return Buffer.from(snapshot);
  const pieces: Uint8Array[] = [];
  for await (const piece of snapshot) {
    pieces.push(piece);
    between();
  }
  return Buffer.concat(pieces);
};

export async function* cutInto(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
