import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createNetServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AuthorityMender } from '../../../src/store/etcd/authority-mender.ts';
import { MendedSocket } from '../../../src/store/etcd/mended-socket.ts';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const HEADERS = 1;
const DATA = 0;

const frame = (type: number, payload: readonly number[]): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  return Buffer.concat([head, Buffer.from(payload)]);
};

/** `:authority: http://a`, and `https://a`, as Go writes them. */
const withHttp = [0x41, 0x86, 0x9d, 0x29, 0xae, 0xe3, 0x0c, 0x1f];
const withHttps = [0x41, 0x87, 0x9d, 0x29, 0xad, 0x17, 0x18, 0x60, 0xff];

const passed = (mender: AuthorityMender, bytes: Buffer, size: number): Buffer => {
  const pieces: Buffer[] = [];
  // Each has memory of its own, as chunks of a socket have.
  for (let at = 0; at < bytes.length; at += size)
    pieces.push(
      ...mender.push(Buffer.from(bytes.subarray(at, at + size))).map((piece) => Buffer.from(piece)),
    );
  return Buffer.concat(pieces);
};

describe('the slashes of an authority become letters', () => {
  it.each([1, 7, 1000])('in headers that come in pieces of %i bytes, and nowhere else', (size) => {
    const data = frame(DATA, withHttp);
    const bytes = Buffer.concat([
      preface,
      frame(4, []),
      frame(HEADERS, withHttp),
      data,
      frame(HEADERS, withHttps),
    ]);
    expect(passed(new AuthorityMender(), bytes, size)).toEqual(
      Buffer.concat([
        preface,
        frame(4, []),
        frame(HEADERS, [0x41, 0x86, 0x9d, 0x29, 0xae, 0xe5, 0x96, 0x1f]),
        data,
        frame(HEADERS, [0x41, 0x87, 0x9d, 0x29, 0xad, 0x17, 0x2c, 0xb0, 0xff]),
      ]),
    );
  });

  it('unless it is another header, or no URL', () => {
    const path = frame(HEADERS, [0x44, ...withHttp.slice(1)]);
    const one = frame(HEADERS, [0x41, 0x87, 0x9d, 0x29, 0xad, 0x17, 0x18, 0x18, 0xff]);
    const bytes = Buffer.concat([preface, path, one]);
    expect(passed(new AuthorityMender(), bytes, 1000)).toEqual(bytes);
  });

  it('unless the frame is longer than one may be: of such a one nothing is kept', () => {
    const long = frame(HEADERS, [...withHttp, ...Array<number>(16_384).fill(0)]);
    const begun = Buffer.concat([preface, long.subarray(0, 100)]);
    expect(passed(new AuthorityMender(), begun, 1000)).toEqual(begun);
  });

  it('so that node:http2 takes the call', async () => {
    const http2 = createServer();
    http2.on('stream', (stream, headers) => {
      stream.respond({ ':status': 200, told: headers[':authority'] });
      stream.end();
    });
    const server = createNetServer((socket) => http2.emit('connection', new MendedSocket(socket)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect(`http://127.0.0.1:${port}`);
    const call = client.request({ ':authority': `http://127.0.0.1:${port}` });
    const [answer] = await once(call, 'response');
    expect(answer.told).toBe(`http:rr127.0.0.1:${port}`);
    client.destroy();
    server.close();
  });
});
