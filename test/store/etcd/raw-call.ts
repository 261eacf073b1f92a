import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { loadServices, type ServiceName } from '../../../src/store/etcd/load-services.ts';
import { protos } from './etcd-cluster.ts';

const services = loadServices(protos);

/** A call whose client does with the stream what no library of gRPC would. */
export const rawCall = (
  session: ClientHttp2Session,
  service: ServiceName,
  method: string,
  request: object,
  headers: OutgoingHttpHeaders = {},
): ClientHttp2Stream => {
  const { path, requestSerialize } = services[service][method]!;
  const stream = session.request(
    { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', ...headers },
    { endStream: false },
  );
  stream.on('error', () => {});
  const message = requestSerialize(request);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([head, message]));
  return stream;
};
