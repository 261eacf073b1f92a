import { draw } from '../raft/random.ts';

/** Waits between attempts to reach a peer: doubling from `firstMs`, never above `lastMs`. */
export const backoffBounds = { firstMs: 20, lastMs: 1000 } as const;

/**
 * The wait after `failures` (from 1 on) attempts in a row have failed: between half of the doubled bound and all of
 * it, so that links which broke together do not dial together. Pure; source: "equal jitter" in Amazon's
 * "Exponential Backoff and Jitter".
 */
export const drawBackoff = (
  seed: number,
  failures: number,
): { readonly seed: number; readonly backoffMs: number } => {
  const { firstMs, lastMs } = backoffBounds;
  const boundMs = Math.min(lastMs, firstMs * 2 ** Math.min(failures - 1, 30));
  const { state, fraction } = draw(seed);
  return { seed: state, backoffMs: Math.round((boundMs * (1 + fraction)) / 2) };
};
