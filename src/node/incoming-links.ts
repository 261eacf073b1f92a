import { decodeApplication, isApplication } from '../adapters/codec/application.ts';
import {
  decodeControl,
  encodeControl,
  type Hello,
  isPing,
  type Join,
  type OtherVersion,
  refusedFor,
} from '../adapters/codec/control.ts';
import { isMalformed, type Malformed } from '../adapters/codec/malformed.ts';
import { decodeMessage } from '../adapters/codec/message.ts';
import { withoutTraces } from '../adapters/codec/trace-context.ts';
import { otherVersionWords } from '../adapters/codec/wire-versions.ts';
import { LogLimit } from '../ports/log-limit.ts';
import { Strangers } from '../ports/strangers.ts';
import type { Connection, ConnectionHandlers } from '../ports/transport.ts';
import type { AppendEntries, MessageType } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';
import { nodeName } from '../raft/types.ts';
import { isExcluded } from './judge-disk.ts';
import type { Membership, NamedDisk } from './membership.ts';
import type { PeerLinksParts } from './peer-links-parts.ts';
import type { Credentials, PeerTrust } from './peer-trust.ts';
import { Rivals } from './second-process.ts';

/** How long a connection may stay open without a `Hello`. */
const helloTimeoutMs = 5000;
/** The most connections without a `Hello` at any one time. */
const mostStrangers = 32;
/** The most frames that may follow a `Hello` before its `Welcome`; a peer waits for that. */
const maxHeld = 16;

/** A peer asks for a sign of life every second, so one that was silent for so long may be gone without having closed its connection. */
const aliveMs = 1500;
/** What brings a follower the log. Nobody but the leader of its term sends it, whatever its disk counts as here. */
const leadersMessages: ReadonlySet<MessageType> = new Set(['AppendEntries', 'InstallSnapshot']);

interface Incoming {
  readonly connection: Connection;
  /** The process at the other end, and the cluster it began in. */
  readonly said: Credentials;
  /** It is heard only as a leader that brings the log. */
  readonly isTeacher: boolean;
  /** When it was heard last. */
  heardMs: number;
}

export interface IncomingCallbacks {
  /** As of now. */
  readonly membership: () => Membership;
  /** Whether there may be a link to one more node that is not a member. */
  readonly hasRoomFor: (stranger: NodeId) => boolean;
  /** A peer has been welcomed, so it is up. It may not be a member, but one that knows a later configuration than this node. */
  readonly heard: (hello: Hello) => void;
}

/** The connections that peers dialled: they bring messages. A fault on one closes that one and affects nothing else. */
export class IncomingLinks {
  readonly #parts: PeerLinksParts;
  readonly #trust: PeerTrust;
  readonly #callbacks: IncomingCallbacks;
  /** The connection of each peer; a newer one replaces the older. */
  readonly #connections = new Map<NodeId, Incoming>();
  readonly #rivals = new Rivals();
  readonly #endpoints = new Map<NodeId, string>();
  readonly #logLimit: LogLimit;
  readonly #strangers: Strangers;

  constructor(parts: PeerLinksParts, trust: PeerTrust, callbacks: IncomingCallbacks) {
    this.#parts = parts;
    this.#trust = trust;
    this.#callbacks = callbacks;
    this.#logLimit = new LogLimit(parts.clock);
    const { maxIncoming = Number.POSITIVE_INFINITY } = parts.transport;
    // At least half of the room is for those that are known.
    this.#strangers = new Strangers(Math.max(1, Math.min(mostStrangers, Math.floor(maxIncoming / 2))));
  }

  /** Where clients can reach `peer`, if it has said so. */
  endpointOf(peer: NodeId): string | null {
    return this.#endpoints.get(peer) ?? null;
  }

  learnEndpoint(peer: NodeId, endpoint: string | null): void {
    if (endpoint === null) this.#endpoints.delete(peer);
    else this.#endpoints.set(peer, endpoint);
  }

