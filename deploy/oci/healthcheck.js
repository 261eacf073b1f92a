// For images without curl: exit code 0 while the node of this container answers GET /livez, else 1.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

const { RAFT_NODE_LISTEN_CLIENT: listen = '', RAFT_NODE_CLIENT_CERT: certificate } = process.env;
const port = /\d+$/.exec(listen)?.[0];
const request = certificate ? requestHttps : requestHttp;
// No certificate needs to name the loopback address, so it is not verified. A node that requires client certificates answers 403, and is alive.
const sent = request({ host: '127.0.0.1', port, path: '/livez', rejectUnauthorized: false, timeout: 4000 });
sent.on('timeout', () => sent.destroy());
sent.on('error', () => process.exit(1));
sent.on('response', ({ statusCode }) =>
  process.exit(statusCode === 200 || (certificate && statusCode === 403) ? 0 : 1),
);
sent.end();
