import type { InstallReceived, Persist } from '../raft/effects.ts';
import type { Persisted } from '../raft/inputs.ts';
import type { Message } from '../raft/messages.ts';

/** The part of a write that its answer repeats. */
export type Issued = Pick<Persist, 'currentTerm' | 'lastIndex'>;

/** What is made durable in order: entries and the hard state, or a snapshot that takes the log's place. */
export type Write = Persist | InstallReceived;

/** A write that is not durable yet, or a message that waits for those before it. */
export type Queued<Waiting extends Issued = Write> =
  | { readonly type: 'write'; readonly write: Waiting }
  | { readonly type: 'send'; readonly message: Message };

/** Whether a message must wait behind `queue`. Messages only ever wait for a write, so a queue begins with one or is empty. */
export const mustWait = (queue: readonly Queued<Issued>[]): boolean => queue.length > 0;

/** Writes that are not durable yet, in order: a power loss keeps any prefix of them. */
export const writesOf = <Write extends Issued>(queue: readonly Queued<Write>[]): readonly Write[] =>
  queue.flatMap((each) => (each.type === 'write' ? [each.write] : []));

/** What follows once writes have become durable. */
export interface Durable<Write extends Issued> {
  readonly writes: readonly Write[];
  /** Messages that waited for these writes and for no later one. They leave before the chart receives the answers. */
  readonly released: readonly Message[];
  /** One per write, in order. */
  readonly answers: readonly Persisted[];
  readonly queue: readonly Queued<Write>[];
}

/** The oldest `count` writes of `queue` have become durable. */
export const becameDurable = <Write extends Issued>(
  queue: readonly Queued<Write>[],
  count: number,
): Durable<Write> => {
  const writes: Write[] = [];
  const released: Message[] = [];
  let at = 0;
  for (; at < queue.length; at++) {
    const next = queue[at]!;
    if (next.type === 'send') released.push(next.message);
    else if (writes.length < count) writes.push(next.write);
    else break;
  }
  return { writes, released, answers: writes.map(answerTo), queue: queue.slice(at) };
};

/** The answer to a `persist`: term and last index as of when it was issued, whatever the chart holds by then. */
export const answerTo = ({ currentTerm, lastIndex }: Issued): Persisted => ({
  type: 'Persisted',
  term: currentTerm,
  lastIndex,
});
