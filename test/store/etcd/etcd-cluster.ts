import { createMemoryDisk, openMemory } from '../../../src/adapters/storage/memory.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { MemoryNetwork } from '../../../src/adapters/transport/memory.ts';
import { Channels } from '../../../src/cli/node/channels.ts';
import { createNode } from '../../../src/entry/create-node.ts';
import type { RaftNode } from '../../../src/node/node.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { MemberUrls } from '../../../src/store/etcd/member-urls.ts';
import { type EtcdApi, type EtcdOptions, openEtcd } from '../../../src/store/etcd/server.ts';
import { Housekeeper } from '../../../src/store/kv/housekeeper.ts';
import { type KvResult, KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import { kvResultCodec } from '../../../src/store/kv/result-codec.ts';
import { Watches } from '../../../src/store/kv/watches.ts';
import {
  type SessionResult,
  SessionStateMachine,
} from '../../../src/store/sessions/session-state-machine.ts';
import { Submitter } from '../../../src/store/sessions/submitter.ts';

export const protos = new URL('../../../src/store/etcd/proto/', import.meta.url);

export interface EtcdNode {
  readonly node: RaftNode<SessionResult<KvResult>>;
  readonly kv: KvStateMachine;
  readonly api: EtcdApi;
  /** `127.0.0.1:PORT`. */
  readonly endpoint: string;
}

export interface EtcdCluster {
  readonly network: MemoryNetwork;
  readonly nodes: readonly EtcdNode[];
  /** Resolves once somebody leads. */
  leader(): Promise<EtcdNode>;
  follower(): Promise<EtcdNode>;
  close(): Promise<void>;
}

/** Nodes in this process, on disks in memory, that serve etcd's clients on ports of 127.0.0.1. */
export const startEtcdCluster = async (
  size: number,
  options: Partial<Omit<EtcdOptions, 'listen'>> = {},
): Promise<EtcdCluster> => {
  const network = new MemoryNetwork({ clock: systemClock });
  const ids = Array.from({ length: size }, (_, at) => at + 1);
  const closing: (() => unknown)[] = [];
  const nodes = await Promise.all(
    ids.map(async (id): Promise<EtcdNode> => {
      const api = await openEtcd({
        listen: { host: '127.0.0.1', port: 0 },
        log: silentLog,
        protos,
        startingWords: () => 'starting',
        ...options,
      });
      const endpoint = `127.0.0.1:${api.port}`;
      const kv = new KvStateMachine();
      const channels = new Channels();
      const node = createNode({
        id,
        peers: ids.filter((peer) => peer !== id),
        storage: openMemory(createMemoryDisk()),
        transport: network.transport(id),
        stateMachine: new SessionStateMachine(kv, kvResultCodec),
        application: channels,
      });
      const submitter: Submitter<KvResult> = new Submitter({
        node,
        results: kvResultCodec,
        send: channels.open('submitter', (from, message) => submitter.receive(from, message)),
        clock: systemClock,
        random: systemRandom,
        wallClock: Date.now,
        newName: () => crypto.randomUUID(),
      });
      const urls: MemberUrls = new MemberUrls({
        self: id,
        url: `http://${endpoint}`,
        send: channels.open('etcdUrls', (from, message) => urls.receive(from, message)),
        clock: systemClock,
      });
      const watches = new Watches(kv.store, systemClock);
      kv.onChange(() => watches.changed());
      const housekeeper = new Housekeeper({ node, kv, clock: systemClock, wallClock: Date.now });
      api.serve({
        node,
        kv,
        submitter,
        watches,
        clusterId: 'test',
        clock: systemClock,
        wallClock: Date.now,
        clientUrlsOf: (member) => urls.of(member),
        isPeerTls: false,
      });
      closing.push(async () => {
        await node.stop();
        submitter.close();
        housekeeper.close();
        await api.close(100);
      });
      return { node, kv, api, endpoint };
    }),
  );
  const find = async (isWanted: (each: EtcdNode) => boolean): Promise<EtcdNode> => {
    for (;;) {
      const found = nodes.find(isWanted);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return {
    network,
    nodes,
    leader: () => find(({ node }) => node.status().role === 'leader'),
    follower: () => find(({ node }) => node.status().role === 'follower' && node.status().leader !== null),
    close: async () => void (await Promise.all(closing.map((close) => close()))),
  };
};
