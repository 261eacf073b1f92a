import { isEarly } from '../raft/early-heartbeat.ts';
import type { Effect, Persist, Replicate } from '../raft/effects.ts';
import { isRequest, namesNextTerm } from '../raft/message-table.ts';
import type { AppendEntries, Message } from '../raft/messages.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import { nodeName } from '../raft/types.ts';
import { topOf } from '../statechart/read/state-name.ts';
import type { StateSummary, TimedEvent } from './events.ts';
import { RecentMap } from './recent-map.ts';

/**
 * `etcd`: what etcd's specification reads as it is, which persists and sends in one step and keeps the commit index. `etcd-persist`: with a `Persist` for what became
 * durable and an `AdoptTerm` for a term that came with a message which the specification does not have, so that crashes can be told. docs/traces-of-others.md
 */
export type EtcdDialect = 'etcd' | 'etcd-persist';

/** One line, `{ tag: 'trace', event }`, as etcd's `state_trace.go` writes it. */
export interface EtcdLine {
  readonly tag: 'trace';
  readonly event: EtcdEvent;
}

export interface EtcdEvent {
  readonly name: string;
  /** Ids are decimal text; `"0"`: nobody. */
  readonly nid: string;
  readonly state: { readonly term: number; readonly vote: string; readonly commit: number };
  readonly role: EtcdRole;
  /** The last index. */
  readonly log: number;
  /** The voters, and the voters before. */
  readonly conf: readonly [readonly string[], readonly string[]];
  readonly msg?: EtcdMessage;
  readonly prop?: Readonly<Record<string, unknown>>;
}

export interface EtcdMessage {
  readonly type: 'MsgVote' | 'MsgVoteResp' | 'MsgApp' | 'MsgAppResp' | 'MsgSnap';
  readonly term: number;
  readonly from: string;
  readonly to: string;
  /** How many; of a snapshot, its last index. */
  readonly entries: number;
  readonly logTerm: number;
  readonly index: number;
  readonly commit: number;
  readonly vote: string;
  readonly reject: boolean;
  readonly rejectHint: number;
}

type EtcdRole = 'StateFollower' | 'StateCandidate' | 'StateLeader';

/** What a dialect has no words for; `message` is one line that says what else to do. */
export class NotExpressible extends Error {
  override readonly name = 'NotExpressible';
}

type Chart = Extract<TimedEvent, { type: 'chart' }>;
type Interrupted = Extract<TimedEvent, { type: 'interrupted' }>;

interface Told {
  state: StateSummary;
  voters: readonly NodeId[];
  /** Whether something was sent that has not left by a `Ready`. */
  hasPending: boolean;
  /** By write, what the node tells itself once it is durable; null: nothing. */
  readonly own: (EtcdMessage | null)[];
  /** The last chunk of a snapshot that is being checked. */
  snapshot: Message | null;
  /** What the specification acknowledges of the request that is being handled, if that is not what it holds. */
  late: number | null;
  /** The answer to a copy of a message, in the step that is being told. */
  unsaid: string | null;
}

/** Of messages that are under way, or copies of them, how many of the last are kept in mind: any that is lost would be for ever. */
const mostKept = 20_000;
/** Of those that are alike. */
const mostAlike = 64;

/** Tells a trace of a whole cluster, in the order in which things happened, as etcd does. Throws `NotExpressible`. */
export class EtcdTrace {
  readonly #dialect: EtcdDialect;
  readonly #nodes = new Map<NodeId, Told>();
  /** Acknowledgements whose index the specification computes otherwise. */
  readonly #acknowledged = new RecentMap<string, number>(mostKept);
  /** Messages that may arrive, each as often as it was sent: from which index on it was told. */
  readonly #open = new RecentMap<string, readonly number[]>(mostKept);
  /** How far a follower's log is known to match, as the specification has it, by leader, follower and term: it sends nothing from before that. */
  readonly #matches = new RecentMap<string, number>(mostKept);
  /** Answers to copies of messages, as often as they are still to be sent. */
  readonly #unanswered = new RecentMap<string, number>(mostKept);
  /** Answers to what the specification has not sent. */
  readonly #untold = new RecentMap<string, true>(mostKept);
  #lines: EtcdLine[] = [];

