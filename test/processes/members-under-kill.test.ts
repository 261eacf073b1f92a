import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { checkHistory } from '../../src/check/check-history.ts';
import { historyOf } from '../../src/check/history.ts';
import { verdictText } from '../../src/check/verdict-text.ts';
import type { ConfigurationStatus } from '../../src/node/node.ts';
import type { RequestedChange } from '../../src/store/http/members-request.ts';
import { Chance } from './chance.ts';
import { type ChangeEnd, ChangingCluster } from './changing-cluster.ts';
import { LeadersByTerm } from './leaders-by-term.ts';
import { type ChangeKind, changeKinds, drawChange, type MemberPlan, partsText } from './member-changes.ts';
import { RecordedLoad } from './recorded-load.ts';
import { WritingLoad } from './writing-load.ts';

/**
 * The longer form: `ROUNDS=50 npx vitest run test/processes/members-under-kill.test.ts`. `SEED=…` draws the same changes and
 * kills again, as far as the same comes of them: real processes are never as fast twice.
 */
const rounds = Number(process.env.ROUNDS ?? 2);
const seed = Number(process.env.SEED ?? randomInt(2 ** 32));

/** A kill comes within so long after the change was asked for, rather sooner than later. */
const mostDelayMs = 400;
/** The most that a killed node stays away. */
const mostAbsenceMs = 1000;
/** How long a leader is left alone. */
const aloneMs = 150;
/** How often a replacement is asked for until it is done. */
const mostReplacements = 10;

const dataDir = mkdtempSync(join(tmpdir(), 'raftchart-members-kill-'));
let cluster: ChangingCluster | undefined;
let recorded: RecordedLoad | undefined;
let written: WritingLoad | undefined;

afterEach(async () => {
  await Promise.all([recorded?.stop(), written?.stop()]);
  written?.close();
  await cluster?.stopAll();
  rmSync(dataDir, { recursive: true, force: true });
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Changes the members, round by round, and kills a node while that is under way. */
class Rounds {
  readonly #cluster: ChangingCluster;
  readonly #chance: Chance;
  /** Kinds still to come, before any comes again. */
  #kinds: ChangeKind[] = [];
  /** What was done, for whoever looks into a failure. */
  readonly #log: string[] = [];
  readonly changes = new Map<ChangeKind, Record<ChangeEnd, number>>();
  kills = 0;
  killsOfLeaders = 0;
  killsUnderWay = 0;
  disksLost = 0;

  constructor(among: ChangingCluster, chance: Chance) {
    this.#cluster = among;
    this.#chance = chance;
  }

  /** One round. Fails with what was done in all of them. */
  async run(): Promise<void> {
    try {
      await this.#run();
    } catch (error) {
      throw new Error([`SEED=${seed}`, ...this.#log].join('\n'), { cause: error });
    }
  }

  async #run(): Promise<void> {
    const cluster = this.#cluster;
    const before = await cluster.settled();
    await this.#retire(before);
    const plan = this.#draw(before);
    this.#log.push(`${partsText(before)}; ${plan.kind}: ${plan.nodes.map((id) => `node${id}`).join(', ')}`);
    if (plan.joins !== null) await cluster.startToJoin(plan.joins);
    if (plan.kind === 'replace') {
      await cluster.loseDisk(plan.nodes[0]!);
      this.disksLost++;
    }
    let isUnderWay = true;
    const change = this.#carryOut(plan, before).finally(() => {
      isUnderWay = false;
    });
    // Whether it went well is asked below.
    change.catch(() => {});
    do {
      await sleep(this.#chance.fraction() ** 2 * mostDelayMs);
      if (isUnderWay) this.killsUnderWay++;
      await this.#killOne(plan, before);
    } while (isUnderWay && this.#chance.fraction() < 0.3);
    const possible = await cluster.within(`${plan.kind} has an outcome`, change);
    const after = await cluster.settled();
    expect(possible).toContain(partsText(after));
    if (plan.kind !== 'replace') return;
    const [node] = plan.nodes;
    expect(after.members[node!]!.logId).not.toBe(before.members[node!]!.logId);
    expect(after.members[node!]).not.toHaveProperty('wasVoter');
  }

  /**
   * All nodes are killed, the leader a little after the others, which go on without it before it comes back. Whatever it acknowledged while it was alone is
   * lost; and of all that was acknowledged before, nothing is in anybody's memory any more.
   */
  async leaveLeaderAlone(): Promise<void> {
    const cluster = this.#cluster;
    await cluster.settled();
    const leader = await cluster.untilLed();
    const others = cluster.running.filter((id) => id !== leader);
    await Promise.all(others.map((id) => cluster.kill(id)));
    await sleep(aloneMs);
    await cluster.kill(leader);
    for (const id of others) cluster.start(id);
    await cluster.untilLed();
    cluster.start(leader);
    this.kills += others.length + 1;
    this.killsOfLeaders++;
    await cluster.settled();
  }

  /** A node that is no member any more stays, to be a nuisance or to be added again, or goes. */
  async #retire({ voters, learners }: ConfigurationStatus): Promise<void> {
    for (const id of this.#cluster.running) {
      if (voters.includes(id) || learners.includes(id) || this.#chance.fraction() < 0.5) continue;
      await this.#cluster.stop(id);
    }
  }

  #draw(configuration: ConfigurationStatus): MemberPlan {
    const cluster = this.#cluster;
    for (let isFresh = false; ; isFresh = true) {
      for (const [at, kind] of this.#kinds.entries()) {
        const plan = drawChange(
          kind,
          configuration,
          cluster.nodes,
          (id) => cluster.addressOf(id),
          this.#chance,
        );
        if (plan === null) continue;
        this.#kinds.splice(at, 1);
        return plan;
      }
      if (isFresh) throw new Error('expected some change to be possible');
      this.#kinds = [...this.#chance.shuffled(changeKinds)];
    }
  }

  /** Asks for the change. Resolves with who may be members by then, in which parts: the outcomes that were told leave no other. */
  async #carryOut({ kind, steps }: MemberPlan, before: ConfigurationStatus): Promise<readonly string[]> {
    if (kind === 'replace') {
      // It is run again if it breaks off.
      for (let attempt = 1; attempt <= mostReplacements; attempt++) {
        if (this.#note(kind, await this.#cluster.change(steps[0]!)) === 'done') return [partsText(before)];
      }
      throw new Error(`a disk was not replaced in ${mostReplacements} attempts`);
    }
    const made: RequestedChange[] = [];
    for (const changes of steps) {
      const asked = changes.filter((each) => each.type !== 'replace');
      const end = this.#note(kind, await this.#cluster.change(asked));
      const [without, withIt] = [partsText(before, made), partsText(before, [...made, ...asked])];
      if (end === 'refused') return [without];
      if (end === 'unknown') return [without, withIt];
      made.push(...asked);
    }
    return [partsText(before, made)];
  }

  #note(kind: ChangeKind, { end, text }: { readonly end: ChangeEnd; readonly text: string }): ChangeEnd {
    const ends = this.changes.get(kind) ?? { done: 0, refused: 0, unknown: 0 };
    this.changes.set(kind, { ...ends, [end]: ends[end] + 1 });
    this.#log.push(`${kind}: ${end}, ${text.trim()}`);
    return end;
  }

  /** Kills the leader, a node that is being changed or any, and starts it again: at once if the others are no majority. */
  async #killOne({ nodes }: MemberPlan, { voters }: ConfigurationStatus): Promise<void> {
    const cluster = this.#cluster;
    const leader = await cluster.leader();
    const drawn = this.#chance.fraction();
    const any = this.#chance.pick(cluster.running);
    const changed = this.#chance.pick(nodes);
    const victim =
      drawn < 0.45 ? (leader ?? any) : drawn < 0.75 && cluster.running.includes(changed) ? changed : any;
    // Who is being changed may not count, or not yet.
    const left = voters.filter((id) => id !== victim && !nodes.includes(id));
    const isMajorityLeft = left.length * 2 > voters.length;
    const absenceMs = this.#chance.fraction() * mostAbsenceMs;
    this.#log.push(`kills node${victim}${victim === leader ? ', the leader' : ''}`);
    await cluster.kill(victim);
    this.kills++;
    if (victim === leader) this.killsOfLeaders++;
    if (isMajorityLeft) await sleep(absenceMs);
    cluster.start(victim);
  }
}

