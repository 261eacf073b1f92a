import { afterEach } from 'vitest';
import {
  type HttpOptions,
  type HttpTransport,
  openHttpTransport,
} from '../../../../src/adapters/transport/http/http-transport.ts';
import { silentLog } from '../../../../src/ports/log.ts';
import { transportContract } from '../../../contracts/transport.contract.ts';
import { until } from '../until.ts';

const open: HttpTransport[] = [];
const openOn = async (rest: Partial<HttpOptions> = {}): Promise<HttpTransport> => {
  const listen = { host: '127.0.0.1', port: 0 };
  const transport = await openHttpTransport({ listen, peers: {}, log: silentLog, ...rest });
  open.push(transport);
  return transport;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => new Promise<void>((resolve) => each.close(resolve))));
});

transportContract('http', async () => {
  const second = await openOn();
  const first = await openOn({ peers: { 2: { host: '127.0.0.1', port: second.port } } });
  return { first, second, until, dispose: async () => {} };
});
