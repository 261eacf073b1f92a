import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteBudget } from '../../../src/store/http/byte-budget.ts';
import { RequestBody } from '../../../src/store/http/request-body.ts';

const bytes = (length: number, fill = 1): Buffer => Buffer.alloc(length, fill);

it('a body is what its chunks are, and gives back all that it held, however it ends', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
  fc.assert(
    fc.property(
      chunks,
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 400 }),
      (parts, max, all) => {
        const budget = new ByteBudget(all);
        const body = new RequestBody(max, budget);
        let sent = Buffer.alloc(0);
        for (const part of parts) {
          const fault = body.add(Buffer.from(part));
          if (fault !== null) {
            expect(budget.heldBytes).toBe(0);
            return;
          }
          sent = Buffer.concat([sent, part]);
          expect(body.bytes.equals(sent)).toBe(true);
          expect(budget.heldBytes).toBeGreaterThanOrEqual(sent.length);
          // Never more than twice what came, however often it had to grow.
          expect(budget.heldBytes).toBeLessThanOrEqual(2 * sent.length);
        }
        body.release();
        body.release();
        expect(budget.heldBytes).toBe(0);
      },
    ),
  );
});

it('a body that is too large is refused and holds nothing; one that is as large as it may be is taken', () => {
  const budget = new ByteBudget(1000);
  const body = new RequestBody(10, budget);
  expect(body.add(bytes(9))).toBeNull();
  expect(body.add(bytes(1))).toBeNull();
  expect(body.bytes).toHaveLength(10);
  expect(body.add(bytes(1))).toBe('bodyTooLarge');
  expect(budget.heldBytes).toBe(0);
});

it('bodies share one budget, and whoever is refused takes nothing from the others', () => {
  const budget = new ByteBudget(100);
  const [first, second] = [new RequestBody(100, budget), new RequestBody(100, budget)];
  expect(first.add(bytes(60))).toBeNull();
  expect(second.add(bytes(41))).toBe('overloaded');
  expect(budget.heldBytes).toBe(60);
  expect(second.add(bytes(40, 2))).toBeNull();
  first.release();
  expect(budget.heldBytes).toBe(40);
  expect(second.bytes.equals(bytes(40, 2))).toBe(true);
});
