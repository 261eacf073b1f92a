import { raise, setup } from 'xstate';
import type { RaftContext, RaftInput } from '../../src/raft/context.ts';
import type { EffectName, EffectParams } from '../../src/raft/effects.ts';
import type { RaftEvent, Raised } from '../../src/raft/inputs.ts';
import { assertStep } from '../../src/raft/invariants.ts';
import { type Decided, deciding, enqueueDecided } from '../deciding.ts';
import { unbound } from '../unbound.ts';
import { type DecisionName, decisions, type Rule } from './actions.ts';
import { delivered, messageIn } from './bind.ts';
import { guards } from './guards.ts';

type EffectHandler<Name extends EffectName> = (_: unknown, params: EffectParams[Name]) => void;

const effect = <Name extends EffectName>(name: Name): EffectHandler<Name> => unbound(name);

/** The effects: what leaves the chart. The runner provides them: for a live node, `src/node`. */
const effects = setup({
  types: {
    context: {} as RaftContext,
    events: {} as RaftEvent,
    input: {} as RaftInput,
    meta: {} as { rule: string },
  },
  guards,
  delays: {
    electionTimeout: ({ context }) => context.electionTimeoutMs,
    leaderLease: ({ context }) => context.settings.electionTimeoutMinMs,
    heartbeatInterval: ({ context }) => context.settings.heartbeatIntervalMs,
    quorumCheck: ({ context }) => context.settings.electionTimeoutMaxMs,
    catchUpRound: ({ context }) => context.settings.electionTimeoutMaxMs,
    catchUpTimeout: ({ context }) => context.settings.catchUpTimeoutMs,
    transferTimeout: ({ context }) => context.settings.electionTimeoutMaxMs,
  },
  actions: {
    persist: effect('persist'),
    send: effect('send'),
    replicate: effect('replicate'),
    apply: effect('apply'),
    sendChunk: effect('sendChunk'),
    storeChunk: effect('storeChunk'),
    installSnapshot: effect('installSnapshot'),
    compact: effect('compact'),
    accept: effect('accept'),
    reject: effect('reject'),
    acceptRequest: effect('acceptRequest'),
    rejectRequest: effect('rejectRequest'),
    confirmRead: effect('confirmRead'),
    rejectRead: effect('rejectRead'),
    report: effect('report'),
  } satisfies { [Name in EffectName]: EffectHandler<Name> },
});

/** A rule as an action of the chart; `check` is given the context before and after it. */
export const actionOf = (
  rule: Rule,
  check: (before: RaftContext, after: RaftContext) => void = () => {},
): ReturnType<typeof effects.enqueueActions> => {
  const decideBy = (before: RaftContext, event: RaftEvent): Decided<RaftContext> => {
    const { patch, effects, raised = [] } = rule(before, event);
    const context = { ...before, ...patch };
    check(before, context);
    const notices = raised.map((params) => ({ type: 'notice', params }));
    return { context, actions: [...effects, ...notices] };
  };
  const action = effects.enqueueActions(({ context, event, enqueue }) =>
    enqueueDecided(decideBy(context, event), enqueue as (action: object) => void),
  );
  return deciding(action, decideBy);
};

/** The same, with the local invariants asserted. */
export const decide = (rule: Rule): ReturnType<typeof actionOf> => actionOf(rule, assertStep);

const decisionActions = Object.fromEntries(
  (Object.keys(decisions) as DecisionName[]).map((name) => [name, decide(decisions[name])]),
) as { [Name in DecisionName]: ReturnType<typeof decide> };

/** Binds each name to what it does: guards and decisions to the rules, delays to the settings, effects to the node that provides them. */
export const raftSetup = effects.extend({
  actions: {
    ...decisionActions,
    /** What a rule noticed becomes an event of the chart, handled right after this one. */
    notice: raise<RaftContext, RaftEvent, RaftEvent, Raised, never>((_, params) => params),
    /** Hands the message on to the role, as an event of its own type. */
    deliver: effects.raise(({ event }) => messageIn(event)),
    /** Hands the event to the state that was just entered. */
    redeliver: effects.raise(({ event }) => delivered(event)),
    /** Deliberately does nothing: this pair of role and message was considered. */
    ignore: () => {},
  },
});
