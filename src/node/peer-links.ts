import type { ActorRefFrom, AnyActor } from 'xstate';
import { peerLinkMachine } from '../../machines/peer-link.machine.ts';
import type { PeerLinkInput, PeerLinkReport } from '../../machines/peer-link.setup.ts';
import {
  decodeControl,
  encodeControl,
  type Hello,
  type Welcome,
  wireVersion,
} from '../adapters/codec/control.ts';
import { isMalformed } from '../adapters/codec/malformed.ts';
import { encodeMessage } from '../adapters/codec/message.ts';
import type { Connection, ConnectionHandlers } from '../ports/transport.ts';
import type { Message } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';
import { nodeName } from '../raft/types.ts';
import { topOfValue } from '../statechart/read/state-name.ts';
import { IncomingLinks } from './incoming-links.ts';
import type { LinkState, PeerStatus } from './node.ts';
import type { PeerLinksParts } from './peer-links-parts.ts';
import { PeerTrust } from './peer-trust.ts';
import type { NodeActor } from './supervisor.ts';

interface Link {
  readonly peer: NodeId;
  connection: Connection | null;
  state: LinkState;
  actor: ActorRefFrom<typeof peerLinkMachine> | null;
}

/**
 * This node's connections. The one that it dials to each peer carries its messages; those that the peers dial only bring
 * theirs. The link charts manage a connection's life cycle; once it is open, messages bypass the actors.
 */
export class PeerLinks {
  /** For the node's actor system: one chart per peer. */
  readonly actors: readonly NodeActor[];
  readonly #parts: PeerLinksParts;
  readonly #links = new Map<NodeId, Link>();
  readonly #incoming: IncomingLinks;
  readonly #trust: PeerTrust;

  constructor(parts: PeerLinksParts) {
    this.#parts = parts;
    this.#trust = new PeerTrust(parts);
    this.#incoming = new IncomingLinks(parts, this.#trust, (peer) =>
      this.#links.get(peer)?.actor?.send({ type: 'PeerHeard' }),
    );
    for (const peer of parts.peers) {
      this.#links.set(peer, { peer, connection: null, state: 'connecting', actor: null });
    }
    this.actors = [...this.#links.values()].map((link) => ({
      systemId: `link.${link.peer}`,
      logic: this.#logicOf(link),
      input: {
        peer: link.peer,
        seed: (parts.seed ^ (link.peer * 0x9e3779b9)) >>> 0,
        ...(parts.settings === undefined ? {} : { settings: parts.settings }),
      } satisfies PeerLinkInput,
    }));
  }

  /** Before the system starts: finds the charts. */
  bind(system: AnyActor['system']): void {
    for (const link of this.#links.values()) {
      const actor = system.get(`link.${link.peer}`) as ActorRefFrom<typeof peerLinkMachine>;
      link.actor = actor;
      actor.subscribe({
        next: ({ value }) => {
          link.state = topOfValue(value) as LinkState;
        },
        // The supervisor stops the node.
        error: () => {},
      });
    }
  }

  /** Accepts the peers' connections from now on. */
  listen(): void {
    this.#parts.transport.listen((connection) => this.#incoming.accept(connection));
  }

  /** Sends to a peer. False: the message is lost, because the link is not open or too much is queued. */
  send(message: Message): boolean {
    const link = this.#links.get(message.to);
    if (link?.connection === null || link?.state !== 'open') return false;
    return link.connection.send(encodeMessage(message));
  }

  status(): readonly PeerStatus[] {
    return [...this.#links.values()].map(({ peer, state }) => {
      const endpoint = this.#incoming.endpointOf(peer);
      const refusal = this.#trust.refusalOf(peer);
      return refusal === null
        ? { id: peer, link: state, endpoint }
        : { id: peer, link: 'refused', endpoint, refusal };
    });
  }

  #logicOf(link: Link) {
    return peerLinkMachine.provide({
      actions: {
        dial: () => this.#dial(link),
        greet: () => link.connection?.send(encodeControl(this.#hello(link.peer))),
        ping: () => {
          const { start } = this.#trust.credentials;
          link.connection?.send(encodeControl({ type: 'Ping', start }));
        },
        hangUp: () => {
          const { connection } = link;
          link.connection = null;
          connection?.close();
        },
        report: (_, params) => this.#report(params, link.connection),
      },
    });
  }

  #dial(link: Link): void {
    // Events from an abandoned connection must not reach the chart.
    const isCurrent = () => link.connection === connection;
    const handlers: ConnectionHandlers = {
      opened: () => {
        if (isCurrent()) link.actor?.send({ type: 'Opened' });
      },
      frame: (frame) => {
        if (isCurrent()) this.#onAnswer(link, frame);
      },
      closed: (reason) => {
        if (!isCurrent()) return;
        link.connection = null;
        link.actor?.send({ type: 'Closed', reason });
      },
    };
    const connection: Connection = this.#parts.transport.dial(link.peer, handlers);
    link.connection = connection;
  }

  /** Handles what the dialled side says: control frames only. */
  #onAnswer(link: Link, frame: Uint8Array): void {
    const control = decodeControl(frame);
    if (isMalformed(control)) {
      link.actor?.send({
        type: 'Refused',
        reason: `it answers with a malformed frame: ${control.malformed}`,
      });
      return;
    }
    switch (control.type) {
      case 'Pong':
        link.actor?.send({ type: 'Answered' });
        return;
      case 'Welcome':
        this.#onWelcome(link, control);
        return;
      case 'Refused':
        this.#trust.refusedBy(link.peer, control.reason);
        link.actor?.send({ type: 'Refused', reason: control.reason });
        return;
      default:
        link.actor?.send({ type: 'Refused', reason: `it answers with ${control.type}` });
    }
  }

  #onWelcome(link: Link, welcome: Welcome): void {
    const { peer } = link;
    if (welcome.from !== peer) {
      link.actor?.send({ type: 'Refused', reason: `it is ${nodeName(welcome.from)}` });
      return;
    }
    const reason = this.#trust.judge(peer, welcome);
    if (reason !== null) {
      link.actor?.send({ type: 'Refused', reason });
      return;
    }
    // Nothing waits for that here: what counts arrives on the peer's own connection, which is welcomed only once the peer is remembered.
    this.#trust.remember(peer, welcome, () => {});
    this.#trust.welcomedBy(peer);
    this.#incoming.learnEndpoint(peer, welcome.clientEndpoint);
    link.actor?.send({ type: 'Welcomed' });
  }

  #report({ peer, news, reason }: PeerLinkReport, connection: Connection | null): void {
    const { log } = this.#parts;
    const fields = { peer: nodeName(peer), remote: connection?.remote ?? null, reason };
    switch (news) {
      case 'refused':
        // Whom this node refuses itself has been told already.
        if (this.#trust.refusalOf(peer)?.by === this.#parts.self) return;
        log.warn(fields, `the process dialled as ${nodeName(peer)} cannot be used: ${reason}`);
        return;
      case 'unreachable':
        log.warn(fields, `${nodeName(peer)} cannot be reached: ${reason}`);
        return;
      case 'open':
        log.info(fields, `the link to ${nodeName(peer)} is open`);
        return;
      case 'lost':
        log.info(fields, `the link to ${nodeName(peer)} is lost: ${reason}`);
    }
  }

  #hello(to: NodeId): Hello {
    const { self, clusterId, clientEndpoint } = this.#parts;
    const { credentials } = this.#trust;
    return { type: 'Hello', version: wireVersion, clusterId, from: self, to, clientEndpoint, ...credentials };
  }
}
