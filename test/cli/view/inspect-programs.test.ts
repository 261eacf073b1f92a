import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createProxy, type Socket } from 'node:net';
import { createWebSocketInspector } from '@statelyai/inspect';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type AnyActorRef, createActor, createMachine } from 'xstate';
import { inspectPrograms } from '../../../src/cli/view/inspect-programs.ts';
import { originsWith, type ProgramListener } from '../../../src/cli/view/listen-for-programs.ts';
import { PageCharts } from '../../../src/cli/view/page-charts.ts';
import { type PageServer, servePage } from '../../../src/cli/view/serve-page.ts';
import type { PageIndex } from '../../../src/page/data/page-data.ts';
import { attachInspector } from '../../../src/statechart/inspect/attach-inspector.ts';
import { createInspector } from '../../../src/statechart/inspect/create-inspector.ts';
import type { ActorNews, News } from '../../../src/statechart/inspect/news.ts';
import { statesBelow } from '../../../src/statechart/read/model.ts';

const bulb = createMachine({ id: 'bulb', initial: 'cold', states: { cold: {} } });
const lampWith = (states: readonly string[]) =>
  createMachine({
    id: 'lamp',
    initial: 'off',
    invoke: { src: bulb, id: 'bulb' },
    states: {
      off: { on: { PRESS: 'on' } },
      on: { on: { PRESS: 'off' } },
      ...Object.fromEntries(states.map((each) => [each, {}])),
    },
  });
const lamp = lampWith([]);

/** What a page has heard. */
class Reader {
  readonly news: News[] = [];
  starts = 0;
  lastId = '';
  readonly #stop = new AbortController();

