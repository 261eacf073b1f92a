import type { IncomingMessage } from 'node:http';

/** More was sent than may be. */
export class BodyTooLong extends Error {
  override readonly name = 'BodyTooLong';
}

/** The whole body of a request or an answer. Rejects with `BodyTooLong`, or with the reason why it ended early. */
export const readBody = (message: IncomingMessage, maxBytes: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const tooLong = () => new BodyTooLong(`a body of more than ${maxBytes} bytes`);
    if (Number(message.headers['content-length']) > maxBytes) {
      message.resume();
      reject(tooLong());
      return;
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    message.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else reject(tooLong());
    });
    message.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    message.once('error', reject);
    message.once('close', () => reject(new Error('the connection broke')));
  });