  constructor(dialect: EtcdDialect) {
    this.#dialect = dialect;
  }

  /** The lines that tell `event`: none for what the specification does not look at. */
  take(event: TimedEvent): readonly EtcdLine[] {
    this.#lines = [];
    switch (event.type) {
      case 'started':
        this.#start(event);
        break;
      case 'chart':
        this.#chart(event);
        break;
      case 'interrupted':
        this.#interrupted(event);
        break;
      case 'sent':
        this.#left(event.message);
        break;
      case 'synced':
        if (this.#dialect === 'etcd-persist') {
          const { term, votedFor, lastIndex } = event;
          const durable = { term, vote: idOf(votedFor), log: lastIndex };
          this.#tell('Persist', event.node, { prop: { durable } });
        }
        break;
      default:
    }
    return this.#lines;
  }

  #start({ node: id, state, found }: Extract<TimedEvent, { type: 'started' }>): void {
    if (this.#nodes.has(id) && this.#dialect === 'etcd') {
      throw new NotExpressible(
        `${nodeName(id)} restarts, and etcd's specification keeps the commit index on disk: use etcd-persist`,
      );
    }
    const configuration = found?.configurations?.at(-1);
    if (configuration === undefined)
      throw new NotExpressible(`the trace does not tell how ${nodeName(id)} has started`);
    if (configuration.index > 0) throw membersChange(id);
    if (!this.#nodes.has(id) && state.lastIndex > 0) {
      throw new NotExpressible(
        `${nodeName(id)} starts with ${state.lastIndex} entries, and etcd's specification takes those for the first members: record the cluster from its beginning`,
      );
    }
    this.#nodes.set(id, {
      state,
      voters: configuration.voters,
      hasPending: false,
      own: [],
      snapshot: null,
      late: null,
      unsaid: null,
    });
    this.#tell('InitState', id);
  }

  #chart({ node: id, before, after, input, effects }: Chart): void {
    const node = this.#at(id);
    const roles = [roleOf(before), roleOf(after)] as const;
    const received = input?.type === 'Received' ? input.message : null;
    // A request of which nothing has come might as well have been lost; a vote or an acknowledgement counts unseen.
    const isIgnored =
      received !== null && isRequest(received) && effects.length === 0 && isSame(before, after);
    // It arrives, for the specification, when all of it has been checked.
    if (received?.type === 'InstallSnapshot') node.snapshot = received;
    if (input?.type === 'Persisted') this.#ownMessage(id);
    else if (received !== null && !isIgnored) this.#receive(id, received, before, after, effects);
    else if (input?.type === 'SnapshotReceived' && node.snapshot !== null) {
      this.#tell('ReceiveAppendEntriesRequest', id, { msg: messageOf(node.snapshot) });
      node.snapshot = null;
    }
    node.state = { ...node.state, term: after.term, votedFor: after.votedFor, state: after.state };
    if (roles[1] === 'StateCandidate' && before.term !== after.term) {
      this.#tell('BecomeCandidate', id);
      this.#send(id, {
        ...noMessage,
        type: 'MsgVoteResp',
        term: after.term,
        from: idOf(id),
        to: idOf(id),
      });
    } else if (roles[0] !== 'StateLeader' && roles[1] === 'StateLeader') {
      this.#tell('BecomeLeader', id);
    } else if (
      roles[0] !== 'StateFollower' &&
      roles[1] === 'StateFollower' &&
      before.term === after.term &&
      (received?.type !== 'AppendEntries' || isEarly(received))
    ) {
      this.#tell('BecomeFollower', id);
    }
    for (const { type, params } of effects) {
      switch (type) {
        case 'persist':
          this.#persist(id, params, roles[1]);
          break;
        case 'installSnapshot':
          node.own.push(null);
          break;
        case 'apply':
          // A follower's commit index rises with what it receives.
          node.state = { ...node.state, commitIndex: after.commitIndex };
          if (roles[1] === 'StateLeader') this.#tell('Commit', id);
          break;
        case 'send':
          this.#answer(id, params.message);
          break;
        case 'replicate': {
          const { prevLogIndex, prevLogTerm, lastIndex, leaderCommit, runs, term, to } = params;
          const terms = termsOf(runs, lastIndex);
          const parts = appendParts({ from: id, to, term, prevLogIndex, prevLogTerm, leaderCommit }, terms);
          for (const part of parts.filter(({ index }) => index >= this.#matched(id, to, term)))
            this.#send(id, part);
          break;
        }
        default:
      }
    }
    node.state = after;
    node.late = null;
    node.unsaid = null;
  }

  /** Of a step that a loss of power has cut short, what others may have heard. */
  #interrupted({ node: id, input, effects }: Interrupted): void {
    const { state } = this.#at(id);
    const message =
      input.type === 'Received' && input.message.type === 'AppendEntries' ? input.message : null;
    // The specification commits as it accepts.
    const told =
      message !== null && accepts(effects)
        ? Math.min(message.leaderCommit, message.prevLogIndex + message.entries.length)
        : 0;
    const commitIndex = Math.max(state.commitIndex, told);
    this.#chart({
      type: 'chart',
      atMs: 0,
      node: id,
      input,
      before: state,
      after: { ...effects.reduce((so, effect) => afterEffect(so, effect, id), state), commitIndex },
      transitions: [],
      effects: effects.filter(({ type }) => type !== 'apply'),
    });
  }

  #receive(
    id: NodeId,
    message: Message,
    before: StateSummary,
    after: StateSummary,
    effects: readonly Effect[],
  ): void {
    const { type, from } = message;
    const name = nameOfReceipt(message);
    if (name === null) {
      // With a majority of pre-votes the node enters the next term by itself.
      if (before.term >= message.term || namesNextTerm(message)) return;
      if (this.#dialect === 'etcd') {
        throw new NotExpressible(
          `${nodeName(id)} adopts term ${message.term} from a ${type}, which etcd's specification does not have: use etcd-persist`,
        );
      }
      this.#at(id).state = { ...before, term: message.term, votedFor: null, state: 'follower.unleased' };
      this.#tell('AdoptTerm', id);
      return;
    }
    const key = keyOf(message);
    const [told, ...rest] = this.#open.get(key) ?? [];
    if (rest.length > 0) this.#open.set(key, rest);
    else this.#open.delete(key);
    if (told === undefined && this.#nodes.has(from)) {
      // The specification's messages arrive once: a copy that changes nothing is as good as lost, and so is the answer to it.
      if (!isSame(before, after) || effects.some(({ type }) => type === 'persist')) {
        throw new NotExpressible(
          `${nodeName(id)} acts on a ${type} of ${nodeName(from)} that has arrived before, or ${mostKept} messages ago, and the specification's messages arrive once: run without duplicates`,
        );
      }
      const answer = answerTo(message, effects);
      if (answer === undefined) return;
      const name = keyOf(answer);
      this.#at(id).unsaid = name;
      this.#unanswered.set(name, (this.#unanswered.get(name) ?? 0) + 1);
      return;
    }
    if (message.type === 'AppendEntries') {
      this.#receiveEntries(id, message, told ?? 0, before, after, effects);
      return;
    }
    if (this.#untold.get(key)) return;
    const msg = this.#messageOf(message);
    this.#tell(name, id, { msg });
    if (message.type !== 'AppendEntriesResponse' || !message.success) return;
    const match = matchKey(id, from, message.term);
    this.#matches.set(match, Math.max(this.#matches.get(match) ?? 0, msg.index));
  }

  /** Of what is committed the specification looks at nothing, and acknowledges it all; so only what goes further arrives, if anything does. */
  #receiveEntries(
    id: NodeId,
    message: AppendEntries,
    told: LogIndex,
    before: StateSummary,
    after: StateSummary,
    effects: readonly Effect[],
  ): void {
    const node = this.#at(id);
    const parts = appendParts(
      message,
      message.entries.map(({ term }) => term),
    ).filter(({ index }) => index >= told);
    const isAccepted = accepts(effects);
    if (parts.length === 0) {
      const answer = answerTo(message, effects);
      if (answer !== undefined) this.#untold.set(keyOf(answer), true);
      return;
    }
    const news = parts.filter(({ index }) => index >= before.commitIndex);
    const arriving = !isAccepted ? parts.slice(0, 1) : news.length > 0 ? news : parts.slice(-1);
    node.late = isAccepted && news.length === 0 ? before.commitIndex : null;
    const firstNew = effects
      .flatMap((each) => (each.type === 'persist' ? each.params : []))
      .find(({ entries }) => entries.length > 0)?.firstIndex;
    for (const msg of arriving) {
      this.#tell('ReceiveAppendEntriesRequest', id, { msg });
      if (!isAccepted) continue;
      const lastIndex = msg.index + msg.entries;
      node.state = {
        ...node.state,
        state: after.state,
        term: after.term,
        votedFor: after.votedFor,
        lastIndex: firstNew === undefined || lastIndex < firstNew ? before.lastIndex : lastIndex,
        commitIndex: Math.max(before.commitIndex, Math.min(msg.commit, lastIndex)),
      };
    }
  }

  /** An acknowledgement as the specification computes its index. */
  #messageOf(message: Message): EtcdMessage {
    const known = messageOf(message);
    if (message.type !== 'AppendEntriesResponse' || !message.success) return known;
    const key = keyOf(message);
    const late = this.#nodes.get(message.from)?.late ?? null;
    const index = this.#acknowledged.get(key) ?? late;
    if (index === null) return known;
    this.#acknowledged.set(key, index);
    return { ...known, index };
  }

  #persist(id: NodeId, { entries, lastIndex, currentTerm }: Persist, role: EtcdRole): void {
    const node = this.#at(id);
    if (entries.some(({ kind }) => kind === 'configuration')) throw membersChange(id);
    const [from, to] = [idOf(id), idOf(id)];
    if (role !== 'StateLeader' || entries.length === 0) {
      const isOwnVote = role === 'StateCandidate' && node.state.votedFor === id;
      node.own.push(isOwnVote ? { ...noMessage, type: 'MsgVoteResp', term: currentTerm, from, to } : null);
      node.state = { ...node.state, lastIndex };
      return;
    }
    for (const _ of entries) {
      this.#tell('Replicate', id);
      node.state = { ...node.state, lastIndex: node.state.lastIndex + 1 };
    }
    const own: EtcdMessage = {
      ...noMessage,
      type: 'MsgAppResp',
      term: currentTerm,
      from,
      to,
      index: lastIndex,
    };
    node.own.push(own);
    this.#send(id, own);
  }

  #answer(id: NodeId, message: Message): void {
    const key = keyOf(message);
    if (nameOfReceipt(message) === null || this.#untold.get(key) || this.#at(id).unsaid === key) return;
    this.#send(id, this.#messageOf(message));
  }

  /** A write is durable: the node hears from itself, if that still matters. */
  #ownMessage(id: NodeId): void {
    const node = this.#at(id);
    const own = node.own.shift() ?? null;
    if (own === null || own.term !== node.state.term) return;
    const role = roleOf(node.state);
    if (role !== (own.type === 'MsgVoteResp' ? 'StateCandidate' : 'StateLeader')) return;
    if (node.hasPending) this.#ready(id);
    this.#tell(
      own.type === 'MsgVoteResp' ? 'ReceiveRequestVoteResponse' : 'ReceiveAppendEntriesResponse',
      id,
      {
        msg: own,
      },
    );
  }

  #send(id: NodeId, msg: EtcdMessage): void {
    this.#at(id).hasPending = true;
    this.#tell(sendNames[msg.type], id, { msg });
  }

  /** A message leaves: whatever the node has sent until now may arrive. */
  #left(message: Message): void {
    const { from } = message;
    const node = this.#nodes.get(from);
    if (node === undefined || nameOfReceipt(message) === null) {
      if (node !== undefined && message.type === 'InstallSnapshot' && message.done) {
        this.#send(from, messageOf(message));
        this.#ready(from);
      }
      return;
    }
    const key = keyOf(message);
    const unanswered = this.#unanswered.get(key) ?? 0;
    if (unanswered > 0) {
      if (unanswered > 1) this.#unanswered.set(key, unanswered - 1);
      else this.#unanswered.delete(key);
      return;
    }
    const told = message.type === 'AppendEntries' ? this.#matched(from, message.to, message.term) : 0;
    this.#open.set(key, [...(this.#open.get(key) ?? []), told].slice(-mostAlike));
    this.#ready(from);
  }

  #matched(leader: NodeId, follower: NodeId, term: Term): LogIndex {
    return this.#matches.get(matchKey(leader, follower, term)) ?? 0;
  }

  #ready(id: NodeId): void {
    this.#at(id).hasPending = false;
    this.#tell('Ready', id);
  }

  #tell(name: string, id: NodeId, more: Pick<EtcdEvent, 'msg' | 'prop'> = {}): void {
    const { state, voters } = this.#at(id);
    this.#lines.push({
      tag: 'trace',
      event: {
        name,
        nid: idOf(id),
        state: { term: state.term, vote: idOf(state.votedFor), commit: state.commitIndex },
        role: roleOf(state),
        log: state.lastIndex,
        conf: [voters.map(idOf), []],
        ...more,
      },
    });
  }

  #at(id: NodeId): Told {
    const node = this.#nodes.get(id);
    if (node === undefined)
      throw new NotExpressible(`the trace does not tell how ${nodeName(id)} has started`);
    return node;
  }
}

