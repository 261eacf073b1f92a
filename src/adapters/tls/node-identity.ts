import type { NodeId } from '../../raft/types.ts';

/** Who a certificate is issued to: a node of a cluster. */
export interface NodeIdentity {
  readonly clusterId: string;
  readonly node: NodeId;
}

/** As it stands in a certificate, as the one URI among its alternative names. spiffe.io, SPIFFE-ID §2. */
export const identityUri = ({ clusterId, node }: NodeIdentity): string =>
  `spiffe://${encodeURIComponent(clusterId)}/node/${node}`;

/** The node that these alternative names (`X509Certificate.subjectAltName`) identify; otherwise a short reason why they identify none. */
export const identityIn = (alternativeNames: string | undefined): NodeIdentity | string => {
  const uris = namesIn(alternativeNames ?? '').flatMap(([kind, name]) => (kind === 'URI' ? [name] : []));
  if (uris.length !== 1) {
    // SPIFFE requires exactly one: with several, the two sides might each believe a different one.
    return uris.length === 0
      ? 'it names no node (it has no URI among its alternative names)'
      : `it has ${uris.length} URIs among its alternative names, and must have one`;
  }
  const [, authority, id] = /^spiffe:\/\/([^/]+)\/node\/([1-9][0-9]{0,15})$/.exec(uris[0]!) ?? [];
  const clusterId = authority === undefined ? null : decoded(authority);
  const node = Number(id);
  if (clusterId === null || !Number.isSafeInteger(node))
    return `it is issued to ${uris[0]}, which is no node`;
  return { clusterId, node };
};

/** A short reason why these alternative names do not prove to be `node` of that cluster; null: they do. `node` null: any of its nodes. */
export const identityFault = (
  alternativeNames: string | undefined,
  clusterId: string,
  node: NodeId | null,
): string | null => {
  const identity = identityIn(alternativeNames);
  if (typeof identity === 'string') return identity;
  if (identity.clusterId !== clusterId)
    return `it is issued to a node of cluster ${identity.clusterId}, and this is cluster ${clusterId}`;
  return node === null || identity.node === node
    ? null
    : `it is issued to node${identity.node}, not to node${node}`;
};

/** Node.js writes `URI:a, DNS:b, URI:"c, d"`: a name that contains a separator is a JSON string. */
const namesIn = (text: string): readonly (readonly [kind: string, name: string])[] =>
  [...text.matchAll(/(?:^|, )([^:,"]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, kind, name]) => [
    kind!,
    name!.startsWith('"') ? (JSON.parse(name!) as string) : name!,
  ]);

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};
