import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../../../src/adapters/system/random.ts';
import { DatagramTransport } from '../../../../src/adapters/transport/datagram/datagram-transport.ts';
import {
  decodePacket,
  encodePacket,
  type Packet,
} from '../../../../src/adapters/transport/datagram/packet.ts';
import type { FrameLimits } from '../../../../src/adapters/transport/frame-limits.ts';
import type { Connection } from '../../../../src/ports/transport.ts';
import { Stream } from '../../../../src/simulate/dice.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { calm, LossyCarrier, storm, type Weather } from './lossy-carrier.ts';

const recorder = () => {
  const seen = { opened: 0, frames: [] as Uint8Array[], closed: [] as string[] };
  return {
    seen,
    handlers: {
      opened: () => {
        seen.opened++;
      },
      frame: (frame: Uint8Array) => seen.frames.push(frame),
      closed: (reason: string) => seen.closed.push(reason),
    },
  };
};

interface Options extends Partial<FrameLimits> {
  readonly weather?: Weather;
  readonly maxDatagramBytes?: number;
}

/** Node 1 has dialled node 2, which listens. */
const connected = (options: Options = {}) => {
  const { weather = calm, ...rest } = options;
  const clock = new VirtualClock();
  const carrier = new LossyCarrier(clock, 1, weather);
  const [first, second] = [carrier.transport(1, rest), carrier.transport(2, rest)];
  const [near, far] = [recorder(), recorder()];
  const accepted: Connection[] = [];
  second.listen((connection) => {
    accepted.push(connection);
    return far.handlers;
  });
  const connection = first.dial(2, near.handlers);
  clock.advance(1000);
  expect([near.seen.opened, far.seen.opened]).toEqual([1, 1]);
  return {
    clock,
    carrier,
    first,
    second,
    near: near.seen,
    far: far.seen,
    connection,
    accepted: accepted[0]!,
  };
};

/** What the first data packet of this connection would look like, with something changed. */
const forged = (carrier: LossyCarrier, change: Partial<Packet>): Uint8Array => {
  const ack = carrier.sent
    .map(({ from, bytes }) => (from === 1 ? decodePacket(bytes) : null))
    .findLast((each) => each?.type === 'ack')!;
  const { side, dialled, accepted } = ack;
  return encodePacket({
    type: 'data',
    side,
    dialled,
    accepted,
    sequence: 1,
    payload: new Uint8Array(1),
    ...change,
  } as Packet);
};

const prefixed = (frame: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(4 + frame.length);
  new DataView(bytes.buffer).setUint32(0, frame.length);
  bytes.set(frame, 4);
  return bytes;
};

