import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Clock } from '../../ports/clock.ts';
import { EtcdError } from './etcd-error.ts';
import type { EtcdStore } from './etcd-store.ts';
import { type ServiceName, serviceNames } from './load-services.ts';
import { OpenStream } from './open-stream.ts';

interface Asked {
  readonly service: string;
}

interface Health {
  readonly status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
}

/** How often it is looked at whether something has changed. */
const lookMs = 500;

/** The health service of gRPC: a node serves while it runs and knows who leads. `store`: null before that. */
export const healthOf = ({ service }: Asked, store: EtcdStore | null): Health => {
  if (service !== '' && !serviceNames.includes(service as ServiceName)) return { status: 'SERVICE_UNKNOWN' };
  return { status: store?.hasLeader ? 'SERVING' : 'NOT_SERVING' };
};

export const checkHealth = (asked: Asked, store: EtcdStore | null): Health => {
  const health = healthOf(asked, store);
  if (health.status === 'SERVICE_UNKNOWN')
    throw new EtcdError('notFound', `unknown service ${asked.service}`);
  return health;
};

/** Tells the health, and again whenever it has changed, until the client leaves. */
export const watchHealth = async (
  call: ServerWritableStream<Asked, Health>,
  store: () => EtcdStore | null,
  clock: Clock,
): Promise<void> => {
  const stream = new OpenStream(call as ServerWritableStream<never, Health>);
  let told: Health['status'] | null = null;
  while (!stream.closed.aborted) {
    const health = healthOf(call.request, store());
    if (health.status !== told) await stream.write(health);
    told = health.status;
    await new Promise<void>((resolve) => clock.setTimeout(resolve, lookMs));
  }
};
