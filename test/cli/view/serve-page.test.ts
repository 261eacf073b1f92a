import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainReach } from '../../../src/cli/client/reach.ts';
import { ClusterPoll } from '../../../src/cli/view/cluster-poll.ts';
import { generatedPaths, pathsAddress } from '../../../src/cli/view/generated-paths.ts';
import { MadeOnce } from '../../../src/cli/view/made-once.ts';
import { type PageFile, pageFile, readPageFiles } from '../../../src/cli/view/page-files.ts';
import { type MadeFile, type PageServer, servePage } from '../../../src/cli/view/serve-page.ts';
import type { LiveNode } from '../../../src/page/data/live-node.ts';
import type { PagePaths } from '../../../src/page/data/page-data.ts';

describe('server of the page', () => {
  let folder: string;
  let server: PageServer | null = null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'raftchart-page-'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>a page</title>');
  });
  afterEach(async () => {
    await server?.close();
    server = null;
    rmSync(folder, { recursive: true, force: true });
  });

  const serve = async (poll: ClusterPoll | null = null, paths?: MadeFile) => {
    server = await servePage(0, {
      files: readPageFiles(folder),
      made: new Map(paths === undefined ? [] : [[`/${pathsAddress}`, paths]]),
      poll,
    });
    return server;
  };

  it('serves the page and forbids whatever comes from elsewhere', async () => {
    const { url } = await serve();
    const response = await fetch(url);
    expect(await response.text()).toContain('a page');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(`${url}/../package.json`)).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });

  it('refuses a request that names another host, which a page of another site could have resolve to here', async () => {
    const { url } = await serve();
    const request = get(url, { headers: { host: 'elsewhere.example:80' } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(403);
  });

  it('says in one line that the port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await expect(servePage(port, { files: new Map() })).rejects.toThrow(
      `cannot serve the page on 127.0.0.1:${port}: the port is in use; choose another with --port`,
    );
    taken.close();
  });

  it('says what to do where the page is not built', () => {
    expect(() => readPageFiles(join(folder, 'nowhere'))).toThrow('run npm run build');
  });

  it('serves files that are added while it runs', async () => {
    const files = new Map<string, PageFile>();
    server = await servePage(0, { files });
    expect((await fetch(`${server.url}/data/late.json`)).status).toBe(404);
    files.set('/data/late.json', pageFile('/data/late.json', Buffer.from('{}')));
    expect(await (await fetch(`${server.url}/data/late.json`)).text()).toBe('{}');
  });

  it('answers that there is no cluster, so that the page does not ask again', async () => {
    const { url } = await serve();
    expect((await fetch(`${url}/live`)).status).toBe(204);
  });

  it('generates tests once they are asked for, on a thread, and only once', async () => {
    const generated = generatedPaths({ cover: 'transitions', voters: 1 });
    let asked = 0;
    const { url } = await serve(null, {
      file: () => {
        asked++;
        return generated.file();
      },
      progress: () => generated.progress(),
      close: () => generated.close(),
    });
    await fetch(url);
    expect(asked).toBe(0);
    const [first, second] = await Promise.all([generated.file(), fetch(`${url}/paths/raft.json`)]);
    expect(second.headers.get('content-type')).toBe('application/json');
    const { paths, walks } = (await second.json()) as PagePaths;
    expect(paths.length).toBeGreaterThan(walks['raft.leader.transfer.idle/Proposed/0']!.length);
    expect(await generated.file()).toBe(first);
  });

  it('says how far what is made is, and nothing once it is there', async () => {
    let finish = (): void => {};
    const made = new MadeOnce(async (tell) => {
      tell('3 of 40 searches');
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return pageFile('/paths.json', Buffer.from('{}'));
    });
    const { url } = await serve(null, made);
    const progress = async (): Promise<unknown> => (await fetch(`${url}/progress/${pathsAddress}`)).json();
    expect(await progress()).toBeNull();
    const file = made.file();
    expect(await progress()).toBe('3 of 40 searches');
    finish();
    expect(await file).toBe(await made.file());
    expect(await progress()).toBeNull();
  });

  it('asks again for what could not be made', async () => {
    let asked = 0;
    const made = new MadeOnce(() => {
      asked += 1;
      return Promise.reject(new Error('no'));
    });
    for (const _ of [1, 2]) await expect(made.file()).rejects.toThrow('no');
    expect(asked).toBe(2);
  });

  it('ends the thread with itself; whoever waits is told that there is nothing, and may ask again', async () => {
    const generated = generatedPaths({ cover: 'transitions' });
    await serve(null, generated);
    const waiting = expect(generated.file()).rejects.toThrow('the tests ended');
    await server?.close();
    await waiting;
    const stopped = {
      file: () => Promise.reject(new Error('stopped')),
      progress: () => null,
      close: async () => {},
    };
    const { url } = await serve(null, stopped);
    expect((await fetch(`${url}/paths/raft.json`)).status).toBe(500);
  });

  it('tells of nodes that do not answer, or are none, why', async () => {
    const stranger = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    const { url } = await serve(
      new ClusterPoll(['http://127.0.0.1:1', `http://127.0.0.1:${port}`], plainReach, 20),
    );
    const response = await fetch(`${url}/live`);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let reasons: readonly string[] = [];
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const [line = ''] = chunk.split('\n');
      const nodes = JSON.parse(line.slice('data: '.length)) as readonly LiveNode[];
      reasons = nodes.map((node) => (node.isReachable ? '' : node.reason));
      if (!reasons.includes('not asked yet')) break;
    }
    expect(reasons[1]).toBe('not a raftchart node');
    expect(reasons[0]).not.toBe('');
    stranger.close();
  });
});
