import { type AnyMachineSnapshot, assign, type EventObject } from 'xstate';

/** What an action does: it gives the chart another context, then the other actions follow, in order. */
export interface Decided<Context> {
  readonly context: Context;
  readonly actions: readonly { readonly type: string; readonly params?: unknown }[];
}

/*
 * XState's `assign` derives the value of the state anew from its nodes, which it cannot have changed; without that, a step of the role chart takes little more than half the
 * time. How an action says what becomes of the snapshot is not documented: `test/machines/deciding.test.ts` fails once it is otherwise.
 */
type Resolve = (
  scope: unknown,
  snapshot: AnyMachineSnapshot,
  args: { readonly event: EventObject },
) => readonly [snapshot: AnyMachineSnapshot, params: undefined, actions: readonly object[] | undefined];

/** For `enqueueActions`, by XState's own means alone. */
export const enqueueDecided = <Context>(
  { context, actions }: Decided<Context>,
  enqueue: (action: object) => void,
): void => {
  enqueue(assign(() => context as object));
  for (const action of actions) enqueue(action);
};

/** `action`, made by `enqueueActions` with `enqueueDecided` of what `decide` gives, does the same sooner. */
export const deciding = <Action extends object, Context, Event>(
  action: Action,
  decide: (context: Context, event: Event) => Decided<Context>,
): Action => {
  const resolve: Resolve = (_, snapshot, { event }) => {
    const { context, actions } = decide(snapshot.context as Context, event as Event);
    return [{ ...snapshot, context }, undefined, actions];
  };
  return Object.assign(action, { resolve });
};

/** `action`, made by `assign` with a function of the context and the event; it spawns nothing. */
export const assigning = <Action extends object>(action: Action): Action => {
  const { assignment } = action as {
    readonly assignment?: (args: { readonly context: unknown; readonly event: EventObject }) => object;
  };
  const resolve: Resolve = (_, snapshot, { event }) => {
    const { context } = snapshot;
    return [
      { ...snapshot, context: { ...context, ...assignment!({ context, event }) } },
      undefined,
      undefined,
    ];
  };
  return Object.assign(action, { resolve });
};
