import type { TraceSource } from '../../verify/validate/validate-traces.ts';
import { readPlacedTrace } from '../coverage/read-trace.ts';
import { UsageError } from '../usage-error.ts';

/** Several traces are of one node each; one alone is, too, if a node has written it. Throws `UsageError`, also while they are read. */
export const openTraces = (paths: readonly string[]): readonly TraceSource[] =>
  onePerNode(paths.map((path) => openTrace(path, paths.length > 1)));

/** Throws `UsageError` if two of them are of one node. */
export const onePerNode = <Event>(sources: readonly TraceSource<Event>[]): readonly TraceSource<Event>[] => {
  const seen = new Map<number, string>();
  for (const { name, node } of sources) {
    if (node === undefined) continue;
    const other = seen.get(node);
    if (other !== undefined)
      throw new UsageError(`${other} and ${name} are both of node${node}; give one trace a node`);
    seen.set(node, name);
  }
  return sources;
};

const openTrace = (path: string, isOfOneNode: boolean): TraceSource => {
  const events = readPlacedTrace(path);
  const first = events.next();
  if (first.done === true) throw new UsageError(`${path} holds no event`);
  const { event } = first.value;
  const isNodes = isOfOneNode || (event.type === 'started' && event.mayFollowKill === true);
  const node = 'node' in event ? event.node : event.type === 'sent' ? event.message.from : undefined;
  if (isOfOneNode && node === undefined)
    throw new UsageError(`${path} is of a whole cluster; give it alone, or one trace a node`);
  return {
    name: path,
    ...(isNodes && node !== undefined ? { node } : {}),
    events: chained([first.value], events),
  };
};

export function* chained<Item>(read: readonly Item[], rest: Generator<Item>): Generator<Item> {
  yield* read;
  yield* rest;
}
