import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import type { Clock } from '../../ports/clock.ts';
import type { EtcdAccess } from './etcd-access.ts';
import { EtcdError, etcdErrors } from './etcd-error.ts';
import type { EtcdLimits } from './limits.ts';
import { neededFor } from './permissions.ts';

export interface AdmissionParts {
  readonly access: EtcdAccess;
  readonly limits: Pick<
    EtcdLimits,
    'maxRequests' | 'maxOpenRequests' | 'maxHealthWatches' | 'requestTimeoutMs'
  >;
  readonly clock: Clock;
}

/** So many calls of one kind at once. */
interface Kind {
  readonly most: number;
  underWay: number;
}

/**
 * Lets a call in, or refuses it, before any of its message is read: by its token, and by how many calls there are already. Whoever sends one message has to send it in time. Calls that
 * need no token have room of their own, so that nobody without one is in the way of others.
 */
export const admission = ({ access, limits, clock }: AdmissionParts): ServerInterceptor => {
  const requests: Kind = { most: limits.maxRequests, underWay: 0 };
  const openRequests: Kind = { most: limits.maxOpenRequests, underWay: 0 };
  const healthWatches: Kind = { most: limits.maxHealthWatches, underWay: 0 };
  return (method, call) => {
    const needed = neededFor(method.path);
    let kind: Kind | null = null;
    if (method.responseStream) kind = needed === null ? healthWatches : null;
    else kind = needed === null ? openRequests : requests;
    let leave = (): void => {};
    let timer: unknown = null;
    const stopTimer = (): void => {
      if (timer !== null) clock.clearTimeout(timer);
      timer = null;
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, goOn) => {
            try {
              access.admit({ metadata, getPeer: () => call.getPeer() }, needed);
              leave = entered(kind);
            } catch (error) {
              if (!(error instanceof EtcdError)) throw error;
              call.sendStatus(error);
              return;
            }
            if (!method.requestStream)
              timer = clock.setTimeout(() => call.sendStatus(etcdErrors.timedOut()), limits.requestTimeoutMs);
            goOn(metadata);
          },
          onReceiveHalfClose: (goOn) => {
            stopTimer();
            goOn();
          },
          // Of every call: it is over, and all that was to be sent has left.
          onCancel: () => {
            stopTimer();
            leave();
          },
        }),
    });
  };
};

/** Null: nothing bounds it. */
const entered = (kind: Kind | null): (() => void) => {
  if (kind === null) return () => {};
  if (kind.underWay >= kind.most) throw etcdErrors.tooManyRequests();
  kind.underWay++;
  let isIn = true;
  return () => {
    if (isIn) kind.underWay--;
    isIn = false;
  };
};
