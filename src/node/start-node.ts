import { type ActorRefFrom, type AnyActorRef, createActor, type InspectionEvent } from 'xstate';
import { logWriterMachine } from '../../machines/log-writer.machine.ts';
import { linkSettingsFor } from '../../machines/peer-link.setup.ts';
import { raftMachine } from '../../machines/raft/raft.machine.ts';
import type { Clock } from '../ports/clock.ts';
import { knownFrom } from '../ports/disk.ts';
import { type Log, silentLog, withFields } from '../ports/log.ts';
import { LogLimit } from '../ports/log-limit.ts';
import type { LoopDelayMeter } from '../ports/loop-delay.ts';
import type { Random } from '../ports/random.ts';
import { LaterFormat, type StateMachine } from '../ports/state-machine.ts';
import { type Storage, StorageFailed } from '../ports/storage.ts';
import type { Transport } from '../ports/transport.ts';
import { currentConfiguration, type Member } from '../raft/configuration.ts';
import { defaultSettings, initialContext, type RaftInput, type Settings } from '../raft/context.ts';
import type { Report } from '../raft/effects.ts';
import type { Input } from '../raft/inputs.ts';
import type { MemberChange } from '../raft/members.ts';
import type { Message } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';
import { nodeName } from '../raft/types.ts';
import { quickened } from '../statechart/read/xstate-internals.ts';
import type { Application } from './application.ts';
import { Applier, defaultSliceLimits, type SliceLimits } from './applier.ts';
import { configurationStatus } from './configuration-status.ts';
import { DurableOutbox } from './durable-outbox.ts';
import type { judgeDisk } from './judge-disk.ts';
import { hearingFirst } from './late-timers.ts';
import { watchLoop } from './loop-watch.ts';
import { refuseUntellable } from './members.ts';
import { MembershipWatch, membershipOf } from './membership.ts';
import { namingDisks } from './naming-disks.ts';
import type { ChangeOutcome, NodePosition, NodeStatus, RaftNode } from './node.ts';
import { NodeSnapshots } from './node-snapshots.ts';
import { OwnStanding } from './own-standing.ts';
import { PeerLinks } from './peer-links.ts';
import { peerStatus } from './peer-status.ts';
import { problemWords } from './problem-words.ts';
import { raftEffects } from './raft-effects.ts';
import { restoredState } from './restored-log.ts';
import { roleLogger, roleOf } from './roles.ts';
import { SecondProcess } from './second-process.ts';
import { defaultSnapshotLimits, type SnapshotLimits } from './snapshotter.ts';
import type { RaftSnapshot } from './step.ts';
import { supervisorMachine } from './supervisor.ts';
import { type ChartStatus, TakenTransitions } from './taken-transitions.ts';
import type { TraceCarrier } from './trace-carrier.ts';
import { WaitingChanges } from './waiting-changes.ts';
import { WaitingCommands, type WaitingLimits } from './waiting-commands.ts';
import { WaitingReads } from './waiting-reads.ts';
import { WaitingTransfers } from './waiting-transfers.ts';

export interface NodeLimits extends WaitingLimits, SnapshotLimits, SliceLimits {
  /** The most reads that may wait at once. */
  readonly maxReads: number;
}

/** What a node is made of. Everything outside it comes through a port. */
export interface NodeParts<Result> {
  readonly id: NodeId;
  /** The other founders of the cluster, unless the storage knows them. The log decides who is a member by now. */
  readonly peers: readonly NodeId[];
  /** All founders of the cluster, where this node is none of them. */
  readonly voters?: readonly NodeId[];
  /** Where these peers are, `HOST:PORT`, if not only the transport knows. The log decides as well, once members have been changed. */
  readonly peerAddresses?: Readonly<Record<NodeId, string>>;
  /** Where peers reach this node, `HOST:PORT`, announced to them; null, the default: they know. */
  readonly peerEndpoint?: string | null;
  /** Open; the node closes it. */
  readonly storage: Storage;
  /** Bound, not listening yet; the node closes it. */
  readonly transport: Transport;
  readonly stateMachine: StateMachine<Result>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Measures the event loop, for the status and the log; the node closes it. Default: it is not measured. */
  readonly loopDelay?: LoopDelayMeter;
  /** Nodes of other clusters are refused. */
  readonly clusterId: string;
  /** Identifies this run of the node to its peers: unique, such as a nanoid. */
  readonly incarnation: string;
  /** Where clients can reach this node, announced to its peers; null: nowhere. */
  readonly clientEndpoint: string | null;
  readonly settings?: Partial<Settings>;
  readonly limits?: Partial<NodeLimits>;
  /** Receives XState's inspection events from all actors, at some cost per event. */
  readonly inspect?: (event: InspectionEvent) => void;
  /** Called with the role chart's snapshot when the node starts, and after each event the chart has handled. Must not throw. */
  readonly observe?: (snapshot: RaftSnapshot) => void;
  /** Called with each message that leaves, just before it does: it may be lost on the way, and is if `lost` is called with it. Must not throw. */
  readonly sent?: (message: Message) => void;
  /** Called with each message that left and is lost already: there is no connection, or too much is queued. Must not throw. */
  readonly lost?: (message: Message) => void;
  /** Called with each message that has arrived for the role chart, just before the chart gets it. Must not throw. */
  readonly received?: (message: Message) => void;
  /** Carries the traces of entries to and from other nodes. Default: entries travel without traces. */
  readonly traces?: TraceCarrier;
  /** What talks over the links of the nodes besides Raft. Default: nothing. */
  readonly application?: Application;
  /** The chart, if not the original: a test may break a guard on purpose. */
  readonly machine?: typeof raftMachine;
  /** The log writer's chart, if not the original: a test may have it sync one write at a time. */
  readonly logWriter?: typeof logWriterMachine;
  /** Whether changes of the members name the disks that this node knows of, as they should (the default): a test that compares it with the chart alone may not want that. */
  readonly namesDisks?: boolean;
  /** How peers' disks are judged, if not as they should be: a test may have the node believe anything. */
  readonly judgeDisk?: typeof judgeDisk;
}

