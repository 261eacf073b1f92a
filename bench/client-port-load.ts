import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** What floods a client port, in a thread of its own so that what measures the node is not slowed down with it. */
export interface Flood {
  readonly kind: 'writes' | 'reads' | 'unread' | 'slow-heads' | 'slow-bodies' | 'half-open';
  readonly port: number;
  readonly connections: number;
  /** Requests under way on each connection. */
  readonly pipelined: number;
  readonly valueBytes: number;
  readonly seconds: number;
}

/** How many answers came, by status; `broken`: connections that ended. */
export type Answers = Readonly<Record<string, number>>;

const { kind, port, connections, pipelined, valueBytes, seconds } = workerData as Flood;
const answers: Record<string, number> = {};
const count = (what: string, times = 1): void => {
  answers[what] = (answers[what] ?? 0) + times;
};
const value = Buffer.alloc(valueBytes, 'v');
const put = (key: string): Buffer =>
  Buffer.concat([
    Buffer.from(`PUT /v1/kv/${key} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${valueBytes}\r\n\r\n`),
    value,
  ]);
const gets = (times: number): string => 'GET /v1/kv/large HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(times);
const end = performance.now() + seconds * 1000;
const sockets = new Set<Socket>();

const open = (at: number): void => {
  const socket = connect(port, '127.0.0.1');
  sockets.add(socket);
  socket.on('error', () => {});
  let dribble: NodeJS.Timeout | undefined;
  socket.on('close', () => {
    clearInterval(dribble);
    sockets.delete(socket);
    count('broken');
    if (performance.now() < end) setTimeout(open, 20, at);
  });
  const request = put(`key${at}`);
  const begin = {
    writes: () => {
      for (let each = 0; each < pipelined; each++) socket.write(request);
    },
    reads: () => socket.write(gets(pipelined)),
    unread: () => {
      socket.pause();
      socket.write(gets(pipelined));
    },
    'slow-heads': () => {
      socket.write('PUT /v1/kv/slow HTTP/1.1\r\nhost: localhost\r\n');
      dribble = setInterval(() => socket.write('x: y\r\n'), 500);
    },
    'slow-bodies': () => {
      socket.write(`PUT /v1/kv/slow HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${valueBytes}\r\n\r\n`);
      dribble = setInterval(() => socket.write('v'), 500);
    },
    'half-open': () => {},
  };
  socket.once('connect', begin[kind]);
  if (kind === 'unread') return;
  socket.on('data', (chunk) => {
    // Values are of one letter only, so that no status is found in them; one that is cut by a chunk is not counted.
    for (const [, status] of chunk.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      count(status!);
      if (kind === 'writes' && socket.writable && performance.now() < end) socket.write(request);
    }
  });
};

for (let at = 0; at < connections; at++) open(at);
setTimeout(() => {
  for (const socket of sockets) socket.destroy();
  parentPort!.postMessage(answers satisfies Answers);
}, seconds * 1000);