const membersChange = (id: NodeId): NotExpressible =>
  new NotExpressible(
    `${nodeName(id)} has other members than at first: etcd's specification changes them when the change is applied, this chart when it is in the log`,
  );

const receiveNames: Partial<Readonly<Record<Message['type'], string>>> = {
  RequestVote: 'ReceiveRequestVoteRequest',
  RequestVoteResponse: 'ReceiveRequestVoteResponse',
  AppendEntries: 'ReceiveAppendEntriesRequest',
  AppendEntriesResponse: 'ReceiveAppendEntriesResponse',
};

/** The specification's name for the arrival of `message`; null: it has no such message. */
const nameOfReceipt = (message: Message): string | null =>
  isEarly(message) ? null : (receiveNames[message.type] ?? null);

const sendNames: Readonly<Record<EtcdMessage['type'], string>> = {
  MsgVote: 'SendRequestVoteRequest',
  MsgVoteResp: 'SendRequestVoteResponse',
  MsgApp: 'SendAppendEntriesRequest',
  MsgAppResp: 'SendAppendEntriesResponse',
  MsgSnap: 'SendAppendEntriesRequest',
};

/** Whether this is what comes of entries that a follower takes. */
const accepts = (effects: readonly Effect[]): boolean =>
  effects.some(
    ({ type, params }) =>
      (type === 'persist' && params.entries.length > 0) ||
      (type === 'send' && params.message.type === 'AppendEntriesResponse' && params.message.success),
  );

