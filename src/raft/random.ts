/** A step of mulberry32: the next state of a 32-bit generator, and a number in [0, 1) drawn from it. */
export const draw = (state: number): { readonly state: number; readonly fraction: number } => {
  const next = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { state: next >>> 0, fraction: ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296 };
};