it(
  `members are added, promoted, demoted, removed and replaced in ${rounds} rounds of kill -9: nothing acknowledged is lost`,
  async () => {
    console.log(`SEED=${seed} ROUNDS=${rounds}`);
    const leaders = new LeadersByTerm();
    let snapshots = 0;
    const chance = new Chance(seed);
    cluster = await ChangingCluster.start(
      {
        size: 4,
        spare: 3,
        dataDir,
        // Who comes late or on an empty disk is sent a snapshot.
        flags: ['--snapshot-entries', '200', '--trailing-entries', '50'],
        onLog: (id, line) => {
          leaders.observe(id, line);
          if (line.msg === 'snapshot received') snapshots++;
        },
      },
      chance,
    );
    recorded = new RecordedLoad(cluster.endpoints, 6, seed);
    written = new WritingLoad(cluster.endpoints, 2);
    const run = new Rounds(cluster, chance);
    for (let round = 1; round <= rounds; round++) {
      await run.run();
      recorded.turnToOtherKeys();
    }
    await run.leaveLeaderAlone();
    await Promise.all([recorded.stop(), written.stop()]);
    // All members know the same configuration, too.
    await cluster.settled();

    const missing = await written.missing();
    await recorded.readAll();
    const verdict = checkHistory(historyOf(recorded.events));
    const ends = [...run.changes].map(
      ([kind, { done, refused, unknown }]) => `${kind} ${done}/${refused}/${unknown}`,
    );
    console.log(
      `SEED=${seed}: ${rounds} rounds; ${run.kills} kills, ${run.killsOfLeaders} of the leader, ${run.killsUnderWay} during a change; ${run.disksLost} disks lost; ${snapshots} snapshots installed; ` +
        `changes done/refused/unknown: ${ends.join(', ')}; ` +
        `${written.acknowledged} puts acknowledged of ${written.attempts}, ${missing.length} lost; ` +
        `history: ${recorded.count('ok', 'write', 'cas', 'delete')} writes and ${recorded.count('ok', 'read')} reads ok, ` +
        `${recorded.count('fail', 'write', 'cas', 'delete')} failed, ${recorded.count('info', 'read', 'write', 'cas', 'delete')} unknown, ` +
        `${verdict.result}; ${leaders.terms} terms with a leader, ${leaders.violations.length} with two`,
    );
    expect(missing).toEqual([]);
    expect(verdictText(verdict)).toMatch(/^linearizable/);
    expect(recorded.unexpected).toEqual([]);
    expect(leaders.violations).toEqual([]);
    expect(run.kills).toBeGreaterThan(rounds);
  },
  120_000 + rounds * 60_000,
);
