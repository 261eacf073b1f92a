/** The number that is meant; the store counts no further than 2^53 − 1, so what is above is as good as that. */
export const numberIn = (text: string): number => {
  const number = Number(text);
  return Math.max(Math.min(number, Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER);
};

/** For fields in which etcd takes what is below 0 for 0, which means that nothing was said. */
export const boundIn = (text: string): number => Math.max(0, numberIn(text));

/** The id of a lease, or 0, which means that none was said. On the wire it has a sign; null: it is below 0, which no id is. */
export const leaseIdOrZero = (text: string): bigint | null => {
  const id = BigInt(text);
  return id < 0n ? null : id;
};
