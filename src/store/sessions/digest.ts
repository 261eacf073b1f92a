/**
 * 53 bits that tell two commands apart which were sent under one key by mistake. Not a cryptographic hash: whoever forges
 * a collision gets the answer to a command of his own. Runs in a browser, where hashes are asynchronous. cyrb53, in the
 * public domain.
 */
export const digestOf = (bytes: Uint8Array): number => {
  let a = 0xdeadbeef ^ bytes.length;
  let b = 0x41c6ce57 ^ bytes.length;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    a = Math.imul(a ^ byte, 2654435761);
    b = Math.imul(b ^ byte, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (b & 0x1fffff) * 2 ** 32 + (a >>> 0);
};
