import { timingSafeEqual } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { newToken, Tokens } from '../../../../src/store/http/access/tokens.ts';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return { ...crypto, timingSafeEqual: vi.fn(crypto.timingSafeEqual) };
});

it('a token is compared with all hashes in constant time, whichever it is', () => {
  const made = ['a', 'b', 'c', 'd'].map((name) => newToken('read', name));
  const tokens = Tokens.parse(made.map(({ line }) => line).join('\n'));
  const compared = [made[0]!.token, made[3]!.token, 'nobody'].map((token) => {
    vi.mocked(timingSafeEqual).mockClear();
    tokens.bearerOf(`Bearer ${token}`);
    return vi.mocked(timingSafeEqual).mock.calls.length;
  });
  expect(compared).toEqual([4, 4, 4]);
});
