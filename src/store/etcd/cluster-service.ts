import type { NodeId } from '../../raft/types.ts';
import { nodeName } from '../../raft/types.ts';
import type { EtcdStore } from './etcd-store.ts';
import type { Header, WireMember } from './wire-types.ts';

export interface ClusterParts {
  /** The URLs at which the API of a node is, as far as this node knows. */
  readonly clientUrlsOf: (id: NodeId) => Promise<readonly string[]>;
  /** Whether nodes speak TLS with each other. */
  readonly isPeerTls: boolean;
}

/** The service Cluster. Members have the numbers of the nodes. */
export const clusterService = (store: EtcdStore, { clientUrlsOf, isPeerTls }: ClusterParts) => ({
  async MemberList({ linearizable }: { readonly linearizable: boolean }): Promise<{
    readonly header: Header;
    readonly members: readonly WireMember[];
  }> {
    if (linearizable) await store.readable();
    const { configuration } = store.node.status();
    const { learners, members } = configuration;
    const listed = await Promise.all(
      Object.entries(members).map(async ([key, { peer }]): Promise<WireMember> => {
        const id = Number(key);
        return {
          ID: id,
          name: nodeName(id),
          peerURLs: peer === null ? [] : [`${isPeerTls ? 'https' : 'http'}://${peer}`],
          clientURLs: await clientUrlsOf(id),
          isLearner: learners.includes(id),
        };
      }),
    );
    return { header: store.header(), members: listed };
  },
});
