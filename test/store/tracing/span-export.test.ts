import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import type { Log } from '../../../src/ports/log.ts';
import {
  exportSpans,
  type SpanExport,
  type SpanExportOptions,
} from '../../../src/store/tracing/span-export.ts';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

let answer: (response: ServerResponse) => void;
let bodies: string[];
let collector: Server;
let url: string;
let lines: Line[];
let running: SpanExport;

beforeEach(async () => {
  answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  bodies = [];
  lines = [];
  collector = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      bodies.push(body);
      answer(response);
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await running.close();
  collector.close();
  collector.closeAllConnections();
});

const open = (options: Partial<SpanExportOptions> = {}): SpanExport => {
  const at = (level: string) => (fields: Line['fields'], message: string) =>
    void lines.push({ level, message, fields });
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const program = new URL('../../../src/store/tracing/span-exporter.ts', import.meta.url);
  running = exportSpans({
    id: 1,
    clusterId: 'c',
    version: '1',
    url,
    log,
    clock: systemClock,
    program,
    ...options,
  });
  return running;
};

const end = ({ tracer }: SpanExport, count = 1): void => {
  for (let at = 0; at < count; at++) tracer.startSpan('put', { attributes: { 'raft.index': 5 } }).end();
};

describe('the export of spans', () => {
  it('sends them as OTLP, with what is known of the node', async () => {
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'team=blue');
    const exported = open();
    end(exported);
    await vi.waitFor(() => expect(bodies).toHaveLength(1), 10_000);
    const [{ resource, scopeSpans }] = JSON.parse(bodies[0]!).resourceSpans;
    const attributes = resource.attributes.map(({ key, value }: { key: string; value: object }) => [
      key,
      Object.values(value)[0],
    ]);
    expect(Object.fromEntries(attributes)).toMatchObject({
      'service.name': 'raftchart',
      'service.version': '1',
      'service.instance.id': 'node1',
      'raftchart.cluster.id': 'c',
      team: 'blue',
    });
    const [{ scope, spans }] = scopeSpans;
    expect(scope).toEqual({ name: 'raftchart', version: '1' });
    expect(spans).toMatchObject([
      { name: 'put', attributes: [{ key: 'raft.index', value: { intValue: 5 } }], flags: 257 },
    ]);
    expect(lines).toEqual([]);
  });

  it('sends what waits before it closes', async () => {
    const exported = open();
    end(exported, 2048);
    await vi.waitFor(() => expect(bodies).toHaveLength(1), 10_000);
    end(exported, 3);
    await exported.close();
    expect(bodies[1]!.match(/"name":"put"/g)).toHaveLength(3);
  });

  it.each([
    ['refuses them', (response: ServerResponse) => response.writeHead(400).end(), 'Bad Request'],
    [
      'takes only some',
      (response: ServerResponse) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end('{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}'),
      'too old',
    ],
    [
      'answers nonsense',
      (response: ServerResponse) => void response.socket!.end('what?\r\n\r\n'),
      'Parse Error',
    ],
  ])('says in one line that spans are lost where the collector %s', async (_, how, reason) => {
    answer = how;
    const exported = open();
    end(exported, 2048);
    end(exported, 2048);
    await vi.waitFor(() => expect(bodies.length).toBeGreaterThanOrEqual(2), 10_000);
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(0), 10_000);
    expect(lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('spans are lost: ') }]);
    expect(lines[0]!.message).toContain(reason);
  });

  it('closes within half a second where the collector does not answer', async () => {
    answer = () => {};
    const exported = open();
    end(exported, 2048);
    await vi.waitFor(() => expect(bodies).toHaveLength(1), 10_000);
    const startMs = performance.now();
    await exported.close();
    expect(performance.now() - startMs).toBeLessThan(1000);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_TIMEOUT', 'xx'],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '-1'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'lzma'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team'],
  ])('says in one line that %s=%s is ignored, and goes on', async (name, value) => {
    vi.stubEnv(name, value);
    const exported = open();
    end(exported, 2048);
    await vi.waitFor(() => expect(bodies).toHaveLength(1), 10_000);
    expect(lines).toMatchObject([{ level: 'warn', message: expect.stringContaining(name) }]);
    expect(lines[0]!.message).toMatch(/^a variable of OpenTelemetry is ignored: /);
  });

  it('logs that its thread has crashed, takes no more spans, and closes at once', async () => {
    const exported = open({ program: new URL('./exporters/crashing.ts', import.meta.url) });
    end(exported, 2048);
    await vi.waitFor(() => expect(lines).toHaveLength(1), 10_000);
    expect(lines[0]).toMatchObject({ level: 'error', fields: { error: 'out of luck' } });
    end(exported, 10_000);
    const startMs = performance.now();
    await exported.close();
    expect(performance.now() - startMs).toBeLessThan(400);
    expect(lines).toHaveLength(1);
  });
});
