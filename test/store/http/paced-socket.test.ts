import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PacedSocket } from '../../../src/store/http/paced-socket.ts';
import { VirtualClock } from '../../adapters/transport/virtual-clock.ts';

/** The connection of a client that reads what it is told to. */
class ReadingClient extends EventEmitter {
  readonly #unread: { readonly bytes: number; readonly taken: () => void }[] = [];
  isPaused = () => false;
  pause = () => {};
  resume = () => {};
  cork = () => {};
  uncork = () => {};
  destroy = () => this.emit('close');

  write(chunk: Buffer | string, encoding: BufferEncoding, taken: () => void = () => {}) {
    this.#unread.push({ bytes: Buffer.from(chunk as string, encoding).length, taken });
  }

  get unread(): readonly number[] {
    return this.#unread.map(({ bytes }) => bytes);
  }

  /** The next piece; false: there is none. */
  read(): boolean {
    const piece = this.#unread.shift();
    piece?.taken();
    return piece !== undefined;
  }
}

const patienceMs = 1000;

const connected = () => {
  const clock = new VirtualClock();
  const client = new ReadingClient();
  const pace = { isOpen: true, isInBody: false, waiting: () => {} };
  const socket = new PacedSocket(client as unknown as Socket, pace, clock, patienceMs);
  socket.resume();
  return { clock, client, socket };
};

describe('a connection whose client does not read what is sent to it', () => {
  it('is closed after a while, whatever the client sends', () => {
    const { clock, client, socket } = connected();
    socket.write('an answer');
    for (let ms = 0; ms < patienceMs - 10; ms += 10) {
      clock.advance(10);
      client.emit('data', Buffer.of(0));
    }
    expect(socket.destroyed).toBe(false);
    clock.advance(10);
    expect(socket.destroyed).toBe(true);
  });

  it('is closed as long after it read for the last time', () => {
    const { clock, client, socket } = connected();
    socket.write('one');
    clock.advance(600);
    client.read();
    socket.write('two');
    clock.advance(999);
    expect(socket.destroyed).toBe(false);
    clock.advance(1);
    expect(socket.destroyed).toBe(true);
  });
});

describe('a connection whose client reads slowly', () => {
  it('stays while a large answer makes progress, however long it takes', () => {
    const { clock, client, socket } = connected();
    const large = Buffer.alloc(1_000_000, 'x');
    socket.write(large);
    let read = 0;
    while (client.unread.length > 0) {
      clock.advance(900);
      expect(socket.destroyed).toBe(false);
      read += client.unread[0]!;
      client.read();
    }
    expect(read).toBe(large.length);
    expect(clock.now()).toBeGreaterThan(10 * patienceMs);
    // It has read everything: there is nothing that it could read.
    clock.advance(10 * patienceMs);
    expect(socket.destroyed).toBe(false);
  });

  it('is sent small chunks together, and none beyond 64 KiB before it has taken what came before', () => {
    const { client, socket } = connected();
    socket.cork();
    for (const bytes of [5, 2, 100_000, 2]) socket.write(Buffer.alloc(bytes));
    socket.uncork();
    // Three bytes each.
    socket.write('€'.repeat(30_000));
    const pieces: number[][] = [];
    for (let sent = client.unread; sent.length > 0; sent = client.unread) {
      pieces.push([...sent]);
      for (const _ of sent) client.read();
    }
    expect(pieces).toEqual([[5, 2, 65_529], [34_471, 2], [65_536], [24_464]]);
    expect(socket.writableLength).toBe(0);
  });

  it('leaves no timer behind where it is destroyed between two pieces', () => {
    const { clock, client, socket } = connected();
    socket.write(Buffer.alloc(200_000));
    socket.destroy();
    while (client.read());
    expect(clock.armed).toBe(0);
  });

  it('stays while it reads of what is added all the time, as by a watch', () => {
    const { clock, client, socket } = connected();
    for (let at = 0; at < 50; at++) {
      socket.write(`event ${at}`);
      clock.advance(500);
      client.read();
    }
    expect(socket.destroyed).toBe(false);
  });
});
