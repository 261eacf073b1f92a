import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Done } from '../kv/requests.ts';
import { EtcdError, etcdErrors } from './etcd-error.ts';
import type { EtcdStore } from './etcd-store.ts';
import { OpenStream } from './open-stream.ts';
import { leaseIdOrZero } from './translate-number.ts';
import type { WatchRoom } from './watch-room.ts';
import { WatchStream } from './watch-stream.ts';
import type { Header, Int64, LeaseRequest, WatchRequest, WatchResponse } from './wire-types.ts';

interface KeptAlive {
  readonly header: Header;
  readonly ID: Int64;
  readonly TTL: Int64;
}

/** Serves one stream of the service Watch until its client leaves. */
export const watchStream = async (
  call: ServerDuplexStream<WatchRequest, WatchResponse>,
  store: EtcdStore,
  room: WatchRoom,
): Promise<void> => {
  const stream = new OpenStream(call as ServerDuplexStream<never, WatchResponse>);
  try {
    await store.begin();
    const watches = new WatchStream(store, stream, room);
    for await (const request of requestsOf(call)) await watches.take(request as WatchRequest);
    // A client that sends no more may go on listening.
    if (!stream.closed.aborted)
      await new Promise((resolve) => stream.closed.addEventListener('abort', resolve));
  } finally {
    stream.close();
  }
};

/** Serves one stream of keep-alives, one after the other. A lease that does not exist has the TTL 0. */
export const keepAliveStream = async (
  call: ServerDuplexStream<LeaseRequest, KeptAlive>,
  store: EtcdStore,
): Promise<void> => {
  const stream = new OpenStream(call as ServerDuplexStream<never, KeptAlive>);
  for await (const request of requestsOf(call)) {
    const { ID } = request as LeaseRequest;
    await stream.write(await keepAlive(ID, store));
  }
};

const keepAlive = async (ID: string, store: EtcdStore): Promise<KeptAlive> => {
  const id = leaseIdOrZero(ID) ?? 0n;
  try {
    if (id === 0n) throw etcdErrors.leaseNotFound();
    const { done, revision } = await store.submit<Done & { readonly type: 'renewed' }>({ type: 'renew', id });
    return { header: store.header(revision), ID, TTL: done.ttlSeconds };
  } catch (error) {
    if (!(error instanceof EtcdError) || error.details !== etcdErrors.leaseNotFound().details) throw error;
    return { header: store.header(), ID, TTL: 0 };
  }
};

/** A client that has sent its last request may go on reading. */
const requestsOf = (call: ServerDuplexStream<unknown, unknown>): NodeJS.AsyncIterator<unknown> =>
  call.iterator({ destroyOnReturn: false });
