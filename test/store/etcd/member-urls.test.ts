import { expect, it } from 'vitest';
import { Channels } from '../../../src/cli/node/channels.ts';
import { MemberUrls } from '../../../src/store/etcd/member-urls.ts';
import { VirtualClock } from '../../adapters/transport/virtual-clock.ts';

/** Nodes 1 and 2, which reach each other, and node 3, which nobody reaches. */
const start = (urlOfSecond: string) => {
  const clock = new VirtualClock();
  const ends = new Map<number, Channels>();
  const urlsOf = (self: number, url: string): MemberUrls => {
    const channels = new Channels();
    channels.bind((to, message) => {
      clock.setTimeout(() => ends.get(to)?.receive(self, message), 1);
      return true;
    });
    ends.set(self, channels);
    const urls: MemberUrls = new MemberUrls({
      self,
      url,
      clock,
      send: channels.open('etcdUrls', (from, message) => urls.receive(from, message)),
    });
    return urls;
  };
  const first = urlsOf(1, 'http://one:2379');
  urlsOf(2, urlOfSecond);
  const settled = async (asked: Promise<readonly string[]>): Promise<readonly string[]> => {
    clock.advance(400);
    return asked;
  };
  return { clock, ends, first, settled };
};

it('the URL of a member is its own, or what it tells', async () => {
  const { ends, first, settled } = start('https://two:2379');
  expect(await settled(first.of(1))).toEqual(['http://one:2379']);
  expect(await settled(first.of(2))).toEqual(['https://two:2379']);
  ends.delete(2);
  expect(await settled(first.of(2))).toEqual(['https://two:2379']);
});

it('a member that does not answer has none, after a while', async () => {
  const { clock, first } = start('http://two:2379');
  let told: readonly string[] | null = null;
  void first.of(3).then((urls) => {
    told = urls;
  });
  clock.advance(299);
  await Promise.resolve();
  expect(told).toBeNull();
  clock.advance(1);
  await new Promise(setImmediate);
  expect(told).toEqual([]);
});

it.each(['javascript:alert(1)', 'two:2379', `http://two/${'x'.repeat(300)}`, 'http://two\n'])(
  'what is no URL for clients is not passed on: %j',
  async (url) => {
    const { first, settled } = start(url);
    expect(await settled(first.of(2))).toEqual([]);
  },
);

it('a message of a channel that is not open is dropped', () => {
  const channels = new Channels();
  channels.receive(2, new Uint8Array());
  channels.receive(2, Uint8Array.of(99, 1));
});
