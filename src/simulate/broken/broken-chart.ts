import { type DecisionName, decisions, type Rule } from '../../../machines/raft/actions.ts';
import type { guards } from '../../../machines/raft/guards.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { actionOf } from '../../../machines/raft/raft.setup.ts';
import type { RaftContext } from '../../raft/context.ts';
import type { Decision } from '../../raft/effects.ts';
import type { RaftEvent } from '../../raft/inputs.ts';

type Chart = typeof raftMachine;
type Guards = typeof guards;

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
  const action = actionOf((context, event) => broken(context, event, rule(context, event)));
  return chart.provide({ actions: { [name]: action } });
};
