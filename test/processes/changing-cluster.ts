import { rmSync } from 'node:fs';
import { changeMembers } from '../../src/cli/client/change-members.ts';
import { plainReach } from '../../src/cli/client/reach.ts';
import { askStatus } from '../../src/cli/client/status.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import type { ConfigurationStatus, NodeStatus } from '../../src/node/node.ts';
import { otherDiskOf } from '../../src/node/replace-disk.ts';
import type { NodeId } from '../../src/raft/types.ts';
import type { RequestedChange, RequestedReplacement } from '../../src/store/http/members-request.ts';
import type { Chance } from './chance.ts';
import { type LogLine, ProcessCluster, type ProcessClusterOptions } from './process-cluster.ts';

/** For whatever has to come to pass. Nothing is waited for so long on purpose. */
const patienceMs = 90_000;
const pollMs = 20;
/** How many of a node's log lines are told when something does not come to pass. */
const linesKept = 15;

/** How `raft-client member …` ended: `unknown` is its time-out, after which the change may still be made. */
export type ChangeEnd = 'done' | 'refused' | 'unknown';

/** Real processes of which some are members, some are not, and some have lost their disks. */
export class ChangingCluster {
  readonly #cluster: ProcessCluster;
  readonly #chance: Chance;
  readonly #endpoints: readonly string[];
  readonly #told: Map<NodeId, LogLine[]>;
  /** Those whose flags name the first members. */
  readonly #namingPeers: Set<NodeId>;
  /** The latest settled configuration. */
  configuration: ConfigurationStatus | null = null;

  private constructor(cluster: ProcessCluster, told: Map<NodeId, LogLine[]>, chance: Chance) {
    this.#cluster = cluster;
    this.#told = told;
    this.#chance = chance;
    this.#endpoints = cluster.endpoints.map((endpoint) => `http://${endpoint}`);
    this.#namingPeers = new Set(cluster.founders.map(({ id }) => id));
  }

  static async start(options: ProcessClusterOptions, chance: Chance): Promise<ChangingCluster> {
    const told = new Map<NodeId, LogLine[]>();
    const onLog = (id: NodeId, line: LogLine) => {
      options.onLog?.(id, line);
      told.set(id, [...(told.get(id) ?? []), line].slice(-linesKept));
    };
    return new ChangingCluster(await ProcessCluster.start({ ...options, onLog }), told, chance);
  }

  get endpoints(): readonly string[] {
    return this.#cluster.endpoints;
  }

  get nodes(): readonly NodeId[] {
    return this.#cluster.members.map(({ id }) => id);
  }

  get running(): readonly NodeId[] {
    return this.#cluster.members.filter(({ process }) => process !== null).map(({ id }) => id);
  }

  addressOf(id: NodeId): string {
    return this.#cluster.peerAddress(id);
  }

  /** Starts node `id`, for the first time or again, if it does not run. */
  start(id: NodeId): void {
    if (this.running.includes(id)) return;
    if (this.#namingPeers.has(id)) {
      this.#cluster.start(id);
      return;
    }
    const { voters, learners } = this.configuration!;
    const others = [...voters, ...learners].filter((each) => each !== id);
    this.#cluster.join(id, others);
  }

