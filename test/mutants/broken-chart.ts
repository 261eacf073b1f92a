import { raftMachine } from '../../machines/raft/raft.machine.ts';
import { raftSetup } from '../../machines/raft/raft.setup.ts';
import type { Role } from '../../src/node/node.ts';
import type { RaftEvent } from '../../src/raft/inputs.ts';

type Chart = typeof raftMachine;

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
