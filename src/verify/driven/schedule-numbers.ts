import type { InspectionEvent } from 'xstate';
import type { RaftContext } from '../../raft/context.ts';
import type { ReadRequested } from '../../raft/inputs.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId, Round, Term } from '../../raft/types.ts';
import { isAwaited } from '../explore/rounds.ts';

/**
 * How a schedule numbers what real nodes number for themselves: of a leader's rounds it counts only those that reads wait for
 * (`src/verify/explore/rounds.ts`), and reads are numbered in the order in which they are asked for.
 */
export class ScheduleNumbers {
  /** By leader and term: the rounds that reads have waited for, ascending. */
  readonly #awaited = new Map<string, Round[]>();
  /** By node and its own number: the number in the schedule. */
  readonly #reads = new Map<string, number>();
  /** The read that this node is being asked for. */
  #asked = 0;

  /** The next read that a node is asked for is `id` in the schedule. */
  ask(id: number): void {
    this.#asked = id;
  }

  /** Must see each inspection event of the role chart of `node`. */
  inspect(node: NodeId, event: InspectionEvent): void {
    if (event.type === '@xstate.event' && event.event.type === 'ReadRequested') {
      this.#reads.set(`${node} ${(event.event as ReadRequested).id}`, this.#asked);
    }
  }

  /** The role chart of a node has handled an event; what it sends in a round that begins with it is numbered only now. */
  stepped(context: RaftContext): void {
    const { id, currentTerm, round } = context;
    const key = `${id} ${currentTerm}`;
    const known = this.#awaited.get(key) ?? [];
    if (isAwaited(context) && known.at(-1) !== round) this.#awaited.set(key, [...known, round]);
  }

  /** `message` as a schedule writes it, once the step in which it was sent is over. */
  messageOf(message: Message): Message {
    switch (message.type) {
      case 'AppendEntries':
        return { ...message, round: this.#roundOf(message.from, message) };
      case 'AppendEntriesResponse':
        return { ...message, round: this.#roundOf(message.to, message) };
      case 'ReadIndex':
        return { ...message, readId: this.#readOf(message.from, message.readId) };
      case 'ReadIndexResponse':
        return { ...message, readId: this.#readOf(message.to, message.readId) };
      default:
        return message;
    }
  }

  #roundOf(leader: NodeId, { term, round }: { readonly term: Term; readonly round: Round }): Round {
    return (this.#awaited.get(`${leader} ${term}`) ?? []).filter((each) => each <= round).length;
  }

  #readOf(asker: NodeId, readId: number): number {
    return this.#reads.get(`${asker} ${readId}`) ?? readId;
  }
}
