import { draw } from '../src/raft/random.ts';

/**
 * The wait before the next attempt after `failures` (from 1 on) in a row: half of a bound that doubles from `minMs` up
 * to `maxMs`, plus a random part of the other half, so that links that broke together do not redial together. Pure.
 * Source: "equal jitter" in "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export const drawBackoff = (
  state: number,
  failures: number,
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
): { readonly state: number; readonly backoffMs: number } => {
  const boundMs = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 30));
  const drawn = draw(state);
  return { state: drawn.state, backoffMs: Math.ceil((boundMs * (1 + drawn.fraction)) / 2) };
};
