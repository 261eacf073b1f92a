import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The least that an HTTP API in Node.js does: it reads each request, keeps nothing, and answers as a put is answered. Prints its port. */
const server = createServer((request, response) => {
  request.on('data', () => {});
  request.on('end', () => {
    const body = '{"index":1234567,"term":12}';
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
