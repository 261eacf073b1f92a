/**
 * The client API alone, in front of a node that applies at once: what HTTP costs without Raft, disk and network.
 * Usage: `node bench/http-api.ts [seconds] [connections…]`; needs `wrk` on the PATH.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SingleNode, serve } from '../test/store/http/single-node.ts';

const [seconds = '5', ...connectionCounts] = process.argv.slice(2);
const run = promisify(execFile);
const script = join(mkdtempSync(join(tmpdir(), 'raftchart-wrk-')), 'put.lua');
writeFileSync(
  script,
  `local value = string.rep("x", 256)
request = function()
  return wrk.format("PUT", "/v1/kv/key" .. math.random(10000), nil, value)
end
`,
);

const api = await serve(new SingleNode());
for (const connections of connectionCounts.length > 0 ? connectionCounts : ['1', '16', '64', '256']) {
  const url = `http://127.0.0.1:${api.port}`;
  const args = ['-t', '1', '-c', connections, '-d', `${seconds}s`, '--latency', '-s', script, url];
  const { stdout } = await run('wrk', args);
  const figure = (pattern: RegExp) => pattern.exec(stdout)?.[1] ?? '?';
  const rate = figure(/Requests\/sec:\s+(\S+)/);
  console.log(
    `PUT 256 B, ${connections} connections: ${rate} requests/s, p50 ${figure(/50%\s+(\S+)/)}, p99 ${figure(/99%\s+(\S+)/)}`,
  );
  if (stdout.includes('Non-2xx')) console.log(stdout);
}
await api.close(0);
