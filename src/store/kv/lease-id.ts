const maxLeaseId = 2n ** 63n - 1n;

/** The id in a decimal text, from 1 to 2^63 − 1; null: it is none. */
export const leaseIdIn = (text: string): bigint | null => {
  if (!/^[1-9]\d{0,18}$/.test(text)) return null;
  const id = BigInt(text);
  return id <= maxLeaseId ? id : null;
};

/** An id made of the first 8 of `bytes`, and not 0. */
export const leaseIdFrom = (bytes: Uint8Array): bigint => {
  const id = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0) & maxLeaseId;
  return id === 0n ? 1n : id;
};
