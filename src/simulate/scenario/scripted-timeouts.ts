import { assign } from 'xstate';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { drawElectionTimeout } from '../../raft/election.ts';
import type { NodeId } from '../../raft/types.ts';

type RaftMachine = typeof raftMachine;

/**
 * `machine`, whose nodes draw what `timeoutOf` says, in milliseconds, and draw as usual where it says nothing. The draw of a
 * timeout is the one action of the chart that is not a function of its inputs, which is why it has a name of its own.
 */
export const withScriptedTimeouts = (
  machine: RaftMachine,
  timeoutOf: (node: NodeId) => number | undefined,
): RaftMachine =>
  machine.provide({
    actions: {
      drawElectionTimeout: assign(({ context }) => {
        const { patch } = drawElectionTimeout(context);
        const electionTimeoutMs = timeoutOf(context.id);
        return electionTimeoutMs === undefined ? patch : { ...patch, electionTimeoutMs };
      }),
    },
  });
