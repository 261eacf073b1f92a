import type { Caller } from './etcd-access.ts';
import { type EtcdError, etcdErrors } from './etcd-error.ts';
import type { EtcdStore } from './etcd-store.ts';

/** For so long a stream outlives its leader: an election is over by then, unless this node is cut off. */
const patienceMs = 3000;

/** Throws if the client wants to be told at once that there is no leader, and there is none. */
export const refuseWithoutLeader = ({ metadata }: Pick<Caller, 'metadata'>, store: EtcdStore): void => {
  if (wantsLeader(metadata) && !store.hasLeader) throw etcdErrors.noLeader();
};

/** Calls `cut` once there has been no leader for a while, if the client wants that. Returns a function that ends it. */
export const whileLed = (
  { metadata }: Pick<Caller, 'metadata'>,
  store: EtcdStore,
  cut: (error: EtcdError) => void,
): (() => void) => {
  if (!wantsLeader(metadata)) return () => {};
  const { node, clock } = store;
  let timer: unknown = null;
  const unsubscribe = node.onChange(({ leader }) => {
    if (leader === null) timer ??= clock.setTimeout(() => cut(etcdErrors.noLeader()), patienceMs);
    else if (timer !== null) {
      clock.clearTimeout(timer);
      timer = null;
    }
  });
  return () => {
    unsubscribe();
    if (timer !== null) clock.clearTimeout(timer);
  };
};

/** Clients of etcd call it `WithRequireLeader`. */
const wantsLeader = (metadata: Caller['metadata']): boolean => metadata.get('hasleader')[0] === 'true';
