import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { plainReach } from '../../../src/cli/client/reach.ts';
import { lastingDenials } from '../../../src/cli/view/lasting-denials.ts';
import { SingleNode, serve } from '../../store/http/single-node.ts';

it('tells of the nodes that deny access or are not trusted, in one line each, and of no other', async () => {
  const api = await serve(new SingleNode());
  const denying = createServer((_, response) =>
    response.writeHead(401).end('{"error":"token_unknown","message":"this token is unknown"}'),
  );
  await new Promise<void>((resolve) => denying.listen(0, '127.0.0.1', resolve));
  const denied = `127.0.0.1:${(denying.address() as AddressInfo).port}`;
  const plain = `127.0.0.1:${api.port}`;
  expect(
    await lastingDenials(plainReach, [
      `http://${plain}`,
      `http://${denied}`,
      `https://${plain}`,
      'http://127.0.0.1:1',
    ]),
  ).toEqual([
    `http://${denied} answered 401: this token is unknown`,
    `https://${plain} does not speak TLS 1.3: use http://, or another port`,
  ]);
  denying.close();
  await api.close(0);
});