describe('datagrams', () => {
  it('no datagram is longer than maxDatagramBytes, and a frame arrives in one piece all the same', () => {
    const { clock, carrier, connection, far } = connected({ weather: storm, maxDatagramBytes: 128 });
    const frame = Uint8Array.from({ length: 20_000 }, (_, at) => at % 251);
    connection.send(Uint8Array.of(1));
    connection.send(frame);
    clock.advance(30_000);
    expect(far.frames).toEqual([Uint8Array.of(1), frame]);
    expect(Math.max(...carrier.sent.map(({ bytes }) => bytes.length))).toBe(128);
  });

  it('frames that are sent in one turn share a datagram', () => {
    const { clock, carrier, connection, far } = connected();
    const before = carrier.sent.length;
    for (let at = 0; at < 50; at++) connection.send(Uint8Array.of(at));
    clock.advance(10);
    expect(far.frames).toHaveLength(50);
    const packets = carrier.sent.slice(before).map(({ bytes }) => decodePacket(bytes)!);
    expect(packets.filter(({ type }) => type === 'data')).toHaveLength(1);
  });

  it.each([127, 65_508, 1200.5, Number.NaN])(
    'maxDatagramBytes of %s is refused in one line',
    (maxDatagramBytes) => {
      const options = { send: () => {}, clock: new VirtualClock(), random: systemRandom, maxDatagramBytes };
      expect(() => new DatagramTransport(options)).toThrow(
        `maxDatagramBytes is a whole number from 128 to 65507: ${maxDatagramBytes}`,
      );
    },
  );

  it('everything that was ever sent may arrive again, in a later connection too, and changes nothing', () => {
    const { clock, carrier, first, connection, near, far } = connected();
    connection.send(Uint8Array.of(1));
    clock.advance(10);
    connection.close();
    clock.advance(10);
    expect([near.closed, far.closed]).toEqual([['closed by this side'], ['the other side closed it']]);

    const again = recorder();
    const second = first.dial(2, again.handlers);
    clock.advance(10);
    second.send(Uint8Array.of(2));
    clock.advance(10);
    const all = [...carrier.sent];
    for (const datagram of [...all, ...all.toReversed()]) carrier.deliver(datagram);
    second.send(Uint8Array.of(3));
    clock.advance(5000);
    expect(far.frames).toEqual([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
    expect([again.seen.closed, far.opened]).toEqual([[], 2]);
  });

  it('a node that has restarted says so, and the connection from before is over at once', () => {
    const { clock, carrier, connection, near } = connected();
    carrier.transport(2).listen(() => recorder().handlers);
    connection.send(Uint8Array.of(1));
    clock.advance(10);
    expect(near.closed).toEqual(['the other side knows nothing of this connection any more']);
  });

  it('a connection over which nothing comes any more is closed on both sides, and one that is idle is not', () => {
    const { clock, carrier, near, far } = connected();
    clock.advance(60_000);
    expect([near.closed, far.closed]).toEqual([[], []]);
    carrier.weather = { ...calm, loss: 1 };
    clock.advance(7000);
    expect([near.closed, far.closed]).toEqual([
      ['nothing has been heard for too long'],
      ['nothing has been heard for too long'],
    ]);
  });

  it('a handshake whose last packet is lost is completed soon', () => {
    const clock = new VirtualClock();
    const carrier = new LossyCarrier(clock, 1, calm);
    const [first, second] = [carrier.transport(1), carrier.transport(2)];
    const [near, far] = [recorder(), recorder()];
    second.listen(() => far.handlers);
    first.dial(2, near.handlers);
    clock.advance(1);
    carrier.weather = { ...calm, loss: 1 };
    // What is under way arrives: the answer does, its acknowledgement does not.
    clock.advance(2);
    carrier.weather = calm;
    expect([near.seen.opened, far.seen.opened]).toEqual([1, 0]);
    clock.advance(300);
    expect(far.seen.opened).toBe(1);
  });

  it('dialling a node that does not answer ends', () => {
    const clock = new VirtualClock();
    const carrier = new LossyCarrier(clock, 1, { ...calm, loss: 1 });
    const near = recorder();
    carrier.transport(1).dial(2, near.handlers);
    clock.advance(4999);
    expect(near.seen.closed).toEqual([]);
    clock.advance(1);
    expect(near.seen).toEqual({ opened: 0, frames: [], closed: ['it does not answer'] });
    const sent = carrier.sent.length;
    clock.advance(60_000);
    expect(carrier.sent.length).toBe(sent);
  });

  it('a connection that was closed while the other side is gone is given up, and so is its transport', () => {
    const { clock, carrier, first, connection, near } = connected();
    carrier.weather = { ...calm, loss: 1 };
    connection.send(Uint8Array.of(1));
    let isDone = false;
    first.close(() => {
      isDone = true;
    });
    clock.advance(1100);
    expect([near.closed, isDone]).toEqual([['closed by this side'], true]);
    const sent = () => carrier.sent.filter(({ from }) => from === 1).length;
    const atEnd = sent();
    clock.advance(60_000);
    expect(sent()).toBe(atEnd);
  });

  it('a carrier that delivers inside send calls no handler inside send', () => {
    const clock = new VirtualClock();
    const transports: Record<number, DatagramTransport> = {};
    for (const id of [1, 2]) {
      const send = (to: number, bytes: Uint8Array) => transports[to]!.receive(id, bytes);
      transports[id] = new DatagramTransport({ send, clock, random: systemRandom });
    }
    const [near, far] = [recorder(), recorder()];
    transports[2]!.listen(() => far.handlers);
    const connection = transports[1]!.dial(2, near.handlers);
    expect([near.seen.opened, far.seen.opened]).toEqual([0, 0]);
    clock.advance(1);
    connection.send(Uint8Array.of(1));
    expect(far.seen.frames).toEqual([]);
    clock.advance(1);
    expect(far.seen.frames).toEqual([Uint8Array.of(1)]);
  });

  it('a carrier that throws closes the connection, with what it said', () => {
    const clock = new VirtualClock();
    const send = () => {
      throw new Error('the channel is not open');
    };
    const near = recorder();
    new DatagramTransport({ send, clock, random: systemRandom }).dial(2, near.handlers);
    expect(near.seen.closed).toEqual([]);
    clock.advance(1);
    expect(near.seen.closed).toEqual(['the carrier failed: the channel is not open']);
  });

  it('what waits to be sent is bounded, and there is room again once it has arrived', () => {
    const { clock, carrier, connection, far } = connected({ maxWaitingBytes: 10_000 });
    carrier.weather = { ...calm, loss: 1 };
    const frame = new Uint8Array(1000);
    let taken = 0;
    while (connection.send(frame)) taken++;
    expect(taken).toBe(9);
    carrier.weather = calm;
    clock.advance(3000);
    expect(far.frames).toHaveLength(9);
    expect(connection.send(frame)).toBe(true);
  });

  it('neither an empty frame nor one that the other side would refuse is sent', () => {
    const { connection } = connected({ maxFrameBytes: 1000 });
    expect([0, 1000, 1001].map((length) => connection.send(new Uint8Array(length)))).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('datagrams from a stranger', () => {
  it('junk, of which some begins like a packet, opens, closes and delivers nothing', () => {
    const { clock, first, second, near, far } = connected();
    const dice = new Stream(7);
    for (let at = 0; at < 20_000; at++) {
      const bytes = Uint8Array.from({ length: dice.uint32() % 80 }, () => dice.uint32());
      if (bytes.length > 3 && at % 2 === 0) bytes.set([1, 1 + (dice.uint32() % 5), dice.uint32() % 2]);
      (at % 3 === 0 ? first : second).receive(at % 7 === 0 ? 2 : 1 + (at % 5), bytes);
      if (at % 100 === 0) clock.advance(1);
    }
    for (const from of [0, -1, 1.5, Number.NaN]) second.receive(from, new Uint8Array(19));
    clock.advance(10_000);
    expect(near).toEqual({ opened: 1, frames: [], closed: [] });
    expect(far).toEqual({ opened: 1, frames: [], closed: [] });
  });

  it('a packet that knows only what the dialling side made up is not believed', () => {
    const { clock, carrier, second, far } = connected();
    second.receive(1, forged(carrier, { accepted: 7n, payload: prefixed(Uint8Array.of(1)) }));
    second.receive(1, forged(carrier, { type: 'reset', accepted: 7n }));
    clock.advance(10);
    expect(far).toEqual({ opened: 1, frames: [], closed: [] });
    second.receive(1, forged(carrier, { payload: prefixed(Uint8Array.of(1)) }));
    clock.advance(10);
    expect(far.frames).toEqual([Uint8Array.of(1)]);
  });

  it.each<[string, Partial<Packet>, string]>([
    ['an empty frame', { payload: new Uint8Array(4) }, 'a frame of 0 bytes'],
    [
      'a first frame that is no greeting',
      { payload: Uint8Array.of(0, 0, 16, 1) },
      'a frame of 4097 bytes, more than the 4096 allowed',
    ],
    [
      'an acknowledgement of what was not sent',
      { type: 'ack', next: 2, arrived: new Uint8Array(0) },
      'it acknowledges what was not sent',
    ],
    [
      'an early acknowledgement of what was not sent',
      { type: 'ack', next: 1, arrived: Uint8Array.of(128) },
      'it acknowledges what was not sent',
    ],
  ])('a connection is closed over %s', (_, change, reason) => {
    const { clock, carrier, second, near, far } = connected();
    second.receive(1, forged(carrier, change));
    clock.advance(10);
    expect(far.closed).toEqual([reason]);
    expect(near.closed).toEqual(['the other side knows nothing of this connection any more']);
  });

  it('a datagram beyond the window, or one that is longer than any, is not kept', () => {
    const { clock, carrier, second, far } = connected();
    second.receive(1, forged(carrier, { sequence: 257 }));
    second.receive(1, forged(carrier, { payload: prefixed(new Uint8Array(70_000)) }));
    clock.advance(10);
    const ack = decodePacket(carrier.sent.findLast(({ from }) => from === 2)!.bytes);
    expect(ack).toMatchObject({ type: 'ack', next: 1, arrived: new Uint8Array(0) });
    expect(far.closed).toEqual([]);
  });

  it.each([60_000, 20])(
    'datagrams of %i bytes that have not been taken yet are kept up to 16 MiB with what they cost, and then again',
    (length) => {
      const clock = new VirtualClock();
      let answers = 0;
      const send = () => void answers++;
      const transport = new DatagramTransport({ send, clock, random: systemRandom });
      // It belongs to no connection, which each is told.
      const head = { type: 'data', side: 'dialler', dialled: 1n, accepted: 2n, sequence: 1 } as const;
      const bytes = encodePacket({ ...head, payload: new Uint8Array(length) });
      const most = Math.floor(2 ** 24 / (bytes.length + 64));
      for (let turn = 1; turn <= 2; turn++) {
        for (let at = 0; at < most + 1000; at++) transport.receive(1, bytes);
        clock.advance(1);
        expect(answers).toBe(turn * most);
      }
    },
  );

  it('before its first frame a connection keeps no more than such a frame, of what comes early', () => {
    const { clock, carrier, second } = connected();
    for (let sequence = 2; sequence <= 256; sequence++)
      second.receive(1, forged(carrier, { sequence, payload: new Uint8Array(1000) }));
    clock.advance(10);
    const ack = decodePacket(carrier.sent.findLast(({ from }) => from === 2)!.bytes);
    expect(ack).toMatchObject({ arrived: Uint8Array.of(0b1111) });
  });

  it('so many strangers who do not hear the answer keep nobody out for long, and cost so much and no more', () => {
    const { clock, carrier, first, second } = connected();
    const open = (at: number) =>
      encodePacket({ type: 'open', side: 'dialler', dialled: BigInt(at), accepted: 0n });
    for (let at = 1; at <= 1000; at++) second.receive(3, open(at));
    clock.advance(1);
    expect(carrier.sent.filter(({ to }) => to === 3)).toHaveLength(32);
    const late = recorder();
    first.dial(2, late.handlers);
    clock.advance(3000);
    expect(late.seen.opened).toBe(1);
  });
});