/** How often the start number of the disk grows while the node runs. */
const startIntervalMs = 60_000;

const defaultLimits: NodeLimits = {
  maxCommands: 4096,
  maxBytes: 64 * 1024 * 1024,
  maxCommandBytes: 4 * 1024 * 1024,
  timeoutMs: 5000,
  maxReads: 65_536,
  ...defaultSliceLimits,
  ...defaultSnapshotLimits,
};

/**
 * Starts a node from what its storage holds: as follower, since a role is never stored (design rule 8). One XState
 * actor system holds the role chart (`raft`), the log writer (`logWriter`) and the links to the peers (`link.<id>`).
 */
export const startNode = <Result>(parts: NodeParts<Result>): RaftNode<Result> => {
  const { id, storage, transport, clock } = parts;
  const { disk } = storage;
  const log = withFields(parts.log, { node: nodeName(id) });
  const settings = { ...defaultSettings, ...parts.settings };
  let isStopping = false;
  const { promise: stopped, resolve: reportStopped } = Promise.withResolvers<Error | null>();

  const input = (event: Input): void => {
    if (isStopping) return;
    raft.send(event);
    applier.run(fail);
  };
  const limits = { ...defaultLimits, ...parts.limits };
  const waiting = new WaitingCommands<Result>(clock, limits, (proposals) =>
    input({ type: 'Proposed', proposals }),
  );
  const reads = new WaitingReads(clock, limits, parts.random.uint32(), input);
  // 0 stands for no request.
  let lastRequest = 0;
  const nextId = () => ++lastRequest;
  const transfers = new WaitingTransfers(clock, id, limits.timeoutMs, nextId, input);
  const changes = new WaitingChanges(clock, nextId, input);
  const applier = new Applier(storage, parts.stateMachine, waiting, clock, limits, (index) => {
    raft.send({ type: 'Applied', index });
    reads.applied(index);
  });
  const snapshots = new NodeSnapshots({
    stateMachine: parts.stateMachine,
    snapshots: storage.snapshots,
    clock,
    log,
    limits,
    configurations: () => raft.getSnapshot().context.configurations,
    input,
  });
  const { snapshotter, sender, receiver } = snapshots;
  if (snapshotter !== null) applier.observe(snapshotter);
  const founders =
    disk.firstMembers?.map((member) => member.id) ??
    (parts.voters ?? [id, ...parts.peers]).toSorted((a, b) => a - b);
  const peerEndpoint = parts.peerEndpoint ?? null;
  const firstAddressOf = (founder: NodeId) =>
    founder === id ? peerEndpoint : (parts.peerAddresses?.[founder] ?? null);
  const raftInput: RaftInput = {
    id,
    voters: founders,
    members: foundersOf(founders, firstAddressOf),
    settings,
    hardState: storage.recovered.hardState,
    ...restoredState(storage, settings),
  };
  const links = new PeerLinks({
    self: id,
    clusterId: parts.clusterId,
    incarnation: parts.incarnation,
    membership: membershipOf(initialContext(raftInput)),
    disk,
    firstMembers: founders,
    addressOf: (founder) => {
      const { members } = currentConfiguration(raft.getSnapshot().context.configurations);
      // Of one that is no member any more, where it was: whoever joins would make up an address.
      return members[founder]?.peer ?? firstAddressOf(founder);
    },
    peerEndpoint,
    settings: linkSettingsFor(settings.electionTimeoutMinMs),
    toldRemoved: () => standing.toldRemoved(),
    toldSecond: (reason) => {
      if (isStopping) return;
      log.error({}, `the node stops: ${reason}`);
      shutDown(new SecondProcess(reason));
    },
    ...(parts.judgeDisk === undefined ? {} : { judge: parts.judgeDisk }),
    ...(parts.traces === undefined ? {} : { traces: parts.traces }),
    transport,
    clock,
    seed: parts.random.uint32(),
    clientEndpoint: parts.clientEndpoint,
    log,
    deliverApplication: (from, message) => {
      if (!isStopping) parts.application?.receive(from, message);
    },
    deliver: (message) => {
      parts.received?.(message);
      input(
        settings.leaseReads
          ? { type: 'Received', message, nowMs: clock.now() }
          : { type: 'Received', message },
      );
    },
  });
  parts.application?.bind((to, message) => !isStopping && links.sendApplication(to, message));
  const standing = new OwnStanding({
    id,
    founders,
    hadLog: raftInput.log!.lastIndex > 0,
    peerEndpoint,
    log,
    context: () => raft.getSnapshot().context,
    peers: () => links.status(),
  });
  const transmit = (message: Message): void => {
    parts.sent?.(message);
    if (!links.send(message)) parts.lost?.(message);
  };
  const outbox = new DurableOutbox(transmit);

  const raftLogic = (parts.machine ?? raftMachine).provide({
    actions: raftEffects({
      id,
      storage,
      outbox,
      applier,
      waiting,
      reads,
      transfers,
      changes,
      sender,
      receiver,
      report: (report) => reportPeer(report),
      transmit,
      appended: (sequence) => logWriter.send({ type: 'Appended', sequence }),
      fail: (error) => fail(error),
    }),
  });
  const logWriterLogic = (parts.logWriter ?? logWriterMachine).provide({
    actions: {
      sync: () =>
        storage.sync((failed) => {
          if (isStopping) return;
          logWriter.send(
            failed === null ? { type: 'Synced' } : { type: 'SyncFailed', reason: failed.message },
          );
        }),
      reportDurable: (_, { sequence }) => {
        for (const persisted of outbox.durable(sequence)) input(persisted);
      },
      reportFailure: (_, { reason }) => fail(new StorageFailed(reason)),
    },
  });
  const reportLimit = new LogLimit(clock);
  const reportPeer = ({ peer, problem }: Report): void => {
    const unlogged = reportLimit.take(nodeName(peer));
    if (unlogged !== null)
      log.warn({ peer: nodeName(peer), ...problem, unlogged }, problemWords(peer, problem));
  };
  const loop = parts.loopDelay === undefined ? null : watchLoop(parts.loopDelay, clock, log);
  const logRoles = roleLogger('raft', log);
  const taken = new TakenTransitions();
  // Inspection costs something for each event, so it is on only where something reads its output.
  const isInspected = parts.log !== silentLog || parts.inspect !== undefined;
  const seed = parts.random.uint32();
  const root = createActor(
    supervisorMachine(
      [
        { systemId: 'raft', logic: quickened(raftLogic), input: { ...raftInput, seed } },
        { systemId: 'logWriter', logic: quickened(logWriterLogic) },
        ...links.actors,
      ],
      (error) => fail(error),
    ),
    {
      clock: hearingFirst(clock, settings.heartbeatIntervalMs),
      systemId: 'node',
      ...(isInspected
        ? {
            inspect: (event: InspectionEvent) => {
              logRoles(event);
              taken.record(event);
              parts.inspect?.(event);
            },
          }
        : {}),
    },
  );
  root.subscribe({ error: (error) => fail(error as Error) });
  const raft = root.system.get('raft') as ActorRefFrom<typeof raftMachine>;
  const logWriter = root.system.get('logWriter') as ActorRefFrom<typeof logWriterMachine>;

  /** As they stood when they were stopped; null: they run. */
  let chartsAtEnd: readonly ChartStatus[] | null = null;
  const charts = (): readonly ChartStatus[] =>
    ['raft', 'logWriter', ...links.names].flatMap((name) => {
      // A link that is needed while the supervisor ends the node has no chart.
      const actor = root.system.get(name) as AnyActorRef | undefined;
      return actor === undefined ? [] : [taken.report(name, actor.sessionId, actor.getSnapshot().value)];
    });
  const shutDown = (error: Error | null): void => {
    isStopping = true;
    // Deferred, since the actor may be in the middle of reporting its own failure.
    clock.defer(() => {
      chartsAtEnd = charts();
      applier.stop();
      snapshots.stop();
      clock.clearTimeout(startTimer);
      loop?.stop();
      root.stop();
      waiting.close();
      reads.close();
      transfers.close();
      changes.close();
      transport.close(() => storage.close(() => reportStopped(error)));
    });
  };
  const fail = (error: Error): void => {
    if (isStopping) return;
    // If a disk fails, or holds what a later version wrote, the message is enough; if the program fails, people need the stack.
    const stack =
      error instanceof StorageFailed || error instanceof LaterFormat ? {} : { stack: error.stack };
    log.error({ error: error.message, ...stack }, 'the node stops');
    shutDown(error);
  };

  // A copy of this directory is recognized unless it is younger than this.
  let startTimer: unknown;
  const countStarts = (): void => {
    startTimer = clock.setTimeout(() => {
      if (isStopping) return;
      disk.advanceStart((failure) => {
        if (failure !== null) log.warn({ error: failure.message }, 'the start number could not be advanced');
        if (!isStopping) countStarts();
      });
    }, startIntervalMs);
  };

  const position = (): NodePosition => {
    const { value, context } = raft.getSnapshot();
    return {
      role: roleOf(value),
      term: context.currentTerm,
      leader: context.leaderId,
      // The chart counts what a snapshot stands for, also while the state machine is still taking it.
      lastApplied: Math.min(context.lastApplied, applier.lastApplied),
    };
  };

  const status = (): NodeStatus => {
    const { context } = raft.getSnapshot();
    return {
      id,
      ...position(),
      standing: standing.now,
      peerEndpoint,
      configuration: configurationStatus(context),
      commitIndex: context.commitIndex,
      replayed: applier.replayed,
      lastLogIndex: context.log.lastIndex,
      firstLogIndex: context.log.snapshotIndex + 1,
      snapshot: snapshots.status,
      peers: links
        .status()
        .map((linked) => peerStatus(linked, context, (peer) => links.knownOf(peer)?.logId ?? null)),
      loopDelay: loop?.latest ?? null,
    };
  };

  const changeMembers = async (wanted: readonly MemberChange[]): Promise<ChangeOutcome> => {
    refuseUntellable(wanted);
    const current = currentConfiguration(raft.getSnapshot().context.configurations);
    const named =
      parts.namesDisks === false
        ? wanted
        : namingDisks(wanted, current, {
            knownOf: (member) => (member === id ? knownFrom(disk) : links.knownOf(member)),
            strangersLogIdOf: (stranger) => links.strangersLogIdOf(stranger),
          });
    return new Promise((resolve) => changes.submit(named, resolve));
  };

  links.bind((event) => root.send(event));
  const { observe } = parts;
  const watch = new MembershipWatch();
  // The supervisor stops the node when the chart errs.
  raft.subscribe({
    next: ({ context }) => {
      sender.keepFor((peer) => context.progress[peer]?.state === 'snapshot');
      const membership = watch.changed(context);
      if (membership !== null) {
        links.follow(membership);
        standing.follow(membership);
      }
      transfers.leads(context.leaderId);
      reads.leads(context.leaderId, context.currentTerm);
    },
    error: () => {},
  });
  if (observe !== undefined) raft.subscribe({ next: observe, error: () => {} });
  root.start();
  // A snapshot is restored at once: what follows it is committed soon.
  applier.run(fail);
  links.listen();
  countStarts();
  log.info(
    {
      incarnation: parts.incarnation,
      role: roleOf(raft.getSnapshot().value),
      term: raftInput.hardState!.currentTerm,
      index: raftInput.log!.lastIndex,
    },
    'the node runs',
  );

  return {
    id,
    status,
    position,
    charts: () => chartsAtEnd ?? charts(),
    submit: (command, done) => waiting.submit(command, done),
    propose: (command) => new Promise((resolve) => waiting.submit(command, resolve)),
    read: (done) => reads.submit(done),
    readable: () => new Promise((resolve) => reads.submit(resolve)),
    takeSnapshot: () => snapshots.take(),
    changeMembers,
    transferLeadership: (target) => new Promise((resolve) => transfers.submit(target, resolve)),
    onChange: (listener) => {
      let last = '';
      const subscription = raft.subscribe({
        next: ({ value, context }) => {
          const now = `${roleOf(value)} ${context.currentTerm} ${context.leaderId}`;
          if (now === last) return;
          last = now;
          listener(status());
        },
        // The supervisor stops the node; without this XState would throw the error again, where nobody can catch it.
        error: () => {},
      });
      return () => subscription.unsubscribe();
    },
    removed: standing.removed,
    stopped,
    stop: async () => {
      if (!isStopping) shutDown(null);
      await stopped;
    },
  };
};

/** What is known of the founders of a cluster. */
const foundersOf = (
  founders: readonly NodeId[],
  addressOf: (founder: NodeId) => string | null,
): Readonly<Record<NodeId, Member>> =>
  Object.fromEntries(
    founders.flatMap((founder) => {
      const peer = addressOf(founder);
      return peer === null ? [] : [[founder, { peer, client: null, logId: null }]];
    }),
  );
