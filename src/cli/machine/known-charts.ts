import type { AnyStateMachine } from 'xstate';
import { clientSessionMachine } from '../../../machines/client-session.machine.ts';
import { logWriterMachine } from '../../../machines/log-writer.machine.ts';
import { peerLinkMachine } from '../../../machines/peer-link.machine.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';

/** A chart of this repository. */
export interface KnownChart {
  /** As written on the command line; also the folder of its diagrams. */
  readonly name: string;
  readonly title: string;
  readonly machine: AnyStateMachine;
  readonly exportName: string;
  /** The file of the chart, from the root of the repository. */
  readonly path: string;
}

/** The name of the chart of the protocol. */
export const roleChart = 'raft';

/** Every chart under `machines/`, the protocol first. */
export const knownCharts: readonly KnownChart[] = [
  {
    name: roleChart,
    title: 'The role chart',
    machine: raftMachine as unknown as AnyStateMachine,
    exportName: 'raftMachine',
    path: 'machines/raft/raft.machine.ts',
  },
  {
    name: 'log-writer',
    title: 'The log writer',
    machine: logWriterMachine as unknown as AnyStateMachine,
    exportName: 'logWriterMachine',
    path: 'machines/log-writer.machine.ts',
  },
  {
    name: 'peer-link',
    title: 'The link to a peer',
    machine: peerLinkMachine as unknown as AnyStateMachine,
    exportName: 'peerLinkMachine',
    path: 'machines/peer-link.machine.ts',
  },
  {
    name: 'client-session',
    title: 'The session of a client',
    machine: clientSessionMachine as unknown as AnyStateMachine,
    exportName: 'clientSessionMachine',
    path: 'machines/client-session.machine.ts',
  },
];
