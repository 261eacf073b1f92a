import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/adapters/system/clock.ts';
import { openApi } from '../../../../src/cli/node/open-api.ts';
import { silentLog } from '../../../../src/ports/log.ts';
import { TokenFile } from '../../../../src/store/http/access/token-file.ts';
import { newToken, type Permission, permissions } from '../../../../src/store/http/access/tokens.ts';
import { resources } from '../../../../src/store/http/v2/resources.ts';
import { encodePut } from '../../../../src/store/kv/commands.ts';
import { maxKeysLookedAt } from '../../../../src/store/kv/perform.ts';
import { ServedNode } from './served.ts';

interface DocumentedResponse {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, unknown>>;
}
interface DocumentedOperation {
  readonly 'x-permission': Permission | null;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}
interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
}

const text = readFileSync('docs/openapi.json', 'utf8');
const document = JSON.parse(text) as OpenApiDocument;

/** Objects have no fields but those that are described, as far as the server is concerned. */
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, closed(each)]));
  return fields.type === 'object' && 'properties' in fields
    ? { additionalProperties: false, ...fields }
    : fields;
};
const ajv = new Ajv2020({ strict: false });
ajv.addSchema(closed(document) as object, 'api');
const faultsIn = (pointer: string, value: unknown): unknown => {
  const validate = ajv.getSchema(`api#${pointer}`);
  if (validate === undefined) throw new Error(`there is no schema at ${pointer}`);
  return validate(value) ? [] : validate.errors;
};
const escaped = (name: string): string =>
  encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    path,
    method,
    operation,
  })),
);

interface Sent {
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body is never sent to its end. */
  readonly isUnfinished?: boolean;
}
interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const send = (served: ServedNode, method: string, { path, body, headers = {}, isUnfinished = false }: Sent) =>
  new Promise<Got>((resolve, reject) => {
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port: served.api.port,
      path,
      method,
      agent: false,
      headers: {
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) + (isUnfinished ? 9 : 0) }),
        ...(method === 'post' ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let received = '';
      const done = (): void => {
        response.destroy();
        resolve({ status: response.statusCode!, headers: response.headers, text: received });
      };
      response.setEncoding('utf8').on('data', (chunk: string) => {
        received += chunk;
        // A stream does not end by itself.
        if (response.headers['content-type'] === 'text/event-stream') done();
      });
      response.on('end', done).on('error', reject);
    });
    if (isUnfinished) outgoing.write(body ?? '');
    else outgoing.end(body);
  });

/** A request that is answered 200 by a node that `prepare` has filled. */
const good: Readonly<Record<string, Sent>> = {
  'GET /v2/kv/{key}': { path: '/v2/kv/a' },
  'PUT /v2/kv/{key}': { path: '/v2/kv/a?lease=7', body: '1' },
  'DELETE /v2/kv/{key}': { path: '/v2/kv/a' },
  'GET /v2/kv': { path: '/v2/kv?prefix=&limit=2' },
  'DELETE /v2/kv': { path: '/v2/kv?prefix=a' },
  'POST /v2/txn': {
    path: '/v2/txn',
    body: JSON.stringify({
      compare: [{ key: 'a', target: 'version', result: 'greater', number: 0 }],
      success: [
        { type: 'range', prefix: '' },
        { type: 'put', key: 'a', value_text: '2', prev: true },
        { type: 'delete', prefix: 'b', prev: true },
        { type: 'txn', success: [{ type: 'put', key: 'c', value: 'MQ==' }] },
      ],
    }),
  },
  'GET /v2/leases': { path: '/v2/leases' },
  'POST /v2/leases': { path: '/v2/leases', body: '{"ttl":60}' },
  'GET /v2/leases/{id}': { path: '/v2/leases/7' },
  'DELETE /v2/leases/{id}': { path: '/v2/leases/7' },
  'POST /v2/leases/{id}/keepalive': { path: '/v2/leases/7/keepalive' },
  'GET /v2/watch': { path: '/v2/watch?prefix=' },
  'POST /v2/compact': { path: '/v2/compact', body: '{"revision":3}' },
  'GET /v2/openapi.json': { path: '/v2/openapi.json' },
};
const goodOf = (name: string): Sent => good[name.replace('HEAD ', 'GET ')]!;

