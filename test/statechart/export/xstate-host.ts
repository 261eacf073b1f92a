import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { transitionIdOf } from '../../../src/statechart/read/walk.ts';
import {
  branchesOf,
  creatorOf,
  guardsWithin,
  partsOf,
  writtenActions,
} from '../../../src/statechart/read/xstate-internals.ts';
import type { Functions, HostFunction, ScxmlEvent, ScxmlHost } from './scxml-session.ts';

/** The functions of a machine for its document: what docs/formats.md asks of a host, done by the machine's own implementations. */
export const hostOf = (machine: AnyStateMachine, input: unknown): ScxmlHost => {
  const { guards, actions, delays } = machine.implementations;
  const each = (
    bound: Readonly<Record<string, unknown>> | undefined,
    make: (value: unknown) => HostFunction,
  ) => Object.fromEntries(Object.entries(bound ?? {}).map(([name, value]) => [name, make(value)]));
  const parts: Record<string, HostFunction> = {};
  for (const [name, action] of Object.entries(actions ?? {}))
    Object.assign(parts, partsAt(action, `actions/${name}`));
  return {
    guards: each(guards, (guard) => callOf(guard, input)),
    actions: each(actions, (action) => actionOf(action, input)),
    delays: each(delays, (delay) => (typeof delay === 'function' ? callOf(delay, input) : () => delay)),
    functions: {
      ...parts,
      context: () => contextOf(machine, input),
      ...functionsBelow(machine.root, input),
    },
  };
};

const contextOf = ({ config, id }: AnyStateMachine, input: unknown): unknown =>
  typeof config.context === 'function'
    ? (config.context as Call)({ input, self: { id } })
    : (config as { readonly context?: unknown }).context;

const functionsBelow = (node: AnyStateNode, input: unknown): Functions => {
  const { entry, exit, initial } = writtenActions(node);
  return Object.assign(
    {},
    actionsAt(entry, `${node.id}/entry`, input),
    actionsAt(exit, `${node.id}/exit`, input),
    actionsAt(initial, `${node.id}/initial`, input),
    typeof node.output === 'function' ? { [`${node.id}/output`]: outputOf(node.output, input) } : {},
    ...branchesOf(node).flatMap(([, branches]) =>
      branches.flatMap((branch) => [
        actionsAt(branch.actions, `${transitionIdOf(branch)}/actions`, input),
        branch.guard === undefined ? {} : guardsAt(branch.guard, `${transitionIdOf(branch)}/guard`, input),
      ]),
    ),
    ...Object.values(node.states).map((child) => functionsBelow(child as AnyStateNode, input)),
  );
};

const actionsAt = (actions: readonly unknown[], place: string, input: unknown): Functions =>
  Object.assign(
    {},
    ...actions.map((action, at) => ({
      ...(typeof action === 'function' ? { [`${place}/${at}`]: actionOf(action, input) } : {}),
      ...partsAt(action, `${place}/${at}`),
    })),
  );

/** The functions among the parts of an action, such as its params or its delay. */
const partsAt = (action: unknown, place: string): Functions => {
  const parts = typeof action === 'function' ? partsOf(action) : (action as object);
  return Object.fromEntries(
    Object.entries(parts)
      .filter(([, value]) => typeof value === 'function')
      .map(([part, value]) => [`${place}/${part}`, callOf(value, undefined)]),
  );
};

const guardsAt = (guard: unknown, place: string, input: unknown): Functions => {
  const within = guardsWithin(guard);
  if (within !== null)
    return Object.assign({}, ...within.guards.map((each, at) => guardsAt(each, `${place}/${at}`, input)));
  if (typeof guard === 'function') return { [place]: callOf(guard, input) };
  const { params } = guard as { readonly params?: unknown };
  return typeof params === 'function' ? { [`${place}/params`]: callOf(params, input) } : {};
};

type Call = (args: object, params?: unknown) => unknown;

const callOf =
  (value: unknown, input: unknown): HostFunction =>
  (context, event, params) =>
    (value as Call)({ context, event: eventOf(event, input) }, params);

/** The output of the root is made from the event that its final state is done. */
const outputOf =
  (value: unknown, input: unknown): HostFunction =>
  (context, event, output) =>
    (value as Call)({ context, event: output === undefined ? eventOf(event, input) : { type: '', output } });

const actionOf = (action: unknown, input: unknown): HostFunction => {
  const parts = typeof action === 'function' ? partsOf(action) : {};
  const main = [parts.assignment, parts.event, parts.sendId, parts.value].find((part) => part !== undefined);
  if (creatorOf(action) === 'assign')
    return (context, event, params) => {
      const args = { context, event: eventOf(event, input) };
      const patch =
        typeof main === 'function'
          ? (main as Call)(args, params)
          : Object.fromEntries(
              Object.entries(main as object).map(([key, value]) => [
                key,
                typeof value === 'function' ? (value as Call)(args, params) : value,
              ]),
            );
      return { ...(context as object), ...(patch as object) };
    };
  if (creatorOf(action) !== null) return typeof main === 'function' ? callOf(main, input) : () => main;
  return callOf(action, input);
};

/** An event of the document as XState has it. */
const eventOf = (event: ScxmlEvent | undefined, input: unknown): object => {
  if (event === undefined) return { type: 'xstate.init', input };
  const { name, data } = event;
  if (name.startsWith('done.state.')) return { type: `xstate.${name}`, output: data };
  return typeof data === 'object' && data !== null && 'type' in data ? data : { type: name };
};
