import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpApi } from '../../../src/store/http/server.ts';
import { SingleNode, serve } from './single-node.ts';

describe('GET /v1/charts', () => {
  let node: SingleNode;
  let api: HttpApi;

  beforeEach(async () => {
    node = new SingleNode();
    api = await serve(node);
  });
  afterEach(() => api.close());

  const ask = (method = 'GET') => fetch(`http://127.0.0.1:${api.port}/v1/charts`, { method });

  it('says where the charts of the node stand', async () => {
    const response = await ask();
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual([
      { actor: 'raft', value: 'leader', last: null, moved: null, taken: [] },
    ]);
  });

  it('is only read', async () => {
    expect((await ask('PUT')).status).toBe(405);
  });

  it('is refused once the node has stopped', async () => {
    await node.stop();
    expect((await ask()).status).toBe(503);
  });
});