const answerTo = ({ from }: Message, effects: readonly Effect[]): Message | undefined =>
  effects.flatMap((each) => (each.type === 'send' ? each.params.message : [])).find(({ to }) => to === from);

/** What an effect shows of the state that a step has led to. */
const afterEffect = (state: StateSummary, { type, params }: Effect, id: NodeId): StateSummary => {
  switch (type) {
    case 'persist': {
      const { currentTerm: term, votedFor, lastIndex } = params;
      const newRole = votedFor === id ? 'candidate' : 'follower.unleased';
      return { ...state, term, votedFor, lastIndex, state: term > state.term ? newRole : state.state };
    }
    case 'replicate':
      return { ...state, state: 'leader' };
    default:
      return state;
  }
};

/** The specification has no pre-vote: who asks for one still follows. */
const roleOf = ({ state }: StateSummary): EtcdRole => {
  switch (topOf(state)) {
    case 'leader':
      return 'StateLeader';
    case 'candidate':
      return 'StateCandidate';
    default:
      return 'StateFollower';
  }
};

const idOf = (id: NodeId | null): string => `${id ?? 0}`;

const noMessage = { entries: 0, logTerm: 0, index: 0, commit: 0, vote: '0', reject: false, rejectHint: 0 };

const messageOf = (message: Message): EtcdMessage => {
  const { term } = message;
  const ends = { ...noMessage, term, from: idOf(message.from), to: idOf(message.to) };
  switch (message.type) {
    case 'RequestVote':
      return { ...ends, type: 'MsgVote', logTerm: message.lastLogTerm, index: message.lastLogIndex };
    case 'RequestVoteResponse':
      return { ...ends, type: 'MsgVoteResp', reject: !message.voteGranted };
    case 'AppendEntriesResponse':
      return {
        ...ends,
        type: 'MsgAppResp',
        index: message.success ? message.matchIndex : 0,
        reject: !message.success,
      };
    case 'InstallSnapshot':
      return { ...ends, type: 'MsgSnap', entries: message.lastIncludedIndex };
    default:
      throw new NotExpressible(`etcd's specification has no ${message.type}`);
  }
};

