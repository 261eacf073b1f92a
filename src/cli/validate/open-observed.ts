import { readFileSync } from 'node:fs';
import type { NodeId } from '../../raft/types.ts';
import { type EtcdIds, EtcdLines, type Told, UnreadableLine } from '../../verify/validate/etcd-lines.ts';
import { observedLine } from '../../verify/validate/observed-lines.ts';
import { type Mapping, mappedLine, parseMapping } from '../../verify/validate/observed-mapping.ts';
import type { ObservedLine } from '../../verify/validate/observed-validator.ts';
import type { Placed, TraceSource } from '../../verify/validate/validate-traces.ts';
import { readLines } from '../coverage/read-trace.ts';
import { UsageError } from '../usage-error.ts';
import { chained, onePerNode } from './open-traces.ts';

/** Throws `UsageError`. */
export const readMapping = (path: string): Mapping => {
  try {
    return parseMapping(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
};

/** Traces of another implementation: several are of one node each. Throws `UsageError`, also while they are read. */
export const openObserved = (
  paths: readonly string[],
  format: 'etcd' | 'observed' | Mapping,
  ids: EtcdIds,
): readonly TraceSource<ObservedLine>[] =>
  onePerNode(
    paths.map((path) => {
      const lines = placedLines(path, readerOf(format, ids));
      const read: Placed<ObservedLine>[] = [];
      let node: NodeId | undefined;
      while (node === undefined) {
        const next = lines.next();
        if (next.done === true) break;
        read.push(next.value);
        const { event } = next.value;
        if ('events' in event) node = event.events[0]!.node;
      }
      if (read.length === 0) throw new UsageError(`${path} holds no event`);
      return {
        name: path,
        ...(paths.length > 1 && node !== undefined ? { node } : {}),
        events: chained(read, lines),
      };
    }),
  );

const readerOf = (format: 'etcd' | 'observed' | Mapping, ids: EtcdIds): ((line: unknown) => Told) => {
  if (format === 'observed') return (line) => ({ events: [observedLine(line)] });
  if (format !== 'etcd') return (line) => mappedLine(format, line);
  const lines = new EtcdLines(ids);
  return (line) => lines.take(line);
};

/** Lines that tell of nothing yet, since a node is being set up, are left out. */
function* placedLines(path: string, read: (line: unknown) => Told): Generator<Placed<ObservedLine>> {
  let line = 0;
  for (const { text, isWhole } of readLines(path)) {
    line++;
    if (text.trim() === '') continue;
    const place = `${path}:${line}`;
    let value: unknown;
    try {
      value = parsedExactly(text);
    } catch {
      // A run that was killed may leave half a line at the end.
      if (!isWhole && line > 1) return;
      throw new UsageError(`${place}: not JSON`);
    }
    const event = told(place, () => read(value));
    if (!('events' in event) || event.events.length > 0) yield { event, line };
  }
}

/** An integer with more digits than a number holds stays text: rounded, it would be another. */
const parsedExactly = (text: string): unknown =>
  /\d{16}/.test(text) ? JSON.parse(text, exactly as never) : JSON.parse(text);

const exactly = (_: string, value: unknown, { source }: { readonly source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '') ? source : value;

const told = (place: string, read: () => Told): Told => {
  try {
    return read();
  } catch (error) {
    throw error instanceof UnreadableLine ? new UsageError(`${place}: ${error.message}`) : error;
  }
};
