import { systemClock } from '../../adapters/system/clock.ts';
import type { Credentials } from '../../adapters/tls/credentials.ts';
import type { RaftNode } from '../../node/node.ts';
import type { Log } from '../../ports/log.ts';
import { optionalPackages } from '../../statechart/missing-package.ts';
import type { EtcdApi, EtcdOptions } from '../../store/etcd/server.ts';
import type { TokenFile } from '../../store/http/access/token-file.ts';
import type { KvResult, KvStateMachine } from '../../store/kv/kv-state-machine.ts';
import type { Watches } from '../../store/kv/watches.ts';
import type { SessionResult } from '../../store/sessions/session-state-machine.ts';
import type { Submitter } from '../../store/sessions/submitter.ts';
import type { Channels } from './channels.ts';
import type { NodeOptions } from './node-options.ts';

/** What is opened before there is a node. */
export interface EtcdOpening extends Required<Pick<EtcdOptions, 'metrics' | 'tracing'>> {
  readonly log: Log;
  readonly maxConnections: number;
  readonly startingWords: () => string;
  readonly tls: Credentials | null;
  readonly tokens: TokenFile | null;
}

export interface EtcdServing {
  readonly node: RaftNode<SessionResult<KvResult>>;
  readonly kv: KvStateMachine;
  readonly watches: Watches;
  readonly submitter: Submitter<KvResult>;
  readonly channels: Channels;
}

/** etcd's v3 API, listening, with what serves a node by it. */
export interface OpenedEtcd extends Pick<EtcdApi, 'close'> {
  serve(serving: EtcdServing): void;
}

/** Among the sources, and in the build: there this module is part of a bundle in the same folder. */
const protos = new URL('../../store/etcd/proto/', import.meta.url);

/** Null: nobody asks for it. Loaded only when it is asked for. Rejects with `PackageMissing` or `EtcdListenFailed`. */
export const etcdApiOf = async (
  { id, listenEtcd: listen, advertiseEtcd: url, clusterId, peerTls }: NodeOptions,
  { maxConnections, ...opening }: EtcdOpening,
): Promise<OpenedEtcd | null> => {
  if (listen === null) return null;
  const { openEtcd, MemberUrls } = await optionalPackages(
    ['@grpc/grpc-js', '@grpc/proto-loader'],
    '--listen-etcd',
    () => import('../../store/etcd/server.ts'),
  );
  const api = await openEtcd({ ...opening, listen, protos, limits: { maxConnections } });
  return {
    close: (graceMs) => api.close(graceMs),
    serve: ({ channels, ...serving }) => {
      const urls = new MemberUrls({
        self: id,
        url,
        send: channels.open('etcdUrls', (from, message) => urls.receive(from, message)),
        clock: systemClock,
      });
      api.serve({
        ...serving,
        clusterId,
        clock: systemClock,
        wallClock: Date.now,
        clientUrlsOf: (member) => urls.of(member),
        isPeerTls: peerTls !== null,
      });
    },
  };
};
