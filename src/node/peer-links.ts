import type { ActorRefFrom } from 'xstate';
import { peerLinkMachine } from '../../machines/peer-link.machine.ts';
import type { PeerLinkInput, PeerLinkReport } from '../../machines/peer-link.setup.ts';
import { encodeApplication, maxApplicationBytes } from '../adapters/codec/application.ts';
import { decodeControl, encodeControl, type Hello, type Welcome } from '../adapters/codec/control.ts';
import { isMalformed } from '../adapters/codec/malformed.ts';
import { encodeMessage } from '../adapters/codec/message.ts';
import type { TracedMessage } from '../adapters/codec/trace-context.ts';
import { earlierVersionIn, featuresOf, wireVersion } from '../adapters/codec/wire-versions.ts';
import type { KnownDisk } from '../ports/disk.ts';
import type { Connection, ConnectionHandlers } from '../ports/transport.ts';
import { departuresOf } from '../raft/early-heartbeat.ts';
import type { Message } from '../raft/messages.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import { nodeName } from '../raft/types.ts';
import { topOfValue } from '../statechart/read/state-name.ts';
import { IncomingLinks } from './incoming-links.ts';
import { isExcluded } from './judge-disk.ts';
import { removedWords } from './members.ts';
import type { Membership, NamedDisk } from './membership.ts';
import type { LinkState, PeerStatus } from './node.ts';
import type { PeerLinksParts } from './peer-links-parts.ts';
import { type Credentials, PeerTrust } from './peer-trust.ts';
import { connectedElsewhereWords, saysSecondProcess, Witnesses } from './second-process.ts';
import type { NodeActor, SupervisorEvent } from './supervisor.ts';

/** Bytes for what runs on the nodes besides Raft that wait at once; a message that is alone may be larger. */
const maxApplicationWaiting = 1024 * 1024;
/** The most nodes that this one knows no more of than that they know a later configuration. */
const maxAcquaintances = 16;

interface Link {
  readonly peer: NodeId;
  /** Where to dial it; null: the transport knows. */
  readonly address: string | null;
  /** What the peer said when it welcomed this node. */
  said: Credentials | null;
  /** Of one that is not a member as far as this node knows: the index of the configuration that it knows. Null: it is a member. */
  acquaintedAt: LogIndex | null;
  connection: Connection | null;
  /** Of the last message that was sent. */
  term: Term;
  /** Frames for what runs on the nodes besides Raft, in order; those at the front may have left. */
  readonly applicationFrames: Uint8Array[];
  state: LinkState;
  /** The wire version of the greeting, and of everything sent once the link is open. */
  version: number;
  actor: ActorRefFrom<typeof peerLinkMachine> | null;
}

/**
 * This node's connections. The one that it dials to each peer carries its messages; those that the peers dial only bring
 * theirs. The link charts manage a connection's life cycle; once it is open, messages bypass the actors. There is a link to each member, and
 * one to each node that said hello and knows a later configuration than this node does: it may be the leader.
 */
export class PeerLinks {
  readonly #parts: PeerLinksParts;
  #membership: Membership;
  /** Null: the system has not been started. */
  #supervise: ((event: SupervisorEvent) => void) | null = null;
  readonly #links = new Map<NodeId, Link>();
  readonly #witnesses = new Witnesses();
  readonly #incoming: IncomingLinks;
  readonly #trust: PeerTrust;

