import { type AnyMachineSnapshot, assign, type EventObject } from 'xstate';

/** What an action does: it gives the chart another context, then the other actions follow, in order. */
export interface Decided<Context> {
  /** All of it, also what stays as it was. */
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

/** What `assign` of a setup makes of a change of the context, sooner. `Args`: what the change may ask for. */
export const assigning = <
  Args extends { readonly context: object; readonly event: EventObject },
  Action extends object,
>(
  assignWith: (change: (args: Args) => Partial<Args['context']>) => Action,
  change: (args: Pick<Args, 'context' | 'event'>) => Partial<Args['context']>,
): Action =>
  deciding(assignWith(change), (context: Args['context'], event: Args['event']) => ({
    context: { ...context, ...change({ context, event }) },
    actions: [],
  }));
