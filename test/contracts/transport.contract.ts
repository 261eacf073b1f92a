import { describe, expect, it } from 'vitest';
import type { Connection, ConnectionHandlers, Transport } from '../../src/ports/transport.ts';

/** Two nodes, 1 and 2, that can dial each other. */
export interface TransportPair {
  readonly first: Transport;
  readonly second: Transport;
  /** Lets time pass until `isDone`; fails after a while. */
  until(isDone: () => boolean): Promise<void>;
  dispose(): Promise<void>;
}

/** What happened to one side of a connection, in order. */
interface Side {
  readonly handlers: ConnectionHandlers;
  readonly events: string[];
  readonly frames: Uint8Array[];
  readonly isClosed: () => boolean;
}

const side = (): Side => {
  const events: string[] = [];
  const frames: Uint8Array[] = [];
  return {
    events,
    frames,
    isClosed: () => events.at(-1)?.startsWith('closed') === true,
    handlers: {
      opened: () => events.push('opened'),
      frame: (frame) => {
        frames.push(frame);
        events.push(`frame ${frame.length}`);
      },
      closed: () => events.push('closed'),
    },
  };
};

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

/** What every adapter of the `Transport` port keeps to. */
export const transportContract = (name: string, open: () => Promise<TransportPair>): void => {
  describe(`${name} keeps the transport contract`, () => {
    const connected = async (
      run: (
        pair: TransportPair,
        near: Connection,
        far: Connection,
        sides: { near: Side; far: Side },
      ) => Promise<void>,
    ) => {
      const pair = await open();
      const near = side();
      const far = side();
      let accepted: Connection | null = null;
      pair.second.listen((connection) => {
        accepted = connection;
        return far.handlers;
      });
      const dialled = pair.first.dial(2, near.handlers);
      expect(near.events).toEqual([]);
      await pair.until(() => near.events.length > 0 && far.events.length > 0);
      expect([near.events, far.events]).toEqual([['opened'], ['opened']]);
      try {
        await run(pair, dialled, accepted as unknown as Connection, { near, far });
      } finally {
        await pair.dispose();
      }
    };

    it('carries frames of all sizes whole and in order, both ways', () =>
      connected(async (pair, near, far, sides) => {
        const sizes = [1, 2, 3, 4, 5, 100, 65_535, 65_536, 65_537, 1_000_000, 7, 1];
        for (const [i, size] of sizes.entries()) {
          expect(near.send(bytes(size, i))).toBe(true);
          expect(far.send(bytes(size, i + 100))).toBe(true);
        }
        await pair.until(
          () => sides.near.frames.length === sizes.length && sides.far.frames.length === sizes.length,
        );
        sizes.forEach((size, i) => {
          expect(Buffer.from(sides.far.frames[i]!).equals(bytes(size, i))).toBe(true);
          expect(Buffer.from(sides.near.frames[i]!).equals(bytes(size, i + 100))).toBe(true);
        });
      }));

    it('hands over no frame inside send', () =>
      connected(async (pair, near, _, { far }) => {
        near.send(bytes(3, 1));
        expect(far.frames).toEqual([]);
        await pair.until(() => far.frames.length === 1);
      }));

    it('still delivers what was sent before a close, then closes both sides once', () =>
      connected(async (pair, near, _, sides) => {
        for (let i = 0; i < 100; i++) near.send(bytes(1000, i));
        near.close();
        near.close();
        expect(near.send(bytes(1, 1))).toBe(false);
        await pair.until(() => sides.near.isClosed() && sides.far.isClosed());
        expect(sides.far.frames).toHaveLength(100);
        expect(sides.near.events.filter((event) => event === 'closed')).toHaveLength(1);
        expect(sides.far.events.filter((event) => event === 'closed')).toHaveLength(1);
      }));

    it('hands over no frame after a close by the receiver, though more have arrived', () =>
      connected(async (pair, near, far, sides) => {
        const { frame } = sides.far.handlers;
        sides.far.handlers.frame = (each) => {
          frame(each);
          far.close();
        };
        for (let i = 0; i < 10; i++) near.send(bytes(10, i));
        await pair.until(() => sides.near.isClosed() && sides.far.isClosed());
        expect(sides.far.events).toEqual(['opened', 'frame 10', 'closed']);
      }));

    it('refuses to send over a connection that the other side has closed', () =>
      connected(async (pair, near, far, sides) => {
        far.close();
        await pair.until(sides.near.isClosed);
        expect(near.send(bytes(1, 1))).toBe(false);
        expect(sides.near.events).toEqual(['opened', 'closed']);
      }));

    it('closes every connection when the transport closes', () =>
      connected(async (pair, _near, _far, sides) => {
        let isDone = false;
        pair.second.close(() => {
          isDone = true;
        });
        await pair.until(() => isDone && sides.near.isClosed() && sides.far.isClosed());
        const late = side();
        pair.first.dial(2, late.handlers);
        await pair.until(late.isClosed);
        expect(late.events).toEqual(['closed']);
      }));

    it('answers closed, not opened, where nobody listens', async () => {
      const pair = await open();
      let isDone = false;
      pair.second.close(() => {
        isDone = true;
      });
      await pair.until(() => isDone);
      const near = side();
      pair.first.dial(2, near.handlers);
      await pair.until(near.isClosed);
      expect(near.events).toEqual(['closed']);
      await pair.dispose();
    });

    it('says no more of a connection that was closed while it was being dialled than that it is closed', async () => {
      const pair = await open();
      pair.second.listen(() => side().handlers);
      const near = side();
      pair.first.dial(2, near.handlers).close();
      await pair.until(near.isClosed);
      expect(near.events).toEqual(['closed']);
      await pair.dispose();
    });
  });
};