  /** The handlers of one incoming connection. */
  accept(connection: Connection): ConnectionHandlers {
    const { clock } = this.#parts;
    let peer: NodeId | null = null;
    let isRefused = false;
    let isClosed = false;
    /** What came after the Hello while the peer's disk is being remembered; null: nothing is to be waited for. */
    let held: Uint8Array[] | null = null;
    const refuse = (reason: string) => {
      isRefused = true;
      this.#refuse(connection, peer, reason);
    };
    const timer = clock.setTimeout(() => refuse('no Hello in time'), helloTimeoutMs);
    const leave = this.#strangers.enter(hostOf(connection.remote), () =>
      clock.defer(() => {
        if (peer === null && !isClosed) refuse('too many connections without a Hello');
      }),
    );
    const identified = () => {
      leave();
      clock.clearTimeout(timer);
    };
    const onHello = (frame: Uint8Array) => {
      const hello = decodeControl(frame);
      if (!isMalformed(hello) && hello.type === 'Join') {
        isRefused = true;
        this.#onJoin(hello, connection);
        return;
      }
      // First of all: otherwise a node could make this one think ill of another.
      const unproven = 'type' in hello && hello.type === 'Hello' ? unprovenIn(hello.from, connection) : null;
      const fault = unproven ?? this.#faultOf(hello);
      if (fault !== null) {
        if (!isMalformed(hello)) connection.send(encodeControl(refusedFor(fault)), true);
        refuse(fault);
        return;
      }
      const { from } = hello as Hello;
      peer = from;
      identified();
      held = [];
      this.#trust.remember(from, hello as Hello, (failure) => {
        if (isRefused || isClosed) return;
        if (failure !== null) {
          const reason = `${nodeName(this.#parts.self)} cannot remember the disk of ${nodeName(from)}: ${failure.message}`;
          connection.send(encodeControl(refusedFor(reason)), true);
          refuse(reason);
          return;
        }
        // The members may have changed meanwhile: another disk may count by now.
        const late = this.#faultOf(hello);
        if (late !== null) {
          connection.send(encodeControl(refusedFor(late)), true);
          refuse(late);
          return;
        }
        this.#welcome(hello as Hello, connection);
        const frames = held ?? [];
        held = null;
        for (const each of frames) onFrame(each);
      });
    };
    const onFrame = (frame: Uint8Array) => {
      if (isRefused) return;
      if (peer === null) onHello(frame);
      else if (held === null) {
        const fault = this.#onMessage(peer, connection, frame);
        if (fault !== null) refuse(`${nodeName(peer)} sent ${fault}`);
      } else if (held.length < maxHeld) held.push(frame);
      else refuse(`${nodeName(peer)} sent ${maxHeld} frames before its welcome`);
    };
    return {
      opened: () => {},
      frame: onFrame,
      closed: () => {
        isClosed = true;
        if (peer === null) identified();
        else if (this.#connections.get(peer)?.connection === connection) this.#connections.delete(peer);
      },
    };
  }

  /** Delivers one message. Returns what is wrong with it, or null. */
  #onMessage(peer: NodeId, connection: Connection, frame: Uint8Array): string | null {
    if (isPing(frame)) return this.#onPing(peer, connection, frame);
    const current = this.#connections.get(peer);
    if (current?.connection === connection) current.heardMs = this.#parts.clock.now();
    if (isApplication(frame)) return this.#onApplication(peer, frame);
    const traced = decodeMessage(frame);
    if (isMalformed(traced)) return `a malformed frame: ${traced.malformed}`;
    const message = withoutTraces(traced);
    if (message.from !== peer) return `a message from ${nodeName(message.from)}`;
    if (message.to !== this.#parts.self) return `a message to ${nodeName(message.to)}`;
    const isUnbelieved = current?.isTeacher ?? false;
    if (isUnbelieved && !leadersMessages.has(message.type)) return null;
    if (traced.traces !== undefined) this.#parts.traces?.arrived(message as AppendEntries, traced.traces);
    this.#parts.deliver(message);
    return null;
  }

  /** Only members are heard, and only such as are believed. */
  #onApplication(peer: NodeId, frame: Uint8Array): string | null {
    const message = decodeApplication(frame);
    if (isMalformed(message)) return `a malformed frame: ${message.malformed}`;
    const isBelieved = this.#connections.get(peer)?.isTeacher === false;
    if (isBelieved && this.#callbacks.membership().peers.has(peer))
      this.#parts.deliverApplication?.(peer, message);
    return null;
  }

  /** A peer tells with each sign of life how often its disk was started by now. */
  #onPing(peer: NodeId, connection: Connection, frame: Uint8Array): string | null {
    const ping = decodeControl(frame);
    if (isMalformed(ping) || ping.type !== 'Ping') return 'a malformed Ping';
    const incoming = this.#connections.get(peer);
    if (incoming?.connection === connection) {
      incoming.heardMs = this.#parts.clock.now();
      this.#rivals.pinged(peer);
    }
    if (incoming?.connection === connection && !incoming.isTeacher && incoming.said.start !== ping.start) {
      const said = { ...incoming.said, start: ping.start };
      const reason = this.#trust.judge(peer, said);
      if (reason !== null) return `a start number that is refused: ${reason}`;
      this.#connections.set(peer, { ...incoming, said });
      this.#trust.remember(peer, said, () => {});
    }
    connection.send(encodeControl({ type: 'Pong' }), true);
    return null;
  }

  #faultOf(hello: ReturnType<typeof decodeControl>): string | null {
    const { self, clusterId } = this.#parts;
    if (isMalformed(hello as Malformed)) return `a malformed first frame: ${(hello as Malformed).malformed}`;
    const control = hello as Exclude<typeof hello, Malformed>;
    if (control.type === 'OtherVersion') return otherVersionWords((control as OtherVersion).version);
    if (control.type !== 'Hello') return `expected a Hello, got a ${control.type}`;
    if (control.clusterId !== clusterId) return this.#clusterFault(control.clusterId);
    if (control.to !== self)
      return `this is ${nodeName(self)}, not ${nodeName(control.to)}: check its address in --peers or in raft-client member list`;
    if (control.from === self) return `${nodeName(self)} is this node: two nodes have the same --id`;
    const { from, incarnation } = control;
    const other = this.otherProcessOf(from, incarnation);
    // Its disk is not judged: the verdict would be held against the process that is connected.
    if (other !== null) return this.#rivals.refusal(from, incarnation, other);
    this.#rivals.forget(from);
    return this.#credentialsFault(control);
  }

  /** Where the process is that is connected as `peer` and was heard a short time ago, if it is not `incarnation`; otherwise null. */
  otherProcessOf(peer: NodeId, incarnation: string): string | null {
    const other = this.#connections.get(peer);
    if (other === undefined || other.said.incarnation === incarnation) return null;
    if (this.#parts.clock.now() - other.heardMs > aliveMs) return null;
    const { peerEndpoint } = other.said;
    const { remote } = other.connection;
    return peerEndpoint === null ? remote : `${peerEndpoint} (connected from ${remote})`;
  }

  #credentialsFault(control: Hello): string | null {
    const { peers, committedIndex } = this.#callbacks.membership();
    if (!peers.has(control.from)) {
      // One that knows a later configuration may well be a member by now: its leader, even. Thesis §4.1.
      if (control.configurationIndex <= committedIndex)
        return this.#trust.strangerFault(control.from, control);
      if (!this.#callbacks.hasRoomFor(control.from)) return 'too many nodes that are not members here';
    }
    return this.#trust.judge(control.from, control, control.configurationIndex);
  }

  #clusterFault(other: string): string {
    return `this node belongs to the cluster "${this.#parts.clusterId}", not "${other}"`;
  }

  /** Tells a new node with whom the cluster began, or why it cannot be one of it. */
  #onJoin(join: Join, connection: Connection): void {
    const { self, firstMembers, addressOf, log } = this.#parts;
    const fault = this.#joinFault(join) ?? unprovenIn(join.from, connection);
    if (fault !== null) {
      connection.send(encodeControl(refusedFor(fault)), true);
      this.#refuse(connection, null, fault);
      return;
    }
    const founders = firstMembers.map((id) => ({ id, peer: addressOf?.(id) ?? null }));
    connection.send(encodeControl({ type: 'Joined', from: self, firstMembers: founders }), true);
    connection.close();
    const unlogged = this.#logLimit.take('joins');
    if (unlogged === null) return;
    const fields = { peer: nodeName(join.from), remote: connection.remote, unlogged };
    log.info(fields, `${nodeName(join.from)} joins`);
  }

  #joinFault({ clusterId, from }: Join): string | null {
    const { self } = this.#parts;
    if (clusterId !== this.#parts.clusterId) return this.#clusterFault(clusterId);
    return from === self ? `${nodeName(self)} is this node: two nodes have the same --id` : null;
  }

  /** Takes nothing more from `peer` if it is on another disk than `named`, or on a copy of that. */
  partFromOtherDisk(peer: NodeId, named: NamedDisk): void {
    const incoming = this.#connections.get(peer);
    if (incoming === undefined) return;
    const { said, isTeacher } = incoming;
    if (!isExcluded(said, named)) {
      // It is believed from now on, once it has said hello again.
      if (isTeacher) incoming.connection.close();
      return;
    }
    if (!isTeacher) this.#isStillHeard(peer, said);
  }

  /** Takes nothing more from `peer` if it was heard without being believed: it may say hello again. */
  partFromTeacher(peer: NodeId): void {
    const incoming = this.#connections.get(peer);
    if (incoming?.isTeacher && this.#isStillHeard(peer, incoming.said)) incoming.connection.close();
  }

  /** Remembers the disk on which `peer` is connected, or parts from it. */
  remember(peer: NodeId): void {
    const incoming = this.#connections.get(peer);
    if (incoming === undefined || incoming.isTeacher) return;
    if (this.#isStillHeard(peer, incoming.said)) this.#trust.remember(peer, incoming.said, () => {});
  }

  /** Judges `peer` once more, and parts from it if it is refused by now. */
  #isStillHeard(peer: NodeId, said: Credentials): boolean {
    const reason = this.#trust.judge(peer, said);
    if (reason !== null) this.expel(peer, reason);
    return reason === null;
  }

  /** Takes nothing more from `peer`, which is told why. */
  expel(peer: NodeId, reason: string): void {
    const incoming = this.#connections.get(peer);
    this.#connections.delete(peer);
    this.#rivals.forget(peer);
    this.#endpoints.delete(peer);
    incoming?.connection.send(encodeControl(refusedFor(reason)), true);
    incoming?.connection.close();
  }

  #welcome(hello: Hello, connection: Connection): void {
    const { self, clientEndpoint, log } = this.#parts;
    const older = this.#connections.get(hello.from);
    const isTeacher = this.#trust.teaches(hello.from, hello);
    const heardMs = this.#parts.clock.now();
    this.#connections.set(hello.from, { connection, said: hello, isTeacher, heardMs });
    older?.connection.close();
    this.learnEndpoint(hello.from, hello.clientEndpoint);
    const configurationIndex = this.#callbacks.membership().index;
    connection.send(
      encodeControl({
        type: 'Welcome',
        from: self,
        clientEndpoint,
        configurationIndex,
        ...this.#trust.credentials,
      }),
      true,
    );
    log.debug(
      { peer: nodeName(hello.from), incarnation: hello.incarnation },
      `${nodeName(hello.from)} connected`,
    );
    this.#callbacks.heard(hello);
  }

  #refuse(connection: Connection, peer: NodeId | null, reason: string): void {
    const { log } = this.#parts;
    connection.close();
    if (this.#trust.isTold(reason)) return;
    const unlogged = this.#logLimit.take(peer === null ? 'strangers' : nodeName(peer));
    if (unlogged === null) return;
    log.warn({ remote: connection.remote, reason, unlogged }, `a connection was closed: ${reason}`);
  }
}

/** Why whoever is at the other end is not node `from`; null: it has proved to be, or nobody asks for a proof. */
const unprovenIn = (from: NodeId, { provenId }: Connection): string | null =>
  provenId === undefined || provenId === from
    ? null
    : `it says that it is ${nodeName(from)}, and its certificate is issued to ${nodeName(provenId)}`;

/** Without the port, which differs from connection to connection. */
const hostOf = (remote: string): string => remote.replace(/:\d+$/, '');