/** At revision 4: a (of a lease), b, and a key that is no text. */
const prepare = async (served: ServedNode): Promise<void> => {
  await served.ask('POST', '/v2/leases', { ttl: 60, id: '7' });
  await served.ask('PUT', '/v2/kv/a?lease=7', '1');
  await served.put('b', '2');
  await served.put('%ff', '3');
};

type Options = Parameters<typeof ServedNode.open>[0];

/** How an operation is brought to answer so. */
interface Provocation {
  /** Nothing was asked before: revisions have not begun. */
  readonly isFirst?: boolean;
  readonly options?: Options;
  readonly before?: (served: ServedNode, method: string, name: string) => unknown;
  readonly changed?: (sent: Sent, name: string) => Sent;
}

const directory = mkdtempSync(join(tmpdir(), 'raftchart-openapi-'));
const tokens = permissions.map((permission) => ({ permission, ...newToken(permission, permission) }));
writeFileSync(join(directory, 'tokens'), tokens.map(({ line }) => line).join('\n'), { mode: 0o600 });
const tokenFile = new TokenFile(join(directory, 'tokens'), systemClock, silentLog);
afterAll(() => {
  tokenFile.close();
  rmSync(directory, { recursive: true });
});

const withHeaders =
  (headers: Readonly<Record<string, string>>) =>
  (sent: Sent): Sent => ({ ...sent, headers });
const withQuery =
  (query: string) =>
  (sent: Sent): Sent => ({ ...sent, path: `${sent.path}${sent.path.includes('?') ? '&' : '?'}${query}` });
const session = (sequence: number, received: number) => ({
  'x-raft-session': `s; sequence=${sequence}; received=${received}; age=0`,
});
const outcome = (refusal: ServedNode['node']['refusal']) => (served: ServedNode) => {
  const { node } = served;
  node.refusal = refusal;
};
const compaction = (served: ServedNode) => served.ask('POST', '/v2/compact', { revision: 4 });
const txnOf =
  (operation: object) =>
  (sent: Sent): Sent => ({ ...sent, body: JSON.stringify({ success: [operation] }) });

