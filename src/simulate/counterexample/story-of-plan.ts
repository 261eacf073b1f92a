import type { MemberChange } from '../../raft/members.ts';
import type { NodeId } from '../../raft/types.ts';
import type { BrokenRule } from '../broken/broken-rules.ts';
import type { Asked, ClientRequest, Struck } from '../onlooker.ts';
import { nodesIn } from '../parse-plan.ts';
import { calmPlan, nodesOf, type Plan } from '../plan.ts';
import type { Failure } from '../shrink.ts';
import { type Act, faultActs, ms } from './fault-acts.ts';

/** Something in a plan that no directive says; the message is one line. */
export class NotTellable extends Error {
  override readonly name = 'NotTellable';
}

/** What stands at the top of a story, and its directives, a line each. */
export interface ToldPlan {
  readonly header: readonly string[];
  readonly directives: readonly string[];
}

export const textOf = ({ header, directives }: ToldPlan): string =>
  `${[...header, '', ...directives].join('\n')}\n`;

/**
 * A story in which happens what happened in the run of a plan, up to its violation. Whether it comes to the same is for whoever
 * plays it to see: what is at the very same microsecond may be in another order. Throws `NotTellable`.
 */
export const storyOfPlan = (
  { plan, violation, result, asked, struck }: Omit<Failure, 'weight'>,
  broken: BrokenRule | null,
): ToldPlan => {
  assertTellable(plan);
  const acts = [
    ...faultActs(plan),
    ...struck.map(actOfStruck),
    ...asked.flatMap((each) => actOfAsked(each, nodesOf(plan).length)),
  ]
    .filter(({ atUs }) => atUs / 1000 <= result.endMs)
    .toSorted((a, b) => a.atUs - b.atUs);
  const directives = [...openingOf(plan)];
  let nowUs = 0;
  for (const { atUs, directive } of acts) {
    if (atUs > nowUs) directives.push(`at ${ms(atUs)}`);
    nowUs = Math.max(nowUs, atUs);
    directives.push(directive);
  }
  const endUs = Math.round(result.endMs * 1000);
  if (endUs > nowUs) directives.push(`at ${ms(endUs)}`);
  return { header: headerOf(plan, violation.property, broken), directives };
};

/** Stories have the timers of a calm cluster, and a limited number of nodes. */
const assertTellable = (plan: Plan): void => {
  const { settings } = plan;
  for (const name of ['electionTimeoutMinMs', 'electionTimeoutMaxMs', 'heartbeatIntervalMs'] as const) {
    if (settings[name] === calmPlan.settings[name]) continue;
    throw new NotTellable(`its ${name} is ${settings[name]}, and that of a story ${calmPlan.settings[name]}`);
  }
  for (const fault of plan.faults) {
    if (fault.kind === 'bitFlip' || fault.kind === 'olderDisk')
      throw new NotTellable(`no story says what befalls node${nodesIn(fault)[0]}: ${fault.kind}`);
  }
};

const headerOf = (plan: Plan, property: string, broken: BrokenRule | null): readonly string[] => {
  const { nodes, spares = 0, seed, disk, snapshots, settings } = plan;
  const { leaseReads, maxClockDrift, maxEntriesPerMessage } = settings;
  const syncs =
    disk.minSyncMs === disk.maxSyncMs ? `${disk.minSyncMs}ms` : `${disk.minSyncMs}ms..${disk.maxSyncMs}ms`;
  return [
    `title: A counterexample to ${property}`,
    ...(broken === null ? [] : [`source: ${broken.source}`]),
    `nodes: ${nodes}`,
    ...(spares > 0 ? [`spares: ${spares}`] : []),
    'time: runs',
    ...(broken === null ? [] : [`broken: ${broken.name}`]),
    ...(leaseReads === true ? ['reads: lease'] : []),
    ...(maxEntriesPerMessage === undefined ? [] : [`entries: ${maxEntriesPerMessage}`]),
    ...(snapshots === undefined
      ? []
      : [
          `snapshots: ${snapshots.entries}`,
          `trailing: ${snapshots.trailingEntries}`,
          `chunk: ${snapshots.chunkBytes}`,
        ]),
    ...(syncs === '0.5ms' ? [] : [`syncs: ${syncs}`]),
    ...(maxClockDrift === undefined ? [] : [`drift: ${Math.round(maxClockDrift * 10_000) / 100}%`]),
    `seed: ${seed}`,
    `violates: ${property}`,
  ];
};

/** What is so before anything happens. */
const openingOf = ({ network, clockRates = [] }: Plan): readonly string[] => [
  `rates delay=${network.minDelayMs}ms..${network.maxDelayMs}ms`,
  ...clockRates.flatMap((rate, at) => (rate === 1 ? [] : [`clock ${at + 1} ${rate}`])),
  'start',
];

const fates = { drop: 'drop', duplicate: 'repeat', delay: 'delay' } as const;

/** It is named before it is sent. */
const actOfStruck = ({ atUs, kind, from, to, type, nth }: Struck): Act => ({
  atUs: Math.max(0, atUs - 1),
  directive: `next ${fates[kind]} from ${from} to ${to} ${type}${nth === 1 ? '' : ` nth ${nth}`}`,
});

/** What was refused at once changed nothing. */
const actOfAsked = ({ atUs, node, request, isRefused }: Asked, nodes: number): readonly Act[] => {
  const directive = isRefused ? null : directiveOf(node, request, nodes);
  return directive === null ? [] : [{ atUs, directive }];
};

const directiveOf = (node: NodeId, request: ClientRequest, nodes: number): string | null => {
  switch (request.type) {
    case 'command':
      return `propose ${node} ${commandOf(request.call)}`;
    case 'read':
      return `read ${node} ${request.key}`;
    case 'transfer':
      return `transfer ${node}${request.target === null ? '' : ` to ${request.target}`}`;
    case 'change': {
      const changes = request.changes.map((each) => changeOf(each, nodes));
      return changes.length === 0 || changes.includes(null) ? null : `change ${node} ${changes.join(', ')}`;
    }
  }
};

const commandOf = ({ f, key, value, from, to }: (ClientRequest & { type: 'command' })['call']): string => {
  switch (f) {
    case 'write':
      return `put ${key} ${value}`;
    case 'delete':
      return `delete ${key}`;
    case 'cas':
      // No directive expects that there is nothing. To the log all commands are alike.
      return from === null ? `put ${key} ${to}` : `cas ${key} ${from} ${to}`;
    default:
      return `get ${key}`;
  }
};

/** Null: a story cannot ask for it. */
const changeOf = (change: MemberChange, nodes: number): string | null =>
  change.type === 'update' || change.node > nodes ? null : `${change.type} ${change.node}`;
