import type { HistoryEvent } from '../check/history.ts';
import type { Refusal } from '../node/peer-trust.ts';
import { isJoint, membersOf } from '../raft/configuration.ts';
import { type NodeId, nodeName } from '../raft/types.ts';
import type { Violation } from '../trace/violation.ts';
import { committedConfiguration } from '../verify/properties/committed-configuration.ts';
import { type ClusterView, violation } from '../verify/properties/property.ts';
import type { NodeView } from '../verify/properties/view.ts';
import { isLasting } from './fault-injector.ts';
import type { MessageFault, Plan, ScriptedOperation, ScriptedRequest } from './plan.ts';
import type { RequestFigures } from './requests.ts';
import type { SnapshotFigures } from './simulated-snapshots.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

export interface SimulationResult {
  /** Null: everything held. */
  readonly violation: Violation | null;
  /** Virtual time at the end; with a violation, when it was found. */
  readonly endMs: number;
  /** Virtual time from the end of the last fault until a write was acknowledged; null: it never was, or a violation came first. */
  readonly recoveryMs: number | null;
  readonly figures: SimulationFigures;
  /** What became of single messages, drawn or planned, so that a shrinker can leave them out one by one. */
  readonly messageFaults: readonly MessageFault[];
  /** The clients' operations, likewise. */
  readonly script: readonly ScriptedOperation[];
  /** Their other requests, likewise. */
  readonly requestScript: readonly ScriptedRequest[];
  readonly history: readonly HistoryEvent[];
}

export interface SimulationFigures {
  /** Virtual events: deliveries, timers, syncs, faults, clients. */
  readonly events: number;
  /** Steps checked against the properties. */
  readonly steps: number;
  /** Operations of clients, and how many of them were acknowledged. */
  readonly operations: number;
  readonly acknowledged: number;
  /** Of these, how many were answered by an attempt other than the one that was applied. */
  readonly repeated: number;
  readonly requests: RequestFigures;
  readonly snapshots: SnapshotFigures;
  readonly terms: number;
  readonly committed: number;
}

/**
 * After the last fault the cluster must acknowledge a write within so many of the longest election timeouts. A connection
 * that was cut in silence takes a signs-of-life interval and its timeout to be noticed (3 s), a redial its backoff (1 s)
 * and perhaps a lost handshake (1 s); then comes the election. docs/simulator.md
 */
export const recoveryElectionTimeouts = 30;

/** After that write is acknowledged, all nodes must have applied everything committed within the same time again. */
const settlingElectionTimeouts = 30;

/** Bounds the search of the linearizability checker: some seconds. */
const maxConfigurations = 2_000_000;

export interface RunOptions extends SimulationOptions {
  /** Skips what follows the phase with faults: recovery, and the check of what clients saw. */
  readonly endsWithFaults?: boolean;
}

/** Runs a plan from start to end: its faults, then calm, in which the cluster must recover; then checks what clients saw. */
export const runSimulation = async (plan: Plan, options: RunOptions = {}): Promise<SimulationResult> => {
  const simulation = new Simulation(plan, options);
  const { checks } = simulation;
  simulation.start();
  await simulation.run(plan.durationMs);
  let recoveryMs: number | null = null;
  if (checks.violation === null && !options.endsWithFaults) {
    recoveryMs = await recover(simulation);
  }
  if (checks.violation === null && !options.endsWithFaults) {
    const found = simulation.checkHistory(maxConfigurations);
    if (found !== null) checks.report(found);
  }
  const { history } = checks.view;
  if (checks.violation !== null) {
    options.onEvent?.({ atMs: simulation.nowMs, type: 'violation', violation: checks.violation });
  }
  return {
    violation: checks.violation,
    endMs: simulation.nowMs,
    recoveryMs,
    figures: {
      events: simulation.eventCount,
      steps: checks.steps,
      operations: simulation.operations.begun,
      acknowledged: simulation.operations.acknowledged,
      repeated: simulation.operations.repeated,
      requests: simulation.requests,
      snapshots: simulation.snapshots,
      terms: history.leaders.length,
      committed: history.lastCommitted,
    },
    messageFaults: simulation.network.conditions.applied,
    script: simulation.script,
    requestScript: simulation.requestScript,
    history: simulation.history,
  };
};