const provocations: Readonly<Record<string, Provocation>> = {
  '': { changed: withHeaders({ 'if-none-match': '"2"' }) },
  bad_request: { changed: withQuery('nonsense=1') },
  token_missing: { options: { tokens: tokenFile } },
  token_unknown: {
    options: { tokens: tokenFile },
    changed: withHeaders({ authorization: 'Bearer nonsense' }),
  },
  forbidden: {
    options: { tokens: tokenFile },
    changed: withHeaders({ authorization: `Bearer ${tokens[0]!.token}` }),
  },
  host_not_allowed: { changed: withHeaders({ host: 'elsewhere.example' }) },
  origin_not_allowed: { changed: withHeaders({ origin: 'http://elsewhere.example' }) },
  not_from_a_form: { changed: withHeaders({ 'content-type': 'text/plain' }) },
  not_upgraded: {
    isFirst: true,
    before: ({ node }) => {
      const old = { id: 2, link: 'open', wireVersion: 4, endpoint: null } as const;
      node.current = { ...node.current, peers: [old] };
    },
  },
  not_leader: { before: outcome({ type: 'notLeader', leader: 2 }) },
  no_leader: { before: outcome({ type: 'notLeader', leader: null }) },
  overloaded: { before: outcome({ type: 'overloaded' }) },
  stopped: { before: ({ node }) => node.stop() },
  read_timed_out: {
    before: ({ node }) => {
      node.readOutcome = { type: 'timedOut' };
    },
  },
  overwritten: { before: outcome({ type: 'overwritten', index: 9, term: 2 }) },
  unknown_outcome: { before: outcome({ type: 'unknownOutcome', index: 9, term: 2 }) },
  sessions_full: {
    before: outcome({ type: 'applied', index: 9, term: 2, result: { type: 'sessionsFull', of: 'sessions' } }),
  },
  session_expired: { changed: withHeaders(session(5, 0)) },
  answer_forgotten: {
    before: async (served, method, name) => {
      await send(served, method, withHeaders(session(1, 0))(goodOf(name)));
      await send(served, method, withHeaders(session(2, 1))(goodOf(name)));
    },
    changed: withHeaders(session(1, 0)),
  },
  key_reused: {
    before: (served) => served.put('other', '1', { 'idempotency-key': 'once' }),
    changed: withHeaders({ 'idempotency-key': 'once' }),
  },
  request_timeout: {
    options: { limits: { receiveTimeoutMs: 20 } },
    changed: (sent) => ({ ...sent, isUnfinished: true }),
  },
  body_too_large: {
    options: { limits: { maxBodyBytes: 2000 } },
    changed: (sent) => ({ ...sent, body: ' '.repeat(3000) }),
  },
  key_too_long: { changed: (sent) => ({ ...sent, path: `/v2/kv/${'k'.repeat(1025)}` }) },
  key_not_found: {
    changed: (sent, name) =>
      name === 'POST /v2/txn'
        ? txnOf({ type: 'put', key: 'absent', keep_value: true })(sent)
        : { ...sent, path: '/v2/kv/absent' },
  },
  lease_not_found: {
    changed: (sent, name) =>
      name === 'POST /v2/txn'
        ? txnOf({ type: 'put', key: 'a', value: '', lease: '8' })(sent)
        : { ...sent, path: sent.path.replace('7', '8') },
  },
  lease_exists: { changed: (sent) => ({ ...sent, body: '{"ttl":60,"id":"7"}' }) },
  lease_reads_off: { changed: withQuery('consistency=lease') },
  precondition_failed: { changed: withHeaders({ 'if-match': '"3"' }) },
  future_revision: {
    changed: (sent, name) =>
      name === 'POST /v2/txn'
        ? txnOf({ type: 'range', key: 'a', revision: 99 })(sent)
        : name === 'POST /v2/compact'
          ? { ...sent, body: '{"revision":99}' }
          : withQuery('revision=99')(sent),
  },
  compacted: {
    before: compaction,
    changed: (sent, name) =>
      name === 'POST /v2/txn'
        ? txnOf({ type: 'range', key: 'a', revision: 2 })(sent)
        : name === 'POST /v2/compact'
          ? sent
          : withQuery('revision=2')(sent),
  },
  too_large: {
    before: ({ node }) => {
      // Many at once: each by itself would take its time.
      for (let nth = 0; nth <= maxKeysLookedAt; nth++)
        node.kv.apply(encodePut(`many${nth}`, new Uint8Array()));
    },
    changed: (sent, name) =>
      name === 'POST /v2/txn'
        ? txnOf({ type: 'delete', prefix: '' })(sent)
        : { ...sent, path: '/v2/kv?prefix=' },
  },
  too_many_watches: { options: { limits: { maxWatches: 0 } } },
};

const provoke = async (method: string, name: string, provocation: Provocation): Promise<Got> => {
  const { options = {}, isFirst = false, before, changed = (sent: Sent) => sent } = provocation;
  const served = await ServedNode.open({ openApi, ...options });
  try {
    if (!isFirst && options.tokens === undefined && options.limits?.maxBodyBytes === undefined)
      await prepare(served);
    await before?.(served, method, name);
    return await send(served, method, changed(goodOf(name), name));
  } finally {
    await served.close();
  }
};

