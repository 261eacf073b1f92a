import { describe, expect, it } from 'vitest';
import { createActor, type StateNode } from 'xstate';
import { peerLinkMachine } from '../../machines/peer-link.machine.ts';
import {
  defaultPeerLinkSettings,
  type PeerLinkEvent,
  type PeerLinkReport,
} from '../../machines/peer-link.setup.ts';
import { wireVersion } from '../../src/adapters/codec/wire-versions.ts';
import { VirtualClock } from '../adapters/transport/virtual-clock.ts';

const { connectTimeoutMs, backoffMinMs, backoffMaxMs, pingIntervalMs, pingTimeoutMs } =
  defaultPeerLinkSettings;

/** A link to node 2 whose effects are only written down. */
const startLink = (seed = 1) => {
  const clock = new VirtualClock();
  const effects: string[] = [];
  const note =
    (name: string) =>
    (_: unknown, { peer }: { peer: number }) =>
      void effects.push(`${name} ${peer}`);
  const link = createActor(
    peerLinkMachine.provide({
      actions: {
        dial: note('dial'),
        greet: (_, { peer, version }: { peer: number; version: number }) =>
          void effects.push(
            version === wireVersion ? `greet ${peer}` : `greet ${peer} in version ${version}`,
          ),
        ping: note('ping'),
        hangUp: note('hangUp'),
        report: (_, { news, reason }: PeerLinkReport) =>
          void effects.push(reason === null ? news : `${news}: ${reason}`),
      },
    }),
    { clock, input: { peer: 2, version: wireVersion, seed } },
  ).start();
  const take = () => effects.splice(0);
  const send = (...types: ('Opened' | 'Welcomed' | 'Answered' | 'PeerHeard')[]) => {
    for (const type of types) link.send(type === 'PeerHeard' ? { type, version: wireVersion } : { type });
  };
  const state = () => {
    const { value } = link.getSnapshot();
    return typeof value === 'string' ? value : Object.entries(value).flat().join('.');
  };
  /** Milliseconds until it dials again. */
  const waitToDial = () => {
    for (let ms = 0; ms < 10_000; ms++) {
      if (effects.includes('dial 2')) return ms;
      clock.advance(1);
    }
    throw new Error('it dials no more');
  };
  return { clock, link, take, send, state, waitToDial };
};