/** Ends all faults and waits for a write to be acknowledged, then for all nodes to agree. Returns how long the write took. */
const recover = async (simulation: Simulation): Promise<number | null> => {
  const { checks, plan } = simulation;
  const { electionTimeoutMaxMs } = plan.settings;
  simulation.heal();
  simulation.stopClients();
  const healedMs = simulation.nowMs;
  let acknowledgedMs: number | null = null;
  const write = () =>
    simulation.probe((isAcknowledged) => {
      if (isAcknowledged) acknowledgedMs = simulation.nowMs;
      else write();
    });
  write();
  const limitMs = recoveryElectionTimeouts * electionTimeoutMaxMs;
  const isRecovered = await simulation.run(healedMs + limitMs, () => acknowledgedMs !== null);
  if (!isRecovered) {
    const states = checks.view.nodes.map(({ id, role, currentTerm, isUp }) =>
      isUp
        ? `${nodeName(id)} is ${role} in term ${currentTerm}${aside(refusalsOf(simulation, id))}`
        : `${nodeName(id)} is down`,
    );
    checks.report(
      violation(
        'Recovery',
        `every fault ended at ${healedMs} ms`,
        `no write was acknowledged within ${limitMs} ms: ${states.join(', ')}`,
      ),
    );
    return null;
  }
  // A node that stays cut off cannot catch up.
  if (plan.faults.some(isLasting)) return acknowledgedMs! - healedMs;
  const isSettled = () => unsettledOf(checks.view).length === 0 && halfDoneOf(checks.view) === null;
  const settlingMs = settlingElectionTimeouts * electionTimeoutMaxMs;
  if (!(await simulation.run(simulation.nowMs + settlingMs, isSettled))) {
    const { lastCommitted } = checks.view.history;
    const behind = unsettledOf(checks.view).map((node) => whyBehind(simulation, node));
    const halfDone = halfDoneOf(checks.view);
    checks.report(
      violation(
        'Convergence',
        `entries up to ${lastCommitted} are committed and every fault ended at ${healedMs} ms`,
        `${settlingMs} ms later ${[...behind, ...(halfDone === null ? [] : [halfDone])].join(', ')}`,
      ),
    );
  }
  return acknowledgedMs! - healedMs;
};

/** The members that have not applied what is committed, as they must have once everything is calm. */
const unsettledOf = (view: ClusterView): readonly NodeView[] => {
  const { nodes, history } = view;
  const configuration = committedConfiguration(view);
  const members = configuration === null ? nodes.map(({ id }) => id) : membersOf(configuration);
  return nodes.filter(
    ({ id, isUp, lastApplied }) => members.includes(id) && (!isUp || lastApplied < history.lastCommitted),
  );
};

/** The change of members that is half done, as none may be by then; null: none is. */
const halfDoneOf = (view: ClusterView): string | null => {
  const configuration = committedConfiguration(view);
  return configuration !== null && isJoint(configuration)
    ? `the change of entry ${configuration.index} is half done`
    : null;
};

/** What a node lacks, what it had last, and who keeps it from the rest. */
const whyBehind = (simulation: Simulation, { id, isUp, lastApplied, log, commitIndex }: NodeView): string => {
  if (!isUp) return `${nodeName(id)} is down`;
  const lacks =
    log.lastIndex === lastApplied
      ? `lacks entry ${lastApplied + 1}`
      : `holds entries up to ${log.lastIndex} and knows those up to ${commitIndex} to be committed`;
  const causes = [...refusalsOf(simulation, id), simulation.lastExchanges.of(id)];
  return `${nodeName(id)} has applied up to ${lastApplied}, and ${lacks}${aside(causes)}`;
};

/** Who refuses the connections of a node, or whose it refuses, and why. */
const refusalsOf = ({ nodes }: Simulation, id: NodeId): readonly string[] => {
  const words = ({ by, reason }: Refusal, of: NodeId) => `${nodeName(by)} refuses ${nodeName(of)}: ${reason}`;
  const refusals = nodes.flatMap(({ node, id: self }) =>
    (node?.status().peers ?? []).flatMap(({ id: peer, refusal }) => {
      if (refusal === undefined || (self !== id && peer !== id)) return [];
      return [words(refusal, refusal.by === self ? peer : self)];
    }),
  );
  return [...new Set(refusals)];
};

const aside = (remarks: readonly string[]): string =>
  remarks.length === 0 ? '' : ` (${remarks.join('; ')})`;
