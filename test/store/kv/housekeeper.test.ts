import { describe, expect, it } from 'vitest';
import { encodePut, encodeStamped } from '../../../src/store/kv/commands.ts';
import { type HistoryLimits, Housekeeper } from '../../../src/store/kv/housekeeper.ts';
import { KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import { VirtualClock } from '../../adapters/transport/virtual-clock.ts';

/** A node whose proposals are applied at once, and who keeps its store. */
class Kept {
  readonly kv = new KvStateMachine();
  readonly clock = new VirtualClock();
  /** Of the wall clock against the other. */
  aheadMs = 1_700_000_000_000;
  role: 'leader' | 'follower' = 'leader';
  isApplying = true;
  proposals = 0;
  readonly #keeper: Housekeeper;

  constructor(limits?: HistoryLimits) {
    this.#keeper = new Housekeeper({
      node: {
        status: () => ({ role: this.role }),
        submit: (command, done) => {
          this.proposals++;
          if (!this.isApplying) return;
          this.kv.apply(command);
          done();
        },
      },
      kv: this.kv,
      clock: this.clock,
      wallClock: this.wallClock,
      ...(limits && { limits }),
    });
  }

  readonly wallClock = (): number => this.clock.now() + this.aheadMs;

  grant(id: bigint, ttlSeconds: number): void {
    this.kv.apply(encodeStamped(this.wallClock(), { type: 'grant', id, ttlSeconds }));
  }

  put(times = 1): void {
    for (let n = 0; n < times; n++) this.kv.apply(encodePut('a', new Uint8Array()));
  }

  close(): void {
    this.#keeper.close();
  }
}

describe('the housekeeper', () => {
  it('proposes nothing for a store without leases and with little past', () => {
    const kept = new Kept();
    kept.put(100);
    kept.clock.advance(3_600_000);
    expect(kept.proposals).toBe(0);
    expect(kept.kv.store.isBegun).toBe(false);
  });

  it('ends a lease within a second of its end, with few proposals', () => {
    const kept = new Kept();
    kept.grant(1n, 60);
    kept.clock.advance(59_900);
    expect(kept.kv.leases.size).toBe(1);
    kept.clock.advance(1000);
    expect(kept.kv.leases.size).toBe(0);
    expect(kept.proposals).toBeLessThan(26);
    kept.clock.advance(600_000);
    expect(kept.proposals).toBeLessThan(26);
  });

  it('ends many leases at once, with as many proposals as it takes', () => {
    const kept = new Kept();
    for (let id = 1n; id <= 1000n; id++) kept.grant(id, 2);
    kept.clock.advance(3000);
    expect(kept.kv.leases.size).toBe(0);
  });

  it('lets no time be lost to a clock that is behind that of the last leader', () => {
    const kept = new Kept();
    kept.grant(1n, 20);
    kept.aheadMs -= 3_600_000;
    kept.clock.advance(19_000);
    expect(kept.kv.leases.size).toBe(1);
    kept.clock.advance(2500);
    expect(kept.kv.leases.size).toBe(0);
  });

  it('proposes nothing while another node leads, or while its last proposal has no outcome', () => {
    const kept = new Kept();
    kept.grant(1n, 10);
    kept.role = 'follower';
    kept.clock.advance(60_000);
    expect(kept.proposals).toBe(0);
    kept.role = 'leader';
    kept.isApplying = false;
    kept.clock.advance(60_000);
    expect(kept.proposals).toBe(1);
  });

  it('forgets the past that is both old and long', () => {
    const kept = new Kept({ revisions: 100, ageMs: 60_000 });
    kept.grant(1n, 9_000_000);
    kept.put(300);
    kept.clock.advance(59_000);
    expect(kept.kv.store.firstKept).toBe(2);
    kept.put(30);
    kept.clock.advance(62_000);
    const { store } = kept.kv;
    expect(store.revision).toBe(331);
    expect(store.changesFrom(store.revision - 99)).toHaveLength(100);
    expect(store.firstKept).toBe(232);
    kept.clock.advance(600_000);
    expect(store.firstKept).toBe(232);
    // Not one by one.
    kept.put(9);
    kept.clock.advance(120_000);
    expect(store.firstKept).toBe(232);
    kept.put(1);
    kept.clock.advance(120_000);
    expect(store.firstKept).toBe(242);
  });

  it('keeps what is young, however long it is', () => {
    const house = new Kept({ revisions: 100, ageMs: 60_000 });
    house.grant(1n, 9_000_000);
    for (let second = 0; second < 300; second++) {
      house.put(10);
      house.clock.advance(1000);
    }
    const { store } = house.kv;
    const kept = store.revision - store.firstKept + 1;
    expect(kept).toBeGreaterThanOrEqual(600);
    expect(kept).toBeLessThan(640);
  });

  it('leaves no timer when it is closed', () => {
    const kept = new Kept();
    kept.grant(1n, 10);
    kept.close();
    kept.clock.advance(60_000);
    expect(kept.proposals).toBe(0);
  });
});