  constructor(parts: PeerLinksParts) {
    this.#parts = parts;
    this.#membership = parts.membership;
    this.#trust = new PeerTrust(parts);
    this.#incoming = new IncomingLinks(parts, this.#trust, {
      membership: () => this.#membership,
      hasRoomFor: (stranger) => this.#links.has(stranger) || this.#acquaintances() < maxAcquaintances,
      heard: (hello) => {
        const { from, peerEndpoint, configurationIndex } = hello;
        if (!this.#links.has(from)) this.#add(from, peerEndpoint, configurationIndex);
        this.#links.get(hello.from)?.actor?.send({ type: 'PeerHeard', version: hello.version });
      },
    });
    for (const [peer, address] of parts.membership.peers) this.#add(peer, address, null);
  }

  /** For the node's actor system: one chart for each link that there is now. */
  get actors(): readonly NodeActor[] {
    return this.#inOrder().map((link) => this.#actorOf(link));
  }

  /** The names of these actors. */
  get names(): readonly string[] {
    return this.#inOrder().map(nameOf);
  }

  /** From now on `supervise` is told which charts have to run besides those that there are. */
  bind(supervise: (event: SupervisorEvent) => void): void {
    this.#supervise = supervise;
  }

  /** Has links to the members of `membership`, and ends those to others. A message to one of these that was sent before still leaves. */
  follow(membership: Membership): void {
    this.#membership = membership;
    const { peers, committedIndex, disks } = membership;
    const { remembered, noTeachers } = this.#trust.follow(membership);
    for (const link of this.#inOrder()) {
      const address = peers.get(link.peer);
      if (address === undefined) {
        if (link.acquaintedAt === null || link.acquaintedAt <= committedIndex) this.#part(link);
      } else if (link.address === address) link.acquaintedAt = null;
      else this.#remove(link);
    }
    for (const [peer, address] of peers) if (!this.#links.has(peer)) this.#add(peer, address, null);
    for (const [peer, named] of disks) this.#judgeAgain(peer, named);
    for (const peer of noTeachers) this.#judgeTeacher(peer);
    for (const peer of remembered) this.#rememberNow(peer);
  }

  /** Parts from a disk that counts as the member no longer: the right one may come at any time. */
  #judgeAgain(peer: NodeId, named: NamedDisk): void {
    this.#incoming.partFromOtherDisk(peer, named);
    const said = this.#saidOn(peer);
    if (said !== null && isExcluded(said, named) && !this.#trust.teaches(peer, said))
      this.#judgeLink(peer, said);
  }

  /** It was heard for what it knew, which this node knows as well by now. */
  #judgeTeacher(peer: NodeId): void {
    this.#incoming.partFromTeacher(peer);
    const said = this.#saidOn(peer);
    if (said !== null) this.#judgeLink(peer, said);
  }

  /** Remembers a disk of which nothing had to be remembered before, as a peer has come on it. */
  #rememberNow(peer: NodeId): void {
    this.#incoming.remember(peer);
    const said = this.#saidOn(peer);
    if (said === null || this.#trust.teaches(peer, said)) return;
    const known = this.#trust.knownOf(peer);
    if (known === null) this.#trust.remember(peer, said, () => {});
    // What this node dialled and what dialled it need not be the same process.
    else if (isExcluded(said, { inForce: known.logId, certain: null, seen: [known] }))
      this.#judgeLink(peer, said);
  }

  #judgeLink(peer: NodeId, said: Credentials): void {
    const reason = this.#trust.judge(peer, said);
    if (reason !== null) this.#links.get(peer)?.actor?.send({ type: 'Refused', reason });
  }

  /** What `peer` said on the connection that this node dialled; null: that is not open. */
  #saidOn(peer: NodeId): Credentials | null {
    const link = this.#links.get(peer);
    return link?.state === 'open' ? link.said : null;
  }

  /** The disk by which this node knows `peer`, which it has believed; null: it has not. */
  knownOf(peer: NodeId): KnownDisk | null {
    return this.#trust.knownOf(peer);
  }

  /** On which disk `peer`, which is not a member, has come last; null: it has never come. */
  strangersLogIdOf(peer: NodeId): string | null {
    return this.#trust.strangersLogIdOf(peer);
  }

  /** Accepts the peers' connections from now on. */
  listen(): void {
    this.#parts.transport.listen((connection) => this.#incoming.accept(connection));
  }

  /** Sends to a peer. False: the message is lost, because the link is not open or too much is queued. */
  send(message: Message): boolean {
    const link = this.#links.get(message.to);
    if (link?.state !== 'open' || link.connection === null) return false;
    const { connection } = link;
    if (message.term > link.term) {
      // The peer would reject them.
      link.term = message.term;
      connection.dropWaiting?.();
    }
    const { hasTraces } = featuresOf(link.version);
    let isSent = false;
    for (const { message: each, overtakes } of departuresOf(message, connection.isBacklogged ?? false))
      isSent = connection.send(encodeMessage(hasTraces ? this.#traced(each) : each), overtakes);
    return isSent;
  }

  /** The same for what runs on the nodes besides Raft. It does not overtake, and it is lost as well while too much of that waits, so that it is in nobody's way. */
  sendApplication(to: NodeId, message: Uint8Array): boolean {
    const link = this.#links.get(to);
    if (link?.state !== 'open' || link.connection === null || message.length > maxApplicationBytes)
      return false;
    if (!featuresOf(link.version).hasApplication) return false;
    const { connection } = link;
    const waiting = link.applicationFrames;
    // They leave in order.
    while (waiting.length > 0 && connection.isWaiting?.(waiting[0]!) !== true) waiting.shift();
    const waitingBytes = waiting.reduce((sum, { length }) => sum + length, 0);
    const frame = encodeApplication(message);
    const isSent =
      (waiting.length === 0 || waitingBytes + frame.length <= maxApplicationWaiting) &&
      connection.send(frame);
    if (isSent) waiting.push(frame);
    return isSent;
  }

  #traced(message: Message): TracedMessage {
    const { traces: carrier } = this.#parts;
    if (carrier === undefined || message.type !== 'AppendEntries' || message.entries.length === 0)
      return message;
    const traces = carrier.leaving(message);
    return traces.length === 0 ? message : { ...message, traces };
  }

  status(): readonly PeerStatus[] {
    return this.#inOrder().map(({ peer, state, version }) => {
      const isOpen = state === 'open';
      const endpoint = this.#incoming.endpointOf(peer);
      const linked = { id: peer, link: state, ...(isOpen ? { wireVersion: version } : {}), endpoint };
      const refusal = this.#trust.refusalOf(peer);
      if (refusal === null) return linked;
      // While its own disk is there, another that comes in its name takes no place.
      const { otherLogId: _, ...known } = refusal;
      return { ...linked, link: 'refused', refusal: isOpen ? known : refusal };
    });
  }

  #inOrder(): readonly Link[] {
    return [...this.#links.values()].sort((a, b) => a.peer - b.peer);
  }

  #acquaintances(): number {
    return [...this.#links.values()].filter(({ acquaintedAt }) => acquaintedAt !== null).length;
  }

  #add(peer: NodeId, address: string | null, acquaintedAt: LogIndex | null): void {
    const link: Link = {
      peer,
      address,
      said: null,
      acquaintedAt,
      connection: null,
      term: 0,
      applicationFrames: [],
      state: 'connecting',
      version: wireVersion,
      actor: null,
    };
    this.#links.set(peer, link);
    this.#supervise?.({ type: 'Needed', actor: this.#actorOf(link) });
  }

  #remove(link: Link): void {
    this.#links.delete(link.peer);
    this.#supervise?.({ type: 'Unneeded', systemId: nameOf(link) });
    const { connection } = link;
    link.connection = null;
    connection?.close();
  }

  /** It is not a member any more. */
  #part(link: Link): void {
    this.#remove(link);
    const reason = removedWords(link.peer);
    this.#incoming.expel(link.peer, reason);
    this.#trust.forget(link.peer);
    this.#parts.log.info({ peer: nodeName(link.peer) }, reason);
  }

  #actorOf(link: Link): NodeActor {
    const { seed, settings } = this.#parts;
    return {
      systemId: nameOf(link),
      logic: this.#logicOf(link),
      input: {
        peer: link.peer,
        version: wireVersion,
        seed: (seed ^ (link.peer * 0x9e3779b9)) >>> 0,
        ...(settings === undefined ? {} : { settings }),
      } satisfies PeerLinkInput,
    };
  }

  #logicOf(link: Link) {
    return peerLinkMachine.provide({
      actions: {
        dial: ({ self }) => {
          if (link.actor === null) this.#attach(link, self as ActorRefFrom<typeof peerLinkMachine>);
          this.#dial(link);
        },
        greet: (_, { peer, version }) => {
          if (!featuresOf(version).hasLanes) link.connection?.keepOrder?.();
          link.connection?.send(encodeControl(this.#hello(peer, version)), true);
        },
        ping: () => {
          const { start } = this.#trust.credentials;
          link.connection?.send(encodeControl({ type: 'Ping', start }), true);
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

  #attach(link: Link, actor: ActorRefFrom<typeof peerLinkMachine>): void {
    link.actor = actor;
    actor.subscribe({
      next: ({ value, context }) => {
        link.state = topOfValue(value) as LinkState;
        link.version = context.version;
      },
      // The supervisor stops the node.
      error: () => {},
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
    const connection: Connection = this.#parts.transport.dial(link.peer, handlers, link.address);
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
      case 'Refused': {
        const { reason } = control;
        const speaks = earlierVersionIn(reason, link.version);
        if (speaks === null) this.#trust.refusedBy(link.peer, reason);
        if (reason === removedWords(this.#parts.self)) this.#parts.toldRemoved?.();
        if (saysSecondProcess(this.#parts.self, reason)) this.#onSecond(link, reason);
        link.actor?.send({ type: 'Refused', reason, ...(speaks === null ? {} : { speaks }) });
        return;
      }
      default:
        link.actor?.send({ type: 'Refused', reason: `it answers with ${control.type}` });
    }
  }

  /** Members only: nobody else is believed. */
  #onSecond({ peer, acquaintedAt }: Link, reason: string): void {
    if (acquaintedAt !== null) return;
    const members = [...this.#links.values()].filter((each) => each.acquaintedAt === null);
    const saying = this.#witnesses.heard(
      peer,
      members.map((each) => each.peer),
    );
    if (saying !== null)
      this.#parts.toldSecond?.(`${reason} (says ${saying.map((each) => nodeName(each)).join(', ')})`);
  }

  #onWelcome(link: Link, welcome: Welcome): void {
    const { peer } = link;
    if (welcome.from !== peer) {
      link.actor?.send({ type: 'Refused', reason: `it is ${nodeName(welcome.from)}` });
      return;
    }
    const other = this.#incoming.otherProcessOf(peer, welcome.incarnation);
    const reason =
      other === null
        ? this.#trust.judge(peer, welcome, welcome.configurationIndex)
        : connectedElsewhereWords(peer, other);
    if (reason !== null) {
      link.actor?.send({ type: 'Refused', reason });
      return;
    }
    this.#witnesses.welcomedBy(peer);
    // Nothing waits for that here: what counts arrives on the peer's own connection, which is welcomed only once the peer is remembered.
    this.#trust.remember(peer, welcome, () => {});
    this.#trust.welcomedBy(peer);
    this.#incoming.learnEndpoint(peer, welcome.clientEndpoint);
    link.said = welcome;
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

  #hello(to: NodeId, version: number): Hello {
    const { self, clusterId, clientEndpoint } = this.#parts;
    const { index: configurationIndex, address } = this.#membership;
    const { credentials } = this.#trust;
    return {
      type: 'Hello',
      version,
      clusterId,
      from: self,
      to,
      clientEndpoint,
      configurationIndex,
      ...credentials,
      // One that listens on a wildcard knows only from the configuration where it is. Whoever does not know that yet could not answer it otherwise.
      peerEndpoint: credentials.peerEndpoint ?? address,
    };
  }
}

const nameOf = ({ peer }: Link): string => `link.${peer}`;
