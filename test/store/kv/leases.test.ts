import { describe, expect, it } from 'vitest';
import { Leases } from '../../../src/store/kv/leases.ts';

describe('leases', () => {
  it('end when their time is over, and begin anew when they are renewed', () => {
    const leases = new Leases();
    leases.grant(5n, 10, 0);
    leases.grant(3n, 10, 0);
    leases.grant(2n ** 62n, 1, 500);
    expect(leases.nextEndMs).toBe(1500);
    expect(leases.due(1499, 9)).toEqual([]);
    expect(leases.due(1500, 9)).toEqual([2n ** 62n]);
    expect(leases.renew(3n, 2000)).toBe(true);
    expect(leases.due(10_000, 9)).toEqual([2n ** 62n, 5n]);
    expect(leases.due(60_000, 2)).toEqual([2n ** 62n, 5n]);
    expect(leases.due(60_000, 9)).toEqual([2n ** 62n, 5n, 3n]);
    expect([...leases.all].map(({ id }) => id)).toEqual([3n, 5n, 2n ** 62n]);
  });

  it('stay after their end until they are revoked, and are not granted twice', () => {
    const leases = new Leases();
    expect(leases.grant(1n, 1, 0)).toBe(true);
    expect(leases.grant(1n, 5, 0)).toBe(false);
    expect(leases.get(1n)).toEqual({ id: 1n, ttlSeconds: 1, endsMs: 1000 });
    expect(leases.due(9000, 9)).toEqual([1n]);
    expect(leases.has(1n)).toBe(true);
    expect(leases.revoke(1n)).toEqual([]);
    expect(leases.revoke(1n)).toBeNull();
    expect(leases.renew(1n, 0)).toBe(false);
    expect([leases.size, leases.nextEndMs, leases.due(9000, 9)]).toEqual([0, null, []]);
  });

  it('have the keys that were moved to them, each once', () => {
    const leases = new Leases();
    for (const id of [1n, 2n]) leases.grant(id, 1, 0);
    leases.move('b', 0n, 1n);
    leases.move('a', 0n, 1n);
    leases.move('b', 1n, 1n);
    leases.move('c', 0n, 2n);
    leases.move('b', 1n, 2n);
    expect([leases.keysOf(1n), leases.keysOf(2n)]).toEqual([['a'], ['b', 'c']]);
    leases.move('a', 1n, 0n);
    expect(leases.keysOf(1n)).toEqual([]);
    expect(leases.revoke(2n)).toEqual(['b', 'c']);
    expect(leases.keysOf(2n)).toEqual([]);
  });

  it('are taken over with their keys', () => {
    const leases = new Leases();
    leases.grant(1n, 1, 0);
    leases.move('a', 0n, 1n);
    const other = new Leases();
    other.grant(9n, 9, 0);
    other.move('z', 0n, 9n);
    other.replace(leases.all, [['a', { lease: 1n }]]);
    expect([...other.all]).toEqual([...leases.all]);
    expect([other.keysOf(1n), other.keysOf(9n), other.nextEndMs]).toEqual([['a'], [], 1000]);
  });

  it('as they were stay as they were', () => {
    const leases = new Leases();
    leases.grant(1n, 1, 0);
    const { map } = leases;
    leases.renew(1n, 5000);
    leases.grant(2n, 1, 0);
    expect([...map.pairs()].map(([, { endsMs }]) => endsMs)).toEqual([1000]);
  });
});
