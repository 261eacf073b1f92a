import { once } from 'node:events';
import { connect } from 'node:net';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotReader } from '../../../src/ports/snapshot-store.ts';
import { firstConfiguration } from '../../../src/raft/configuration.ts';
import { encodeConfiguration } from '../../../src/raft/configuration-payload.ts';
import { openBackup } from '../../../src/store/backup/backup-format.ts';
import type { HttpApi, HttpOptions, Served } from '../../../src/store/http/server.ts';
import { SingleNode, serve } from './single-node.ts';

const chunkBytes = 512 * 1024;

/** A snapshot of so many chunks, and what was done with it. */
class StoredSnapshot {
  readonly chunks: number;
  taken = 0;
  read = 0;
  released = 0;

  constructor(chunks: number) {
    this.chunks = chunks;
  }

  open(): SnapshotReader {
    this.taken++;
    const configuration = encodeConfiguration(firstConfiguration([1]));
    const info = { index: 7, term: 2, configuration, sizeBytes: this.chunks * chunkBytes, checksum: 0 };
    return {
      info,
      chunkAt: (offset) => {
        this.read++;
        const bytes = Buffer.alloc(chunkBytes, offset / chunkBytes);
        return { offset, bytes, checksum: crc32(bytes) };
      },
      release: () => {
        this.released++;
      },
    };
  }
}

let node: SingleNode;
let api: HttpApi;
let snapshot: StoredSnapshot;

const start = async (chunks: number, options: Partial<HttpOptions & Served> = {}) => {
  node = new SingleNode();
  snapshot = new StoredSnapshot(chunks);
  const backups = { clusterId: 'test', program: '1.2.3', openSnapshot: () => snapshot.open() };
  api = await serve(node, { backups, wallClock: () => 0, ...options });
};
beforeEach(() => start(3));
afterEach(() => api.close(0));

const ask = (query = '', method = 'GET') =>
  fetch(`http://127.0.0.1:${api.port}/v1/backup${query}`, {
    method,
    headers: { 'content-type': 'application/json' },
  });
const errorOf = async (answer: Response | Promise<Response>) => {
  const { status, json } = await Promise.resolve(answer).then((each) => ({
    status: each.status,
    json: each.json(),
  }));
  return [status, ((await json) as { error: string }).error];
};

describe('GET /v1/backup', () => {
  it('gives the newest snapshot as a backup, once the node may be read', async () => {
    node.isHolding = true;
    const asked = ask();
    await node.held(1);
    expect(snapshot.taken).toBe(0);
    node.release();
    const answer = await asked;
    expect(answer.status).toBe(200);
    expect([answer.headers.get('x-raft-index'), answer.headers.get('x-raft-term')]).toEqual(['7', '2']);
    const { header, data } = await openBackup(answer.body!);
    expect(header).toEqual({
      clusterId: 'test',
      node: 1,
      consistency: 'linearizable',
      index: 7,
      term: 2,
      configuration: firstConfiguration([1]),
      takenAt: '1970-01-01T00:00:00.000Z',
      program: '1.2.3',
      sizeBytes: 3 * chunkBytes,
    });
    const first: number[] = [];
    for await (const chunk of data()) first.push(chunk[0]!);
    expect(first).toEqual([0, 1, 2]);
    await expect.poll(() => snapshot.released).toBe(1);
  });

  it('waits for nobody if it may be stale', async () => {
    node.isHolding = true;
    const answer = await ask('?consistency=stale');
    expect((await openBackup(answer.body!)).header.consistency).toBe('stale');
    await answer.body!.cancel().catch(() => {});
  });

  it('is refused where it makes no sense', async () => {
    expect(await errorOf(ask('', 'POST'))).toEqual([405, 'method_not_allowed']);
    expect(await errorOf(ask('?all'))).toEqual([400, 'bad_request']);
    expect(await errorOf(ask('?consistency=lease'))).toEqual([409, 'lease_reads_off']);
    node.readOutcome = { type: 'timedOut' };
    expect(await errorOf(ask())).toEqual([504, 'read_timed_out']);
    node.current = { ...node.current, lastApplied: 0 };
    expect(await errorOf(ask('?consistency=stale'))).toEqual([503, 'not_ready']);
    expect(snapshot.taken).toBe(0);
  });

  it('is not there where nothing can be given', async () => {
    const other = await serve(new SingleNode());
    expect((await fetch(`http://127.0.0.1:${other.port}/v1/backup`)).status).toBe(404);
    await other.close(0);
  });

  it('says why there is no snapshot', async () => {
    node.takeSnapshot = async () => {
      throw new Error('no space left');
    };
    const answer = await ask();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      error: 'snapshot_failed',
      message: 'there is no snapshot to make a backup of: no space left',
    });
    // The next one is not in its way.
    node.takeSnapshot = async () => {};
    expect((await ask()).status).toBe(200);
  });
});

describe('a backup for a client that does not read', () => {
  const raw = async () => {
    const socket = connect(api.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.pause();
    socket.write('GET /v1/backup HTTP/1.1\r\nhost: localhost\r\n\r\n');
    return socket;
  };
  const settled = async (): Promise<void> => {
    for (let before = -1; before !== snapshot.read; ) {
      before = snapshot.read;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it('is read from the disk no further than the system buffers, and the snapshot is released when the client leaves', async () => {
    await api.close(0);
    await start(200);
    const socket = await raw();
    await expect.poll(() => snapshot.read).toBeGreaterThan(0);
    await settled();
    expect(snapshot.read).toBeLessThan(50);
    expect(await errorOf(ask())).toEqual([429, 'overloaded']);
    socket.destroy();
    await expect.poll(() => snapshot.released).toBe(1);
    const answer = await ask();
    expect(answer.status).toBe(200);
    await answer.body!.cancel().catch(() => {});
  });

  it('ends when the client has read nothing for too long', async () => {
    await api.close(0);
    await start(200, { limits: { idleTimeoutMs: 200 } });
    const socket = await raw();
    socket.on('error', () => {});
    await expect.poll(() => snapshot.released).toBe(1);
    socket.destroy();
  });

  it('ends with the server', async () => {
    await api.close(0);
    await start(200);
    const socket = await raw();
    socket.on('error', () => {});
    await expect.poll(() => snapshot.read).toBeGreaterThan(0);
    await api.close(0);
    await expect.poll(() => snapshot.released).toBe(1);
    socket.destroy();
  });
});
