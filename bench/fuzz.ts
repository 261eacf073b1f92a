/**
 * Malformed frames and requests against a real `raft-node` whose peers are missing, so that nothing legitimate changes its
 * state: `node bench/fuzz.ts [count] [transport]`, 100,000 of each and `tcp` by default; with `tls` in the place of `tcp` clients send theirs through TLS. Exit code 1 if the node dies or its log or vote changes.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeAuthority, makeCertificate } from '../src/cli/certs/make-certificates.ts';
import { parseGivenEndpoint, reachOf } from '../src/cli/client/reach.ts';
import { fetchStatus, ProcessCluster, type StatusBody } from '../test/processes/process-cluster.ts';

const count = process.argv[2] ?? '100000';
const isTls = process.argv[3] === 'tls';
const transport = isTls ? 'tcp' : (process.argv[3] ?? 'tcp');
const run = promisify(execFile);
const dataDir = mkdtempSync(join(tmpdir(), 'raftchart-fuzz-'));
const cacert = join(dataDir, 'ca.crt');
const flags: string[] = [];
if (isTls) {
  const authority = await makeAuthority('fuzz');
  const { cert, key } = await makeCertificate(authority, {
    name: 'n',
    uri: null,
    hosts: ['127.0.0.1'],
    days: 1,
  });
  writeFileSync(cacert, authority.cert);
  writeFileSync(join(dataDir, 'n.crt'), cert);
  writeFileSync(join(dataDir, 'n.key'), key, { mode: 0o600 });
  flags.push('--client-cert', join(dataDir, 'n.crt'), '--client-key', join(dataDir, 'n.key'));
}
const reachFlags = isTls ? { cacert } : {};
const cluster = await ProcessCluster.reserve({
  size: 3,
  dataDir,
  flags: ['--log-level', 'silent', '--transport', transport, ...flags],
});
const { peerPort, clientPort } = cluster.members[0]!;
cluster.start(1);
const { reach } = reachOf([parseGivenEndpoint(`127.0.0.1:${clientPort}`)], reachFlags);
let before = await fetchStatus(clientPort, reach);
while (before === null) before = await fetchStatus(clientPort, reach);

const fuzz = async (program: string, flags: readonly string[]): Promise<void> => {
  const { stdout } = await run(process.execPath, [program, ...flags], { maxBuffer: 2 ** 24 });
  console.log(`${program} ${flags.join(' ')}\n${stdout.trim()}`);
};
/** The most memory that node 1 has had, where the system tells. */
const peakMemory = (): string => {
  try {
    return /^VmHWM:\s+(.+)$/m.exec(readFileSync(`/proc/${cluster.pid(1)}/status`, 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
};
const peer = ['--port', `${peerPort}`, '--id', '1', '--as', '2'];
const memoryBefore = peakMemory();
try {
  if (transport === 'http') await fuzz('bench/fuzz-peer-http.ts', [...peer, '--requests', count]);
  else await fuzz('bench/fuzz-peer-port.ts', [...peer, '--frames', count]);
  await fuzz('bench/fuzz-http-port.ts', [
    '--port',
    `${clientPort}`,
    '--requests',
    count,
    ...(isTls ? ['--cacert', cacert] : []),
  ]);
  const after = await fetchStatus(clientPort, reach);
  console.log(`peak memory of node1: ${memoryBefore} before, ${peakMemory()} after`);
  const durable = (status: StatusBody | null) =>
    [status?.term, status?.commitIndex, status?.lastApplied].join(' ');
  const isSame = after !== null && durable(after) === durable(before);
  console.log(
    `node1 is ${after === null ? 'gone' : 'alive'}; term, commit and applied before: ${durable(before)}, after: ${durable(after)}`,
  );
  if (!isSame) process.exitCode = 1;
} finally {
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
