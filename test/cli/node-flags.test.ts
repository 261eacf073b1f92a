import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { nodeCommand } from '../../src/cli/node/node-command.ts';
import { resolveNodeOptions } from '../../src/cli/node/node-options.ts';
import { nodeFlags } from '../../src/cli/node-flags.ts';

it('raft-node started by its name runs Node as the cluster command does', () => {
  const [shebang] = readFileSync('src/cli/raft-node.ts', 'utf8').split('\n');
  // Wrappers take the first word for the program, so no variable may stand before it.
  expect(shebang).toBe(`#!/usr/bin/env -S node ${nodeFlags.join(' ')}`);
});

const parsed = (...flags: string[]): Parameters<typeof resolveNodeOptions>[0] =>
  nodeCommand('0')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parse(['--id', '1', ...flags], { from: 'user' })
    .opts();
const optionsOf = (...flags: string[]) => resolveNodeOptions(parsed(...flags), {});

it('lease reads are off unless they are asked for, and how far clocks may drift belongs to them', () => {
  expect(optionsOf()).toMatchObject({ leaseReads: false, maxClockDrift: 0.1 });
  expect(optionsOf('--lease-reads')).toMatchObject({ leaseReads: true, maxClockDrift: 0.1 });
  expect(optionsOf('--lease-reads', '--max-clock-drift', '0.02')).toMatchObject({ maxClockDrift: 0.02 });
  expect(() => optionsOf('--max-clock-drift', '0.02')).toThrow(
    '--max-clock-drift is for --lease-reads, which is not given',
  );
  expect(() => optionsOf('--lease-reads', '--max-clock-drift', '1')).toThrow(
    'expected a fraction from 0 to below 1 such as 0.1, got "1"',
  );
});

it("offers etcd's API where it is asked to, as safely as the client port", () => {
  expect(optionsOf()).toMatchObject({ listenEtcd: null });
  expect(optionsOf('--listen-etcd', '127.0.0.1:2379')).toMatchObject({
    listenEtcd: { host: '127.0.0.1', port: 2379 },
    advertiseEtcd: 'http://127.0.0.1:2379',
  });
  expect(
    optionsOf('--listen-etcd', '127.0.0.1:2379', '--advertise-etcd', 'https://one.example:2379'),
  ).toMatchObject({ advertiseEtcd: 'https://one.example:2379' });
  expect(() => optionsOf('--advertise-etcd', 'http://one:2379')).toThrow(
    '--advertise-etcd is for --listen-etcd, which is not given',
  );
  expect(() => optionsOf('--listen-etcd', '127.0.0.1:2379', '--advertise-etcd', 'one:2379')).toThrow(
    '--advertise-etcd needs a URL such as http://127.0.0.1:2379, got "one:2379"',
  );
  expect(() => optionsOf('--listen-etcd', '0.0.0.0:2379')).toThrow(
    '--listen-etcd 0.0.0.0:2379 can be reached from other machines, without TLS: give --client-cert and --client-key, or --insecure-network if something else protects it',
  );
});

it('joins a cluster or begins one, and says where peers reach it', () => {
  expect(optionsOf()).toMatchObject({ join: null, advertisePeer: '127.0.0.1:7001' });
  expect(optionsOf('--join', 'two:7002,[::1]:7003')).toMatchObject({
    peers: null,
    join: [
      { host: 'two', port: 7002 },
      { host: '::1', port: 7003 },
    ],
  });
  expect(() => optionsOf('--join', 'two:7002', '--peers', '2')).toThrow('--join is for a node that joins');
  expect(() => optionsOf('--join', 'two')).toThrow('expected host:port');
  expect(() => optionsOf('--join', 'two:7002,three:0')).toThrow(
    '--join names three:0: nobody listens on port 0',
  );
  expect(optionsOf('--listen-peer', '[::1]:7')).toMatchObject({ advertisePeer: '[::1]:7' });
  for (const wildcard of ['0.0.0.0:7001', '[::]:7001']) {
    const open = ['--listen-peer', wildcard, '--insecure-network'];
    expect(optionsOf(...open)).toMatchObject({ advertisePeer: null });
    expect(optionsOf(...open, '--advertise-peer', 'one:9')).toMatchObject({ advertisePeer: 'one:9' });
  }
});

it('listens without TLS where only this machine reaches it, unless it is told that something else protects it', () => {
  for (const own of ['127.0.0.1:7', '127.9.9.9:7', '[::1]:7', 'localhost:7'])
    expect(optionsOf('--listen-peer', own, '--listen-client', own)).toMatchObject({ peerTls: null });
  const tls = ['--peer-cert', 'a', '--peer-key', 'b', '--peer-cacert', 'c'];
  for (const open of ['0.0.0.0:7', '[::]:7', '10.0.0.1:7', 'one:7', '127.0.0.1.example:7']) {
    expect(() => optionsOf('--listen-peer', open)).toThrow(/^--listen-peer .* without TLS: give --peer-cert/);
    expect(optionsOf('--listen-peer', open, ...tls)).toMatchObject({
      peerTls: { cert: 'a', key: 'b', ca: 'c' },
    });
    expect(() => optionsOf('--listen-client', open, ...tls)).toThrow(/^--listen-client .* without TLS/);
    expect(optionsOf('--listen-client', open, '--insecure-network')).toMatchObject({ peerTls: null });
  }
  expect(() => optionsOf(...tls.slice(2))).toThrow(/belong together: give all three$/);
});

