import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../../raft/messages.ts';
import type { PathMessage } from '../paths/path.ts';
import { toPathMessage } from '../paths/path-message.ts';

/** A step of a schedule names something that does not exist: a message, a timer, a write, a node. */
export class UnplayableSchedule extends Error {
  override readonly name = 'UnplayableSchedule';
}

/** The network of a schedule: what was sent, and has neither arrived nor been lost. */
export class MessagesUnderWay {
  readonly #messages: Message[] = [];

  add(message: Message): void {
    this.#messages.push(message);
  }

  /**
   * Finds the message under way that `named` describes. Payloads are not compared, since (index, term) names an entry. Throws
   * `UnplayableSchedule` if there is none.
   */
  find(named: PathMessage): Message {
    const due = withoutPayloads(named);
    const found = this.#messages.find((each) => isDeepStrictEqual(withoutPayloads(toPathMessage(each)), due));
    if (found !== undefined) return found;
    const { type, term, from, to } = named;
    throw new UnplayableSchedule(
      `no such ${type} of term ${term} from node${from} to node${to} is under way`,
    );
  }

  remove(message: Message): void {
    this.#messages.splice(this.#messages.indexOf(message), 1);
  }
}

const withoutPayloads = (message: PathMessage): unknown =>
  message.type === 'AppendEntries'
    ? { ...message, entries: message.entries.map(({ term, kind }) => ({ term, kind })) }
    : message;
