import type { ActorLogic, EventObject, Snapshot } from 'xstate';

interface Tell extends EventObject {
  readonly snapshot: Snapshot<unknown>;
}

const tellType = 'raftchart.tell';

/** What makes a `toldActor` end, fail, or show a snapshot, as `event` says that it has. */
export const tellOf = (kind: 'done' | 'error' | 'snapshot', event: EventObject): Tell => {
  const { output, error, snapshot } = event as EventObject &
    Partial<Record<'output' | 'error' | 'snapshot', unknown>>;
  return { type: tellType, snapshot: told(kind, output, error, snapshot) };
};

const told = (kind: string, output: unknown, error: unknown, snapshot: unknown): Snapshot<unknown> => {
  switch (kind) {
    case 'done':
      return { status: 'done', output, error: undefined };
    case 'error':
      return { status: 'error', output: undefined, error };
    default:
      return { ...active, ...(snapshot as object) };
  }
};

const active: Snapshot<unknown> = { status: 'active', output: undefined, error: undefined };

/** Stands in for any actor: does nothing by itself, and what it is told. */
export const toldActor: ActorLogic<Snapshot<unknown>, EventObject> = {
  getInitialSnapshot: () => active,
  transition: (snapshot, event) => (event.type === tellType ? (event as Tell).snapshot : snapshot),
  getPersistedSnapshot: (snapshot) => snapshot,
};
