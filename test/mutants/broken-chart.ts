import { type DecisionName, decisions } from '../../machines/raft/actions.ts';
import type { guards } from '../../machines/raft/guards.ts';
import { raftMachine } from '../../machines/raft/raft.machine.ts';
import { raftSetup } from '../../machines/raft/raft.setup.ts';
import type { Role } from '../../src/node/node.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import type { Decision } from '../../src/raft/effects.ts';
import type { RaftEvent } from '../../src/raft/inputs.ts';

type Chart = typeof raftMachine;
type Guards = typeof guards;
type Rule = (context: RaftContext, event: RaftEvent) => Decision;

/** The chart with other guards. */
export const withGuards = (broken: Partial<Guards>, chart: Chart = raftMachine): Chart =>
  chart.provide({ guards: broken as Guards });

/**
 * The chart with another rule behind one action; `broken` is given what the right rule decides. The node's own assertions
 * are left out of such an action: the properties must tell by themselves.
 */
export const withDecision = (
  name: DecisionName,
  broken: (context: RaftContext, event: RaftEvent, right: Decision) => Decision,
  chart: Chart = raftMachine,
): Chart => {
  const rule: Rule = decisions[name];
  const action = raftSetup.enqueueActions(({ context, event, enqueue }) => {
    const { patch, effects, raised = [] } = broken(context, event, rule(context, event));
    const perform = enqueue as unknown as (action: object) => void;
    perform({ type: 'patch', params: patch });
    for (const effect of effects) perform(effect);
    for (const noticed of raised) perform({ type: 'notice', params: noticed });
  });
  return chart.provide({ actions: { [name]: action } });
};

/** The chart in which a role answers one type of event otherwise. */
export const withHandler = (role: Role, event: RaftEvent['type'], handler: object): Chart => {
  const { states } = raftMachine.config as unknown as {
    readonly states: Readonly<Record<string, { readonly on: Readonly<Record<string, unknown>> }>>;
  };
  const state = states[role]!;
  const config = {
    ...raftMachine.config,
    states: { ...states, [role]: { ...state, on: { ...state.on, [event]: handler } } },
  };
  return raftSetup.createMachine(config as never) as unknown as Chart;
};