describe('peer link', () => {
  it('dials, greets, and is open once the peer has welcomed it', () => {
    const { send, take, state } = startLink();
    expect([state(), take()]).toEqual(['connecting.dialling', ['dial 2']]);
    send('Opened');
    expect([state(), take()]).toEqual(['connecting.greeting', ['greet 2']]);
    send('Welcomed');
    expect([state(), take()]).toEqual(['open.asked', ['open', 'ping 2']]);
  });

  it('gives up a dial that is not welcomed in time, whether or not it opened', () => {
    for (const events of [[], ['Opened']] as const) {
      const { clock, send, take, state } = startLink();
      send(...events);
      take();
      clock.advance(connectTimeoutMs - 1);
      expect(take()).toEqual([]);
      clock.advance(1);
      expect([state(), take()]).toEqual(['backingOff', ['hangUp 2']]);
    }
  });

  it('waits longer after each failure, with jitter, up to a bound', () => {
    const waits = (seed: number) => {
      const { link, take, waitToDial } = startLink(seed);
      return Array.from({ length: 12 }, () => {
        take();
        link.send({ type: 'Closed', reason: 'nobody listens' });
        take();
        return waitToDial();
      });
    };
    const one = waits(1);
    one.forEach((wait, i) => {
      const bound = Math.min(backoffMaxMs, backoffMinMs * 2 ** i);
      expect(wait).toBeGreaterThanOrEqual(bound / 2);
      expect(wait).toBeLessThanOrEqual(bound);
    });
    expect(waits(1)).toEqual(one);
    expect(waits(2)).not.toEqual(one);
  });

  it('starts with the shortest wait again only after the peer has answered a ping', () => {
    const { link, send, take, waitToDial } = startLink();
    for (let i = 0; i < 10; i++) {
      take();
      link.send({ type: 'Closed', reason: 'nobody listens' });
      waitToDial();
    }
    const waitAfter = (...answers: 'Answered'[]) => {
      send('Opened', 'Welcomed', ...answers);
      take();
      link.send({ type: 'Closed', reason: 'broken' });
      return waitToDial();
    };
    expect(waitAfter()).toBeGreaterThanOrEqual(backoffMaxMs / 2);
    expect(waitAfter('Answered')).toBeLessThanOrEqual(backoffMinMs);
  });

  it('dials at once when the peer has connected to this node', () => {
    const { link, send, take, state } = startLink();
    link.send({ type: 'Closed', reason: 'nobody listens' });
    take();
    send('PeerHeard');
    expect([state(), take()]).toEqual(['connecting.dialling', ['dial 2']]);
  });

  it('asks for signs of life and gives up a connection that shows none', () => {
    const { clock, send, take, state } = startLink();
    send('Opened', 'Welcomed', 'Answered');
    take();
    for (let round = 0; round < 5; round++) {
      clock.advance(pingIntervalMs);
      expect(take()).toEqual(['ping 2']);
      send('Answered');
    }
    clock.advance(pingIntervalMs + pingTimeoutMs);
    expect([state(), take()]).toEqual(['backingOff', ['ping 2', 'lost: no sign of life', 'hangUp 2']]);
  });

  it.each<[PeerLinkEvent['type'] & ('Refused' | 'Closed'), string]>([
    ['Refused', 'refused'],
    ['Closed', 'unreachable'],
  ])('reports %s once while the reason stays, again when it changes or the link was open', (type, news) => {
    const { link, send, take, waitToDial } = startLink();
    const fail = (reason: string) => {
      send('Opened');
      link.send({ type, reason });
      const reports = take().filter((effect) => effect.includes(': '));
      waitToDial();
      return reports;
    };
    expect(fail('it is node3')).toEqual([`${news}: it is node3`]);
    expect(fail('it is node3')).toEqual([]);
    expect(fail('it is node3')).toEqual([]);
    expect(fail('it is node4')).toEqual([`${news}: it is node4`]);
    send('Opened', 'Welcomed', 'Answered');
    link.send({ type: 'Closed', reason: 'broken' });
    take();
    waitToDial();
    expect(fail('it is node4')).toEqual([`${news}: it is node4`]);
  });

  describe('a peer that speaks only an earlier version', () => {
    const earlier = wireVersion - 1;
    const fallenBack = () => {
      const started = startLink();
      started.send('Opened');
      started.take();
      started.link.send({ type: 'Refused', reason: 'not that one', speaks: earlier });
      return started;
    };

    it('is greeted in that at once, and nobody is told of the refusal', () => {
      const { send, take, state } = fallenBack();
      expect([state(), take()]).toEqual(['connecting.dialling', ['hangUp 2', 'dial 2']]);
      send('Opened');
      expect(take()).toEqual([`greet 2 in version ${earlier}`]);
      send('Welcomed');
      expect([state(), take()]).toEqual(['open.asked', ['open', 'ping 2']]);
    });

    it('is greeted in the latest version again at the next attempt, whatever ended the last one', () => {
      for (const isWelcomed of [true, false]) {
        const { link, send, take, waitToDial } = fallenBack();
        send('Opened', ...(isWelcomed ? (['Welcomed'] as const) : []));
        take();
        link.send({ type: 'Closed', reason: 'broken' });
        waitToDial();
        take();
        send('Opened');
        expect(take()).toEqual(['greet 2']);
      }
    });

    it('has the time of a whole attempt for the second greeting', () => {
      const { clock, link, send, take, state } = startLink();
      send('Opened');
      clock.advance(connectTimeoutMs - 1);
      link.send({ type: 'Refused', reason: 'not that one', speaks: earlier });
      send('Opened');
      take();
      clock.advance(connectTimeoutMs - 1);
      expect([state(), take()]).toEqual(['connecting.greeting', []]);
    });

    it('is refused like any other if it does not take that one either', () => {
      const { link, send, take, state } = fallenBack();
      send('Opened');
      take();
      link.send({ type: 'Refused', reason: 'not that one', speaks: earlier });
      expect([state(), take()]).toEqual(['refused', ['refused: not that one', 'hangUp 2']]);
    });

    it('is dialled anew once it has come in a later one, connected or not', () => {
      for (const events of [
        [],
        ['Opened'],
        ['Opened', 'Welcomed'],
        ['Opened', 'Welcomed', 'Answered'],
      ] as const) {
        const { link, send, take, state } = fallenBack();
        send(...events);
        take();
        link.send({ type: 'PeerHeard', version: earlier });
        expect(take()).toEqual([]);
        send('PeerHeard');
        expect([state(), take()]).toEqual(['connecting.dialling', ['hangUp 2', 'dial 2']]);
        send('Opened');
        expect(take()).toEqual(['greet 2']);
      }
    });
  });

  it('leaves an open connection over which the peer says what no peer says', () => {
    const { link, send, take, state } = startLink();
    send('Opened', 'Welcomed', 'Answered');
    take();
    link.send({ type: 'Refused', reason: 'it answers with a Hello' });
    expect([state(), take()]).toEqual(['refused', ['refused: it answers with a Hello', 'hangUp 2']]);
  });

  it('does nothing over events that its state does not expect', () => {
    const { link, send, take, state } = startLink();
    send('Welcomed', 'Answered', 'PeerHeard');
    expect([state(), take()]).toEqual(['connecting.dialling', ['dial 2']]);
    link.send({ type: 'Closed', reason: 'x' });
    take();
    send('Opened', 'Welcomed', 'Answered');
    link.send({ type: 'Closed', reason: 'x' });
    link.send({ type: 'Refused', reason: 'x' });
    expect([state(), take()]).toEqual(['backingOff', []]);
  });

  it('has a description and a source on each state and transition, and names for all that it does', () => {
    const check = (node: StateNode): void => {
      expect(node.description, node.id).toMatch(/\.$/);
      expect(node.meta?.rule, node.id).toBeTruthy();
      for (const transition of [...node.transitions.values()].flat()) {
        const where = `${node.id} ${transition.eventType}`;
        expect(transition.description, where).toMatch(/^[^.]+\.$/);
        expect((transition.meta as { rule?: string }).rule, where).toBeTruthy();
        for (const action of transition.actions) expect(typeof action, where).not.toBe('function');
        expect(typeof transition.guard, where).not.toBe('function');
      }
      for (const child of Object.values(node.states)) check(child as StateNode);
    };
    check(peerLinkMachine.root as unknown as StateNode);
  });

  it('throws when an effect is not provided', () => {
    const link = createActor(peerLinkMachine, {
      clock: new VirtualClock(),
      input: { peer: 2, version: wireVersion, seed: 1 },
    });
    let failure: unknown;
    link.subscribe({
      error: (error) => {
        failure = error;
      },
    });
    link.start();
    expect(String(failure)).toMatch(/the effect dial is provided/);
  });
});
