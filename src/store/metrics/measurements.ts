import type { Outcome, ReadOutcome } from '../../node/node.ts';
import { messageTable } from '../../raft/message-table.ts';
import type { Message, MessageType } from '../../raft/messages.ts';
import type { Entry, NodeId, Term } from '../../raft/types.ts';
import { AppendRoundTrips } from './append-round-trips.ts';
import { Distribution } from './distribution.ts';

/** A disk in the machine syncs within a millisecond or a few; a disk in the network within tens. */
const diskSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const networkSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const applySeconds = [0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1];
const snapshotSeconds = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

/** One of each type: a type that is missing in a list below does not compile. */
const byType = <Type extends string, Value>(
  types: Readonly<Record<Type, unknown>>,
  create: () => Value,
): Record<Type, Value> =>
  Object.fromEntries(Object.keys(types).map((type) => [type, create()])) as Record<Type, Value>;

const outcomes: Readonly<Record<Outcome<unknown>['type'], true>> = {
  applied: true,
  notLeader: true,
  overloaded: true,
  overwritten: true,
  unknownOutcome: true,
};
const readOutcomes: Readonly<Record<ReadOutcome['type'], true>> = {
  ready: true,
  notLeader: true,
  overloaded: true,
  timedOut: true,
};

export const payloadBytesOf = (entries: readonly Entry[]): number => {
  let bytes = 0;
  for (const { payload } of entries) bytes += payload.length;
  return bytes;
};

/** What of a snapshot can fail. */
const snapshotSteps = { save: true, receive: true, install: true } as const;
export type SnapshotStep = keyof typeof snapshotSteps;

/** What is exchanged with one peer. */
export class PeerTraffic {
  readonly roundTrip = new Distribution(networkSeconds);
  readonly underWay = new AppendRoundTrips((ms) => this.roundTrip.observe(ms / 1000));
  readonly sent = byType<MessageType, number>(messageTable, () => 0);
  readonly received = byType<MessageType, number>(messageTable, () => 0);
  lost = 0;
  entriesSent = 0;
  bytesSent = 0;
  /** When it last did what only a leader does, and in which term. */
  led: { readonly term: Term; readonly atMs: number } = { term: 0, atMs: 0 };
}

/** Clients' requests by what they ask for, in one of a few words. */
export class MeasuredRequests<Code extends number | string> {
  readonly #durations = new Map<string, Distribution>();
  readonly #codes = new Map<string, Map<Code, number>>();

  /** `seconds` null: how long it took says nothing. */
  answered(operation: string, code: Code, seconds: number | null): void {
    if (seconds !== null) {
      let duration = this.#durations.get(operation);
      if (duration === undefined) {
        duration = new Distribution(networkSeconds);
        this.#durations.set(operation, duration);
      }
      duration.observe(seconds);
    }
    let codes = this.#codes.get(operation);
    if (codes === undefined) {
      codes = new Map();
      this.#codes.set(operation, codes);
    }
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }

  get durations(): ReadonlyMap<string, Distribution> {
    return this.#durations;
  }

  /** How many were answered with each code. */
  get codes(): ReadonlyMap<string, ReadonlyMap<Code, number>> {
    return this.#codes;
  }
}

/** What a node counts and times while it runs. Adding one up takes some ten nanoseconds; what it looks like outside stands in the table of metrics. */
export class Measurements {
  readonly fsync = new Distribution(diskSeconds);
  readonly apply = new Distribution(applySeconds);
  readonly snapshot = new Distribution(snapshotSeconds);
  readonly restore = new Distribution(snapshotSeconds);
  readonly proposals = byType(outcomes, () => new Distribution(networkSeconds));
  readonly reads = byType(readOutcomes, () => new Distribution(networkSeconds));
  readonly http = new MeasuredRequests<number>();
  readonly etcd = new MeasuredRequests<string>();
  readonly snapshotFailures = byType(snapshotSteps, () => 0);
  appendedEntries = 0;
  appendedBytes = 0;
  leaderChanges = 0;
  pendingProposals = 0;
  pendingReads = 0;
  readonly #nowMs: () => number;
  readonly #peers = new Map<NodeId, PeerTraffic>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get nowMs(): number {
    return this.#nowMs();
  }

  peer(id: NodeId): PeerTraffic {
    let peer = this.#peers.get(id);
    if (peer === undefined) {
      peer = new PeerTraffic();
      this.#peers.set(id, peer);
    }
    return peer;
  }

  /** Forgets whoever is not among `peers`: ids come and go as long as a cluster lives. */
  keepPeers(peers: readonly NodeId[]): void {
    for (const id of this.#peers.keys()) if (!peers.includes(id)) this.#peers.delete(id);
  }

  sent(message: Message): void {
    const peer = this.peer(message.to);
    peer.sent[message.type] += 1;
    if (message.type !== 'AppendEntries') return;
    const bytes = payloadBytesOf(message.entries);
    peer.entriesSent += message.entries.length;
    peer.bytesSent += bytes;
    peer.underWay.sent(message, bytes, this.nowMs);
  }

  lost(message: Message): void {
    const peer = this.peer(message.to);
    peer.lost += 1;
    if (message.type === 'AppendEntries') peer.underWay.lost();
  }

  received(message: Message): void {
    const peer = this.peer(message.from);
    peer.received[message.type] += 1;
    switch (message.type) {
      case 'AppendEntriesResponse':
        peer.underWay.answered(message, this.nowMs);
        break;
      case 'AppendEntries':
      case 'InstallSnapshot':
        peer.led = { term: message.term, atMs: this.nowMs };
    }
  }
}