it('exports spans where a flag or a variable of OpenTelemetry says so, and nowhere else', () => {
  const urlIn = (environment: NodeJS.ProcessEnv, ...flags: string[]) =>
    resolveNodeOptions(parsed(...flags), environment).spansUrl;
  expect(urlIn({})).toBeNull();
  expect(urlIn({}, '--otlp-endpoint', 'http://one:4318')).toBe('http://one:4318/v1/traces');
  const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://two:4318/otlp/' };
  expect(urlIn(base)).toBe('https://two:4318/otlp/v1/traces');
  expect(urlIn({ ...base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://three:1/x' })).toBe('http://three:1/x');
  expect(urlIn(base, '--otlp-endpoint', 'http://one:4318')).toBe('http://one:4318/v1/traces');
  expect(() => urlIn({}, '--otlp-endpoint', 'one:4318')).toThrow(
    '--otlp-endpoint needs a URL such as http://127.0.0.1:4318, got "one:4318"',
  );
  expect(() => urlIn({ OTEL_EXPORTER_OTLP_ENDPOINT: 'two' })).toThrow(
    'OTEL_EXPORTER_OTLP_ENDPOINT needs a URL',
  );
  expect(() => urlIn({}, '--trace-sample', '0.1')).toThrow('--trace-sample is for --otlp-endpoint');
  expect(optionsOf('--otlp-endpoint', 'http://one:1', '--trace-sample', '0.01')).toMatchObject({
    traceSample: 0.01,
  });
  for (const share of ['2', '-1', '1.5', 'x', ''])
    expect(() => optionsOf('--otlp-endpoint', 'http://one:1', '--trace-sample', share)).toThrow(
      'expected a share from 0 to 1',
    );
});

it('says when a snapshot is taken, and what the log keeps before it', () => {
  expect(optionsOf()).toMatchObject({
    snapshotEntries: 20_000,
    snapshotBytes: 64 * 1024 * 1024,
    trailingEntries: 10_000,
    trailingBytes: 16 * 1024 * 1024,
  });
  expect(optionsOf('--snapshot-bytes', '512KiB', '--trailing-entries', '0')).toMatchObject({
    snapshotBytes: 512 * 1024,
    trailingEntries: 0,
  });
  expect(() => optionsOf('--snapshot-entries', '0')).toThrow('expected a number of entries, 1 or more');
  expect(() => optionsOf('--trailing-bytes', '5MB')).toThrow('expected a size such as 512KiB or 64MiB');
});

it('lease reads are switched off by their environment variable as well as on', () => {
  try {
    for (const [text, leaseReads] of [
      ['on', true],
      ['1', true],
      ['true', true],
      ['off', false],
      ['0', false],
      ['false', false],
    ] as const) {
      vi.stubEnv('RAFT_NODE_LEASE_READS', text);
      expect(optionsOf()).toMatchObject({ leaseReads });
    }
    for (const text of ['', 'no idea']) {
      vi.stubEnv('RAFT_NODE_LEASE_READS', text);
      expect(() => optionsOf()).toThrow(`expected on or off, got "${text}"`);
    }
  } finally {
    vi.unstubAllEnvs();
  }
  expect(optionsOf('--lease-reads', 'off')).toMatchObject({ leaseReads: false });
  expect(() => optionsOf('--lease-reads', 'perhaps')).toThrow('expected on or off, got "perhaps"');
});

it('a node is measured unless that is switched off', () => {
  expect(optionsOf()).toMatchObject({ metrics: true });
  expect(optionsOf('--metrics')).toMatchObject({ metrics: true });
  expect(optionsOf('--metrics', 'off')).toMatchObject({ metrics: false });
  expect(() => optionsOf('--metrics', 'never')).toThrow('expected on or off, got "never"');
});

it.each([
  [['--peers', '2=two:0,3'], '--peers names two:0: nobody listens on port 0'],
  [['--advertise-peer', 'one:0'], '--advertise-peer names one:0: nobody listens on port 0'],
  [['--advertise-peer', '0.0.0.0:7001'], '--advertise-peer 0.0.0.0:7001 is a wildcard'],
  [['--advertise-peer', '[::]:7001'], '--advertise-peer [::]:7001 is a wildcard'],
  [['--advertise-client', 'one:8001'], '--advertise-client needs a URL such as http://127.0.0.1:8001'],
  [['--advertise-client', ''], '--advertise-client needs a URL such as http://127.0.0.1:8001'],
])('raft-node refuses addresses that nobody could use: %j', (flags, message) => {
  expect(() => optionsOf(...flags)).toThrow(message);
});