/**
 * As one message for each entry, as the specification's own comment on them allows: of a longer one that begins with what is committed, it would take nothing.
 * Raft paper §5.3.
 */
const appendParts = (
  {
    from,
    to,
    term,
    prevLogIndex,
    prevLogTerm,
    leaderCommit,
  }: Pick<AppendEntries, 'from' | 'to' | 'term' | 'prevLogIndex' | 'prevLogTerm' | 'leaderCommit'>,
  terms: readonly Term[],
): readonly EtcdMessage[] =>
  Array.from({ length: Math.max(1, terms.length) }, (_, at) => {
    const index = prevLogIndex + at;
    const entries = Math.min(1, terms.length);
    return {
      ...noMessage,
      type: 'MsgApp',
      term,
      from: idOf(from),
      to: idOf(to),
      entries,
      logTerm: at === 0 ? prevLogTerm : terms[at - 1]!,
      index,
      commit: Math.min(leaderCommit, index + entries),
    };
  });

const termsOf = (runs: Replicate['runs'], lastIndex: LogIndex): readonly Term[] =>
  runs.flatMap(({ term, firstIndex }, at) => {
    const end = runs[at + 1]?.firstIndex ?? lastIndex + 1;
    return Array.from({ length: end - firstIndex }, () => term);
  });

const matchKey = (leader: NodeId, follower: NodeId, term: Term): string => `${leader} ${follower} ${term}`;

const keyOf = (message: Message): string =>
  JSON.stringify(
    message.type === 'AppendEntries' ? { ...message, entries: message.entries.length } : message,
    Object.keys(message).sort(),
  );

const isSame = (a: StateSummary, b: StateSummary): boolean =>
  a.term === b.term &&
  a.votedFor === b.votedFor &&
  a.commitIndex === b.commitIndex &&
  a.lastIndex === b.lastIndex &&
  a.state === b.state;