  /** Starts node `id`, if it does not run, to be added: that waits for it, or comes first. */
  async startToJoin(id: NodeId): Promise<void> {
    this.start(id);
    if (this.#chance.fraction() < 0.7) await this.#answers(id);
  }

  async kill(id: NodeId): Promise<void> {
    await this.#cluster.end(id, 'SIGKILL');
  }

  async stop(id: NodeId): Promise<void> {
    // One that has only just been started does not listen to signals yet.
    await this.#answers(id);
    const code = await this.#cluster.end(id, 'SIGTERM');
    if (code !== exitCodes.success) throw this.#failure(`node${id} was stopped and ended with ${code}`, []);
  }

  async stopAll(): Promise<void> {
    await this.#cluster.stop();
  }

  /** Node `id` is killed and comes back on an empty disk, which the leader refuses. */
  async loseDisk(id: NodeId): Promise<void> {
    await this.kill(id);
    rmSync(this.#cluster.dataDirOf(id), { recursive: true });
    // Its unit file may say either.
    if (this.#chance.fraction() < 0.5) this.#namingPeers.delete(id);
    this.start(id);
    await this.#until(`the leader refuses node${id} on its empty disk`, async (statuses) => {
      const leader = newestLeader(statuses);
      return leader !== null && otherDiskOf(leader, id) !== null ? leader : null;
    });
  }

  /** What `raft-client member …` does with these changes; a refusal tells its reason. */
  async change(
    changes: readonly (RequestedChange | RequestedReplacement)[],
  ): Promise<{ readonly end: ChangeEnd; readonly text: string }> {
    const options = { endpoints: this.#endpoints, isTargeted: false, timeoutMs: 15_000, asJson: true };
    const report = await changeMembers(changes, options);
    const text = `${report.stdout}${report.stderr}`;
    if (report.exitCode === exitCodes.success) return { end: 'done', text };
    if (report.exitCode === exitCodes.failure) return { end: 'refused', text };
    if (report.exitCode === exitCodes.timeout) return { end: 'unknown', text };
    throw new Error(`a change ended with exit code ${report.exitCode}: ${text}`);
  }

  /** The node that leads by the newest term that anybody leads; null: none at the moment. */
  async leader(): Promise<NodeId | null> {
    return newestLeader(await this.#statuses())?.id ?? null;
  }

  /** The same, once there is one. */
  async untilLed(): Promise<NodeId> {
    const { id } = await this.#until('some node leads', async (statuses) => newestLeader(statuses));
    return id;
  }

  /**
   * Resolves once there is a leader whose configuration is committed and no longer joint, and every member knows it, follows that leader, is connected with every
   * other and ready.
   */
  async settled(): Promise<ConfigurationStatus> {
    const reached = await this.#until(
      'the cluster has a leader and all of its members are ready',
      (statuses) => this.#settledLeader(statuses),
    );
    this.configuration = reached.configuration;
    return reached.configuration;
  }

  /** Fails if `promise` takes longer than anything may. */
  async within<Value>(what: string, promise: Promise<Value>): Promise<Value> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), patienceMs);
    });
    const first = await Promise.race([promise.then((value) => ({ value })), late]);
    clearTimeout(timer);
    if (first === 'late') throw this.#failure(what, await this.#statuses());
    return first.value;
  }

  async #answers(id: NodeId): Promise<void> {
    await this.#until(
      `node${id} answers`,
      async (statuses) => statuses.find((status) => status.id === id) ?? null,
    );
  }

  async #settledLeader(statuses: readonly NodeStatus[]): Promise<NodeStatus | null> {
    const leader = newestLeader(statuses);
    if (leader === null) return null;
    const { voters, learners, outgoing, isCommitted } = leader.configuration;
    const ids = [...voters, ...learners];
    const members = statuses.filter(({ id }) => ids.includes(id));
    const agree = members.every(
      (each) =>
        each.leader === leader.id &&
        each.term === leader.term &&
        configurationText(each.configuration) === configurationText(leader.configuration) &&
        ids.every(
          (id) => id === each.id || each.peers.some((peer) => peer.id === id && peer.link === 'open'),
        ),
    );
    if (!isCommitted || outgoing.length > 0 || members.length < ids.length || !agree) return null;
    const ready = await Promise.all(ids.map((id) => this.#isReady(id)));
    return ready.every(Boolean) ? leader : null;
  }

  async #isReady(id: NodeId): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(2000);
      return (await fetch(`${this.#endpoints[id - 1]}/readyz`, { signal })).ok;
    } catch {
      return false;
    }
  }

  async #statuses(): Promise<readonly NodeStatus[]> {
    const answers = await askStatus(
      plainReach,
      this.running.map((id) => this.#endpoints[id - 1]!),
      2000,
    );
    return answers.flatMap((answer) => ('status' in answer ? [answer.status] : []));
  }

  async #until<Value>(
    what: string,
    reached: (statuses: readonly NodeStatus[]) => Promise<Value | null>,
  ): Promise<Value> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const statuses = await this.#statuses();
      const value = await reached(statuses);
      if (value !== null) return value;
      for (const { id, process } of this.#cluster.members) {
        if (process !== null && process.exitCode !== null) {
          throw this.#failure(`node${id} ended by itself with ${process.exitCode}`, statuses);
        }
      }
      if (performance.now() > deadline) throw this.#failure(`not within ${patienceMs} ms: ${what}`, statuses);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  /** With what each node says, and said last. */
  #failure(problem: string, statuses: readonly NodeStatus[]): Error {
    const said = statuses.map((status) => `node${status.id}: ${JSON.stringify(status)}`);
    const logs = [...this.#told].flatMap(([id, lines]) =>
      lines.map((line) => `node${id} logged ${JSON.stringify(line)}`),
    );
    return new Error([problem, ...said, ...logs].join('\n'));
  }
}

const newestLeader = (statuses: readonly NodeStatus[]): NodeStatus | null =>
  statuses.filter(({ role }) => role === 'leader').toSorted((a, b) => b.term - a.term)[0] ?? null;

/** What all members agree on: not what only a leader knows, how far each has come. */
export const configurationText = ({ members, ...rest }: ConfigurationStatus): string =>
  JSON.stringify({
    ...rest,
    members: Object.entries(members).map(([id, { matchIndex: _, ...member }]) => ({ id, ...member })),
  });
