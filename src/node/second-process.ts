import { type NodeId, nodeName } from '../raft/types.ts';

/** Another process runs as this node, and is the one that its peers know. The message is one line for a person. */
export class SecondProcess extends Error {
  override readonly name = 'SecondProcess';
}

const beginning = (id: NodeId): string => `two processes run as ${nodeName(id)}: the other one, at `;

/** Said to the one of two processes that has to stop; `where`: the address of the other. */
const secondProcessWords = (id: NodeId, where: string): string =>
  `${beginning(id)}${where}, was there first, so this one stops: give each node its own --id and data directory`;

/** Whether `reason`, by which a peer refuses node `id`, says that. */
export const saysSecondProcess = (id: NodeId, reason: string): boolean => reason.startsWith(beginning(id));

/** Its first Ping may have been on its way before the other process came; the second one follows the answer to the first. */
const pingsOfProof = 2;

/** Processes that come under the ids of peers that are connected as other processes. */
export class Rivals {
  /** `pings`: how often the connected process has sent a Ping since. */
  readonly #rivals = new Map<NodeId, { readonly incarnation: string; pings: number }>();

  /** The connected process of `peer` has sent a Ping. */
  pinged(peer: NodeId): void {
    const rival = this.#rivals.get(peer);
    if (rival !== undefined) rival.pings++;
  }

  /** Why the process `incarnation` is not let in as `peer` while another one, at `where`, is connected. Its disk does not matter: the disk of a running process holds at least what any copy of it holds. */
  refusal(peer: NodeId, incarnation: string, where: string): string {
    const known = this.#rivals.get(peer);
    const rival = known?.incarnation === incarnation ? known : { incarnation, pings: 0 };
    this.#rivals.set(peer, rival);
    return rival.pings >= pingsOfProof ? secondProcessWords(peer, where) : connectedElsewhere(peer, where);
  }

  /** No other process of `peer` is connected. */
  forget(peer: NodeId): void {
    this.#rivals.delete(peer);
  }
}

/** Said while it is not certain yet that the process at `where` is alive. */
export const connectedElsewhere = (peer: NodeId, where: string): string =>
  `another process is connected as ${nodeName(peer)}, at ${where}`;

/** The peers that say that another process runs as this node. One may be wrong, or lie, so a majority of the members has to say so. */
export class Witnesses {
  readonly #saying = new Set<NodeId>();

  /** `peer`, one of `members`, says so. Returns all who do, ascending, if they are a majority of `members`; otherwise null. */
  heard(peer: NodeId, members: readonly NodeId[]): readonly NodeId[] | null {
    this.#saying.add(peer);
    const saying = members.filter((member) => this.#saying.has(member)).toSorted((a, b) => a - b);
    return saying.length > members.length / 2 ? saying : null;
  }

  /** `peer` has let this node in. */
  welcomedBy(peer: NodeId): void {
    this.#saying.delete(peer);
  }
}
