import type { LookupAddress } from 'node:dns';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lookups } from '../../../src/adapters/transport/tcp/addresses.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const address = (last: number): LookupAddress => ({ address: `192.0.2.${last}`, family: 4 });

/** A name server that answers each question after `delaysMs`, the last one for all that follow. */
const served = (delaysMs: number[], answers: (LookupAddress[] | Error)[]) => {
  const lines: string[] = [];
  let asked = 0;
  const log = {
    debug: () => {},
    info: (_: object, words: string) => lines.push(words),
    warn: (_: object, words: string) => lines.push(words),
    error: () => {},
  };
  const lookups = new Lookups({
    log,
    resolve: () =>
      new Promise((resolve, reject) => {
        const answer = answers[Math.min(asked, answers.length - 1)]!;
        const delayMs = delaysMs[Math.min(asked, delaysMs.length - 1)]!;
        asked++;
        setTimeout(() => (answer instanceof Error ? reject(answer) : resolve(answer)), delayMs);
      }),
  });
  const dial = (): Promise<string> =>
    new Promise((resolve) => {
      lookups.lookup('peer.test', {}, (error, found) =>
        resolve(error?.message ?? (found as LookupAddress[]).map((each) => each.address).join(' ')),
      );
    });
  return { lines, dial, asked: () => asked };
};
const outcome = async (dial: () => Promise<string>, ms: number): Promise<string> => {
  let text = 'waits';
  void dial().then((result) => {
    text = result;
  });
  await vi.advanceTimersByTimeAsync(ms);
  return text;
};

describe('the lookup of a peer', () => {
  it('that is slow fails a dial in time, goes on, and is reported: the next dial finds its answer', async () => {
    const { dial, lines, asked } = served([1500], [[address(1)]]);
    expect(await outcome(dial, 260)).toBe('the lookup of peer.test takes longer than 250 ms');
    expect(await outcome(dial, 260)).toMatch(/takes longer/);
    expect(asked()).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(lines).toEqual([
      'the lookup of peer.test takes longer than 1000 ms: check the name servers',
      'the lookup of peer.test took 1500 ms',
    ]);
    // A new lookup runs, and does not hold up the dial for long.
    expect(await outcome(dial, 260)).toBe('192.0.2.1');
    expect(asked()).toBe(2);
  });

  it('takes the newest answer that comes in time', async () => {
    const { dial } = served([10], [[address(1)], [address(2)]]);
    expect(await outcome(dial, 20)).toBe('192.0.2.1');
    expect(await outcome(dial, 20)).toBe('192.0.2.2');
  });

  it('that fails is reported, a few times only, and leaves the addresses that were known', async () => {
    const failed = Object.assign(new Error('getaddrinfo EAI_AGAIN peer.test'), { code: 'EAI_AGAIN' });
    const { dial, lines } = served([10], [[address(1)], failed]);
    expect(await outcome(dial, 20)).toBe('192.0.2.1');
    for (let i = 0; i < 50; i++) expect(await outcome(dial, 20)).toBe('192.0.2.1');
    expect(lines).toEqual(['the lookup of peer.test failed: EAI_AGAIN; it is dialled where it was before']);
  });

  it('that fails from the beginning fails the dial with its reason', async () => {
    const { dial, lines } = served([10], [new Error('getaddrinfo ENOTFOUND peer.test'), [address(1)]]);
    expect(await outcome(dial, 20)).toBe('getaddrinfo ENOTFOUND peer.test');
    expect(lines).toHaveLength(1);
    expect(await outcome(dial, 20)).toBe('192.0.2.1');
  });

  it('that finds nothing fails the dial', async () => {
    const { dial } = served([10], [[]]);
    expect(await outcome(dial, 20)).toBe('it has no address');
  });

  it('that is never answered is given up, and another one begins', async () => {
    const { dial, asked } = served([1e9, 10], [[address(1)]]);
    await outcome(dial, 19_000);
    expect(asked()).toBe(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await outcome(dial, 20)).toBe('192.0.2.1');
  });

  it('puts another of several addresses first each time', async () => {
    const { dial } = served([10], [[address(1), address(2), address(3)]]);
    const orders = [];
    for (let i = 0; i < 4; i++) orders.push(await outcome(dial, 20));
    expect(orders.map((order) => order.split(' ')[0])).toEqual([
      '192.0.2.1',
      '192.0.2.2',
      '192.0.2.3',
      '192.0.2.1',
    ]);
  });
});
