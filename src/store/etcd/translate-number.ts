/** The number that is meant; the store counts no further than 2^53 − 1, so what is above is as good as that. */
export const numberIn = (text: string): number => {
  const number = Number(text);
  return Math.max(Math.min(number, Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER);
};

/** For fields in which etcd takes what is below 0 for 0, which means that nothing was said. */
export const boundIn = (text: string): number => Math.max(0, numberIn(text));

const two63 = 2n ** 63n;

/** Ids of leases are numbers of 64 bits with a sign; the store knows those from 0 to 2^63 − 1. Null: it is below 0. */
export const leaseIdIn = (text: string): bigint | null => {
  const id = BigInt(text);
  return id < 0n || id >= two63 ? null : id;
};