  static async open(url: string, lastId?: string): Promise<Reader> {
    const reader = new Reader();
    const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
    const { body } = await fetch(`${url}/inspected`, { signal: reader.#stop.signal, headers });
    void reader.#read(body!).catch(() => {});
    return reader;
  }

  close(): void {
    this.#stop.abort();
  }

  async until(isThere: (news: readonly News[]) => boolean): Promise<void> {
    const deadline = performance.now() + 50_000;
    while (!isThere(this.news)) {
      if (performance.now() > deadline)
        throw new Error(`not told: ${JSON.stringify(this.news).slice(0, 2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    for await (const chunk of body.pipeThrough(
      new TextDecoderStream() as never,
    ) as unknown as AsyncIterable<string>) {
      const parts = (text + chunk).split('\n\n');
      text = parts.pop()!;
      for (const part of parts) {
        if (part.startsWith('event: start')) this.starts += 1;
        const [, id, data] = /^id: (.*)\ndata: (.*)$/.exec(part) ?? [];
        if (data === undefined) continue;
        this.lastId = id!;
        this.news.push(JSON.parse(data) as News);
      }
    }
  }
}

const isActor = (news: News): news is News & ActorNews => news.kind === 'actor';

describe('raftchart view --listen', () => {
  let page: PageServer;
  let listener: ProgramListener;
  const told: string[] = [];
  const open: { close(): void }[] = [];

  beforeEach(async () => {
    told.length = 0;
    const charts = new PageCharts(new Map());
    const inspection = inspectPrograms(charts, {
      port: 0,
      origins: originsWith(['https://app.example']),
      tell: (line) => told.push(line),
    });
    page = await servePage(0, { files: charts.files, ...inspection.content });
    listener = await inspection.listen(page.url);
  });
  afterEach(async () => {
    for (const each of open.splice(0)) each.close();
    await Promise.all([page.close(), listener.close()]);
  });

  const read = async (lastId?: string): Promise<Reader> => {
    const reader = await Reader.open(page.url, lastId);
    open.push(reader);
    return reader;
  };
  const dial = async (origin?: string, url = listener.url): Promise<WebSocket> => {
    const socket = new WebSocket(url, origin === undefined ? {} : { origin });
    socket.on('error', () => {});
    open.push({ close: () => socket.terminate() });
    await once(socket, 'open');
    return socket;
  };
  const inspected = (machine = lamp): AnyActorRef => {
    const inspector = createInspector({ url: listener.url, name: 'shop' });
    open.push(inspector);
    return createActor(machine, { inspect: inspector.inspect }).start();
  };
  /** On a busy machine charts come later than the index that is to have them. */
  const indexOf = async (count: number): Promise<PageIndex> => {
    for (;;) {
      const found = (await (await fetch(`${page.url}/data/charts.json`)).json()) as PageIndex;
      if (found.charts.length >= count) return found;
    }
  };
  const post = async (sent: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${page.url}/send`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof sent === 'string' ? sent : JSON.stringify(sent),
    });
    return [response.status, (await response.text()).trim()];
  };

  it('shows a program that has the inspector of @statelyai/inspect, with its charts', async () => {
    const reader = await read();
    const inspector = createWebSocketInspector({ url: listener.url });
    open.push({ close: () => inspector.stop() });
    const actor = createActor(lamp, { inspect: inspector.inspect }).start();
    actor.send({ type: 'PRESS' });
    await reader.until((all) => all.some((each) => each.kind === 'snapshot' && each.snapshot.value === 'on'));
    const actors = reader.news.filter(isActor);
    expect(actors.map(({ name, chart, problem, parent }) => [name, chart, problem, parent])).toEqual([
      ['lamp', 'lamp', null, null],
      ['bulb', 'bulb', null, actor.sessionId],
    ]);
    const { charts } = await indexOf(2);
    expect(charts.map(({ name }) => name).toSorted()).toEqual(['bulb', 'lamp']);
    for (const { views } of charts)
      for (const { file } of views) expect((await fetch(`${page.url}/${file}`)).status).toBe(200);
    expect(await post({ program: 1, actor: actor.sessionId, event: { type: 'PRESS' } })).toEqual([
      409,
      'lamp takes no events: it is not inspected by raftchart/inspect',
    ]);
    inspector.stop();
    await reader.until((all) => all.some((each) => each.kind === 'program' && !each.isConnected));
    expect(told).toEqual([]);
  });

  it('sends an event to an actor of a program that has ours', async () => {
    const reader = await read();
    const actor = inspected();
    await reader.until((all) => all.some(isActor));
    const sent = { program: 1, actor: actor.sessionId, event: { type: 'PRESS', by: 'page' } };
    expect(await post(sent)).toEqual([202, 'sent']);
    await reader.until((all) => all.some((each) => each.kind === 'snapshot' && each.snapshot.value === 'on'));
    expect(reader.news.findLast(({ kind }) => kind === 'event')).toMatchObject({ event: sent.event });
    expect(reader.news[1]).toMatchObject({ kind: 'program', name: 'shop', takesEvents: true });

    expect(await post({ ...sent, actor: 'x:none' })).toEqual([404, 'program 1 has no actor x:none']);
    expect((await post({ ...sent, event: 'PRESS' }))[0]).toBe(400);
    expect((await post('{'))[0]).toBe(400);
    expect(await post({ ...sent, event: { type: 'xstate.stop' } })).toEqual([
      400,
      'xstate.stop starts or stops an actor, and is left to its program',
    ]);
    expect((await post(sent, { 'content-type': 'text/plain' }))[0]).toBe(415);
    expect((await post(sent, { origin: 'http://localhost:1' }))[0]).toBe(403);
    expect((await post({ ...sent, pad: 'x'.repeat(2e6) }))[0]).toBe(413);
    actor.stop();
    await reader.until((all) =>
      all.some((each) => each.kind === 'snapshot' && each.snapshot.status === 'stopped'),
    );
    expect(await post(sent)).toEqual([409, 'lamp takes no events: it is stopped']);
  });

  it('has one chart for all actors of a machine, and two for two machines of one name', async () => {
    const reader = await read();
    inspected();
    inspected();
    inspected(lampWith(['broken']));
    await reader.until((all) => all.filter(isActor).length === 6);
    const charts = reader.news.filter(isActor).map(({ chart }) => chart);
    expect(charts.toSorted()).toEqual(['bulb', 'bulb', 'bulb', 'lamp', 'lamp', 'lamp-2']);
    const states = (await indexOf(3)).charts.map(({ name, chart }) => [name, statesBelow(chart.root).length]);
    expect(states.toSorted()).toEqual([
      ['bulb', 2],
      ['lamp', 3],
      ['lamp-2', 4],
    ]);
  });

  it('tells a page that comes late all, and one that comes again the rest', async () => {
    const early = await read();
    const actor = inspected();
    await early.until((all) => all.some(isActor));
    early.close();
    actor.send({ type: 'PRESS' });
    const late = await read();
    await late.until((all) => all.some((each) => each.kind === 'snapshot' && each.snapshot.value === 'on'));
    expect([early.starts, late.starts]).toEqual([1, 1]);
    expect(late.news[0]!.number).toBe(1);

    const again = await read(early.lastId);
    await again.until((all) => all.length > 0);
    expect(again.starts).toBe(0);
    expect(again.news[0]!.number).toBe(early.news.at(-1)!.number + 1);
    const stranger = await read('anotherrun-3');
    await stranger.until((all) => all.length > 0);
    expect([stranger.starts, stranger.news[0]!.number]).toEqual([1, 1]);
  });

  it('refuses bad messages, counts them, and shows the good ones between them', async () => {
    const reader = await read();
    const socket = await dial();
    const event = (fields: string) =>
      `{"type":"@xstate.event","sessionId":"x:0","event":{"type":"A"${fields}}}`;
    socket.send('garbage');
    socket.send(Buffer.from([1, 2, 3]));
    socket.send(event(`,"pad":"${'x'.repeat(10e6)}"`));
    socket.send('{"type":"@xstate.actor","sessionId":[]}');
    socket.send(event(`,"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}`));
    socket.send(event(',"__proto__":{"isAdmin":true}'));
    socket.send(event(',"last":1'));
    await reader.until((all) => all.some((each) => each.kind === 'event' && each.event.last === 1));
    expect(reader.news.filter(({ kind }) => kind === 'event')).toHaveLength(3);
    expect(JSON.stringify(reader.news)).not.toContain('isAdmin');
    socket.close();
    await reader.until((all) => all.some((each) => each.kind === 'program' && !each.isConnected));
    expect(told).toEqual([
      'program 1: a message is not shown: it is not JSON: "garbage"; further ones are only counted',
      'program 1: 4 messages were not shown',
    ]);
  });

  it('ends the connection of a program that sends more than is received', async () => {
    const socket = await dial();
    socket.send('x'.repeat(17 * 1024 * 1024));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1009);
    expect(told[0]).toMatch(/^program 1: its connection ends: /);
  });

  it('stays small and alive under a flood that a page does not read', async () => {
    const slow = await fetch(`${page.url}/inspected`);
    const socket = await dial();
    const text = (n: number) =>
      `{"type":"@xstate.snapshot","sessionId":"x:0","event":{"type":"A"},"snapshot":{"status":"active","value":${n},"context":"${'c'.repeat(500)}"}}`;
    for (let n = 1; n <= 40_000; n += 1) socket.send(text(n));
    const late = await read();
    await late.until((all) => all.some((each) => each.kind === 'snapshot' && each.snapshot.value === 40_000));
    // Of 40,000 snapshots the newest 20,000 are kept.
    const last = await read();
    await last.until((all) => all.some((each) => each.kind === 'snapshot' && each.snapshot.value === 40_000));
    expect(last.news.length).toBeLessThanOrEqual(20_003);
    expect(last.news.filter(isActor)).toHaveLength(1);
    await slow.body!.cancel();
  });

  it('knows our program again when it comes back, as the same program', async () => {
    const reader = await read();
    const cables: Socket[] = [];
    const proxy = createProxy((near) => {
      const far = connect(Number(URL.parse(listener.url)!.port), '127.0.0.1');
      for (const each of [near, far]) cables.push(each.on('error', () => {}));
      near.pipe(far).pipe(near);
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    open.push(proxy);
    const inspector = attachInspector({
      url: `ws://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      name: 'shop',
      maxEventsPerSecond: null,
      takesEvents: true,
      times: { retryMs: 20, answerMs: 5000 },
    });
    open.push(inspector);
    const actor = createActor(lamp, { inspect: inspector.inspect }).start();
    await reader.until((all) => all.some(isActor));
    for (const each of cables.splice(0)) each.destroy();
    await reader.until((all) => all.some((each) => each.kind === 'program' && !each.isConnected));
    actor.send({ type: 'PRESS' });
    await reader.until((all) => all.some((each) => isActor(each) && each.snapshot.value === 'on'));
    const back = reader.news.findLast(({ kind }) => kind === 'program');
    expect(back).toMatchObject({ program: 1, name: 'shop', isConnected: true });
    expect(await post({ program: 1, actor: actor.sessionId, event: { type: 'PRESS' } })).toEqual([
      202,
      'sent',
    ]);
    await reader.until((all) =>
      all.some((each) => each.kind === 'snapshot' && each.snapshot.value === 'off'),
    );
  });

  it('takes pages of this machine and of the origins that it was given, and no others', async () => {
    await dial('http://localhost:5173');
    await dial('http://127.0.0.1:3000');
    await dial('https://app.example');
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost.evil.example',
      'https://app.example:8443',
    ])
      await expect(dial(origin)).rejects.toThrow('403');
    expect(told[0]).toBe(
      'pages of https://evil.example are not inspected: start raftchart view with --allow-origin https://evil.example',
    );
    // It tries again and again.
    const lines = told.length;
    await expect(dial('https://evil.example')).rejects.toThrow('403');
    expect(told).toHaveLength(lines);
    const socket = new WebSocket(listener.url, { headers: { host: 'evil.example' } });
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
  });

  it('takes what its own page forwards, of origins that may be inspected', async () => {
    const bridge = `${page.url.replace('http', 'ws')}/inspect-bridge`;
    await expect(dial('http://localhost:5173', bridge)).rejects.toThrow('403');
    await expect(dial(undefined, bridge)).rejects.toThrow('403');
    await expect(dial(page.url, `${bridge}-2`)).rejects.toThrow('404');
    const reader = await read();
    const event = '{"type":"@xstate.event","sessionId":"x:0","event":{"type":"A"}}';
    const hello = (origin: string) => JSON.stringify({ type: '@raftchart.hello', name: origin, origin });
    const evil = await dial(page.url, bridge);
    for (const text of [event, hello('https://evil.example'), event]) evil.send(text);
    const good = await dial(page.url, bridge);
    for (const text of [hello('http://localhost:5173'), event]) good.send(text);
    await reader.until((all) => all.some(({ kind }) => kind === 'event'));
    expect(reader.news.filter(({ kind }) => kind === 'event').map(({ program }) => program)).toEqual([2]);
    expect(
      reader.news.find((each) => each.kind === 'program' && each.program === 2 && each.name !== 'program 2'),
    ).toMatchObject({
      name: 'http://localhost:5173',
      takesEvents: false,
    });
    expect(told[0]).toMatch(/^program 1: a message is not shown: it came before one that says whose/);
  });

  it('keeps what steers a terminal out of its lines', async () => {
    const socket = await dial();
    socket.send('{"type":"@raftchart.hello","name":"a\\u001b[2J\\nb"}');
    socket.send('garbage');
    socket.send('garbage');
    socket.close();
    await expect.poll(() => told.at(-1)).toBe('a·[2J·b: 2 messages were not shown');
    expect(told.at(-2)).toMatch(/^a·\[2J·b: a message is not shown: /);
  });

  it('outlives a page that goes while it sends an event', async () => {
    const { host, port } = new URL(page.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST /send HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    // A rejection that nobody handles fails the run.
    expect((await fetch(page.url)).status).toBe(404);
  });

  it.each([
    ['a program', () => listener.url],
    ['a page', () => page.url],
  ])('closes although %s that was refused does not hang up', async (_, url) => {
    const { host, port } = new URL(url());
    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    open.push({ close: () => socket.destroy() });
    socket.write(
      `GET /nothing HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\norigin: https://evil.example\r\n\r\n`,
    );
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 40[34] /);
    await Promise.all([page.close(), listener.close()]);
  });

  it('sends on to the page whoever comes with a browser', async () => {
    const response = await fetch(listener.url.replace('ws', 'http'), { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, page.url]);
  });

  it('says in one line that the port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { listen } = inspectPrograms(new PageCharts(new Map()), {
      port,
      origins: originsWith([]),
      tell: () => {},
    });
    await expect(listen(page.url)).rejects.toThrow(
      `cannot listen for programs on 127.0.0.1:${port}: the port is in use; choose another with --listen <port>, and give it to the programs`,
    );
    taken.close();
  });
});

it('a page without --listen is told that there is nothing to hear, and no event can be sent', async () => {
  const page = await servePage(0, { files: new Map() });
  expect((await fetch(`${page.url}/inspected`)).status).toBe(204);
  expect((await fetch(`${page.url}/send`, { method: 'POST' })).status).toBe(405);
  await page.close();
});