/** What is documented for an answer: by status and error. */
const documented = operations.flatMap(({ name, path, method, operation }) =>
  Object.entries(operation.responses)
    .filter(([status]) => status !== '200')
    .flatMap(([status, response]) => {
      const { $ref, description = '' } = response as DocumentedResponse & { readonly description?: string };
      const errors =
        $ref === undefined ? description.split(', ') : $ref.split('/').at(-1)!.split('.').slice(1);
      const known = status === '304' ? [''] : errors;
      return known.map((error) => ({ name, path, method, status: Number(status), error, $ref }));
    }),
);

describe('docs/openapi.json', () => {
  it('is what a node gives, without a token', async () => {
    const served = await ServedNode.open({ openApi, tokens: tokenFile });
    expect(await served.get('/v2/openapi.json')).toMatchObject({ status: 200, body: document });
    await served.close();
  });

  it('has each route of the server, and no other', () => {
    const routes = Object.values(resources).flatMap(({ path, operations: methods }) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(operations.map(({ name }) => name).toSorted()).toEqual(routes.toSorted());
  });

  it('has every parameter in a path, and no name twice', () => {
    for (const { path, operation } of operations) {
      const inPath = operation.parameters
        .filter((each) => each.in === 'path')
        .map((each) => `{${each.name}}`);
      expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? []);
      const names = operation.parameters.map((each) => `${each.in} ${each.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it.each(operations)('describes the answer to $name', async ({ name, path, method, operation }) => {
    const got = await provoke(method, name, {});
    expect(got.status).toBe(200);
    const { headers = {}, content = {} } = operation.responses[200]!;
    expect(Object.keys(headers).filter((header) => !(header.toLowerCase() in got.headers))).toEqual([]);
    if (method === 'head') return;
    const [type] = Object.keys(content);
    expect(got.headers['content-type']).toBe(type);
    if (type !== 'application/json') return;
    const pointer = `/paths/${escaped(path)}/${method}/responses/200/content/application~1json/schema`;
    expect(faultsIn(pointer, JSON.parse(got.text))).toEqual([]);
  });

  it.each(documented)(
    'describes the answer to $name of $status $error',
    async ({ name, method, status, error, $ref }) => {
      const provocation = provocations[error];
      expect(provocation, `nothing is known to bring about ${error}`).toBeDefined();
      const got = await provoke(method, name, provocation!);
      expect({ status: got.status, text: got.text }).toMatchObject({ status });
      if ($ref === undefined) return;
      const body: unknown = JSON.parse(got.text);
      expect(body).toMatchObject({ error });
      const pointer = `/components/responses/${$ref.split('/').at(-1)}/content/application~1json/schema`;
      expect(faultsIn(pointer, body)).toEqual([]);
    },
  );

  it('describes the events of a watch', async () => {
    const served = await ServedNode.open();
    await prepare(served);
    await served.ask('DELETE', '/v2/kv/b');
    const response = await fetch(`http://127.0.0.1:${served.api.port}/v2/watch?prefix=&prev=true&revision=1`);
    let received = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      received += chunk;
      if (received.includes('event: delete')) break;
    }
    await served.close();
    const schemaOf = { put: 'WatchEvent', delete: 'WatchEvent', progress: 'WatchProgress' };
    const events = [...received.matchAll(/event: (put|delete|progress)\ndata: (.*)\n/g)];
    expect(events).toHaveLength(5);
    for (const [, type, data] of events) {
      const schema = schemaOf[type as keyof typeof schemaOf];
      expect(faultsIn(`/components/schemas/${schema}`, JSON.parse(data!))).toEqual([]);
    }
  });

  it.each([
    ['Txn', 'POST /v2/txn'],
    ['Grant', 'POST /v2/leases'],
    ['Compact', 'POST /v2/compact'],
  ])('describes a %s that the server takes, and refuses what it does not take', (schema, name) => {
    const body = JSON.parse(good[name]!.body!) as object;
    expect(faultsIn(`/components/schemas/${schema}`, body)).toEqual([]);
    expect(faultsIn(`/components/schemas/${schema}`, { ...body, nonsense: 1 })).not.toEqual([]);
  });
});
