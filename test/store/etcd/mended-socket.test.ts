import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { MendedSocket } from '../../../src/store/etcd/mended-socket.ts';

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

/** A connection to a client that reads nothing until it is resumed. */
const accepted = async (graceMs: number) => {
  const server = createServer();
  closing.push(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => {});
  closing.push(() => client.destroy());
  const [raw]: Socket[] = await once(server, 'connection');
  return { client, raw: raw!, mended: new MendedSocket(raw!, graceMs) };
};

describe('a connection of the etcd API that is destroyed', () => {
  it('is cut after a while if its client does not read', async () => {
    const { raw, mended } = await accepted(20);
    mended.write(Buffer.alloc(32 * 1024 * 1024));
    mended.destroy();
    await once(raw, 'close');
    expect(raw.bytesWritten).toBeGreaterThan(0);
  });

  it('still sends what was written to a client that reads', async () => {
    const { client, mended } = await accepted(60_000);
    // More than the system takes at once.
    mended.write(Buffer.alloc(32 * 1024 * 1024));
    mended.destroy();
    let bytes = 0;
    client.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await once(client, 'close');
    expect(bytes).toBe(32 * 1024 * 1024);
  });
});
