import type { EntryTrace } from '../adapters/codec/trace-context.ts';
import type { AppendEntries } from '../raft/messages.ts';

/** What travels with entries from node to node, beside them in the frame: neither the charts nor the log know of traces. */
export interface TraceCarrier {
  /** The traces of the entries of `message`, which leaves now. Must not throw. */
  leaving(message: AppendEntries): readonly EntryTrace[];
  /** Called with those that came with `message`, just before `received`. Must not throw. */
  arrived(message: AppendEntries, traces: readonly EntryTrace[]): void;
}
