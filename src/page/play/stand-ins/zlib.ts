/** What the write-ahead log needs of `node:zlib`, in a browser. */
import { buf } from 'crc-32';

export const crc32 = (bytes: Uint8Array, before = 0): number => buf(bytes, before) >>> 0;
