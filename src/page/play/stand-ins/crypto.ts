/** What the simulator needs of `node:crypto`, in a browser. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { Buffer } from 'buffer';

export const createHash = (_: 'sha256') => {
  const hash = sha256.create();
  return {
    update(data: Uint8Array | string) {
      hash.update(typeof data === 'string' ? new TextEncoder().encode(data) : data);
      return this;
    },
    digest: (_: 'hex'): string => bytesToHex(hash.digest()),
  };
};

export const randomBytes = (length: number): Buffer =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(length)));
