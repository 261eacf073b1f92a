import type { NodeId } from '../../raft/types.ts';

/** Who a certificate is made out to: a node of a cluster. */
export interface NodeIdentity {
  readonly clusterId: string;
  readonly node: NodeId;
}

/** As it stands in a certificate, as the one URI among its alternative names. spiffe.io, SPIFFE-ID §2. */
export const identityUri = ({ clusterId, node }: NodeIdentity): string =>
  `spiffe://${encodeURIComponent(clusterId)}/node/${node}`;

/** The node that these alternative names (`X509Certificate.subjectAltName`) are of; otherwise why they are of none, in a few words. */
export const identityIn = (alternativeNames: string | undefined): NodeIdentity | string => {
  const uris = namesIn(alternativeNames ?? '').flatMap(([kind, name]) => (kind === 'URI' ? [name] : []));
  if (uris.length !== 1) {
    // SPIFFE demands one: of several, each side might believe another one.
    return uris.length === 0
      ? 'it names no node (it has no URI among its alternative names)'
      : `it has ${uris.length} URIs among its alternative names, and must have one`;
  }
  const [, authority, id] = /^spiffe:\/\/([^/]+)\/node\/([1-9][0-9]{0,15})$/.exec(uris[0]!) ?? [];
  const clusterId = authority === undefined ? null : decoded(authority);
  const node = Number(id);
  if (clusterId === null || !Number.isSafeInteger(node))
    return `it is made out to ${uris[0]}, which is no node`;
  return { clusterId, node };
};

/** Why a certificate with these alternative names does not prove to be `node` of that cluster, in a few words; null: it does. A null for `node`: any of them. */
export const identityFault = (
  alternativeNames: string | undefined,
  clusterId: string,
  node: NodeId | null,
): string | null => {
  const identity = identityIn(alternativeNames);
  if (typeof identity === 'string') return identity;
  if (identity.clusterId !== clusterId)
    return `it is made out to a node of cluster ${identity.clusterId}, and this is cluster ${clusterId}`;
  return node === null || identity.node === node
    ? null
    : `it is made out to node${identity.node}, and not to node${node}`;
};

/** Node writes `URI:a, DNS:b, URI:"c, d"`: what could be mistaken for a separator stands in a JSON string. */
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
