import * as v from 'valibot';
import type { NodeId } from '../../raft/types.ts';
import type { Dispensable } from '../paths/chart-without.ts';
import { countSchema } from '../paths/path-schema.ts';
import {
  mostEntries,
  type ObservedEvent,
  type ObservedHabits,
  type ObservedMessage,
  type ObservedRole,
  type ObservedState,
} from './observed-event.ts';

const idSchema = v.pipe(v.string(), v.regex(/^\d{1,20}$/, 'Invalid id: expected a decimal number as text'));

const messageTypes = [
  'MsgVote',
  'MsgVoteResp',
  'MsgApp',
  'MsgAppResp',
  'MsgHeartbeat',
  'MsgHeartbeatResp',
  'MsgSnap',
] as const;

const messageSchema = v.object({
  type: v.picklist(messageTypes),
  term: countSchema,
  from: idSchema,
  to: idSchema,
  entries: countSchema,
  logTerm: countSchema,
  index: countSchema,
  commit: countSchema,
  reject: v.boolean(),
});

const messageNames = [
  'SendAppendEntriesRequest',
  'ReceiveAppendEntriesRequest',
  'SendAppendEntriesResponse',
  'ReceiveAppendEntriesResponse',
  'SendRequestVoteRequest',
  'ReceiveRequestVoteRequest',
  'SendRequestVoteResponse',
  'ReceiveRequestVoteResponse',
  'SendSnapshot',
  'ReceiveSnapshot',
] as const;

const common = {
  nid: idSchema,
  state: v.object({ term: countSchema, vote: idSchema, commit: countSchema }),
  role: v.picklist(['StateFollower', 'StateCandidate', 'StateLeader', 'StatePreCandidate']),
  log: countSchema,
  conf: v.pipe(v.array(v.array(idSchema)), v.minLength(1), v.maxLength(2)),
  prop: v.exactOptional(v.unknown()),
};

const eventSchema = v.union([
  v.object({ ...common, name: v.picklist(messageNames), msg: messageSchema }),
  v.object({
    ...common,
    name: v.pipe(
      v.string(),
      v.check((name) => !isMessageName(name), 'Invalid event: it has no msg'),
    ),
  }),
]);

const isMessageName = (name: string): boolean => (messageNames as readonly string[]).includes(name);

type EtcdEvent = v.InferOutput<typeof eventSchema>;

/** What a line of etcd's comes to: events, or the name of one that the chart has no equal for. */
export type Told = { readonly events: readonly ObservedEvent[] } | { readonly skipped: string };

/** A line that cannot be read; `message` goes on after `file:line: `. */
export class UnreadableLine extends Error {
  override readonly name = 'UnreadableLine';
}

/** The nodes that etcd's ids name. An id may have 64 bits, more than a number holds exactly: for such a one stands the next number that names no other node. */
export class EtcdIds {
  readonly #nodes = new Map<string, NodeId>();
  readonly #large = new Map<NodeId, string>();
  readonly #small = new Set<NodeId>();
  #next = 1;

  /** What each number stands for that is not an id itself. */
  get large(): ReadonlyMap<NodeId, string> {
    return this.#large;
  }

  /** Throws `UnreadableLine`. */
  of(text: string): NodeId {
    const known = this.#nodes.get(text);
    if (known !== undefined) return known;
    const id = Number.isSafeInteger(Number(text)) ? Number(text) : this.#numberFor(text);
    const other = this.#large.get(id);
    if (other !== undefined && other !== text)
      throw new UnreadableLine(
        `event: Invalid ids: ${id} is one, and has come to stand for ${other}, which is too large for a number`,
      );
    if (other === undefined) this.#small.add(id);
    this.#nodes.set(text, id);
    return id;
  }

  #numberFor(text: string): NodeId {
    while (this.#small.has(this.#next)) this.#next++;
    this.#large.set(this.#next, text);
    return this.#next++;
  }
}

/** Reads the lines of one trace as etcd's `state_trace.go` writes them, and as `EtcdTrace` does. docs/traces-of-others.md */
export class EtcdLines {
  /** Nodes without any members yet: what is told of them is how they came to be set up. */
  readonly #beginning = new Map<string, EtcdEvent>();
  readonly #ids: EtcdIds;

  constructor(ids: EtcdIds = new EtcdIds()) {
    this.#ids = ids;
  }

  /** Whether an object is a line of this format. */
  static is(line: unknown): boolean {
    const { tag, event } = (line ?? {}) as { readonly tag?: unknown; readonly event?: unknown };
    return tag === 'trace' && typeof event === 'object' && event !== null;
  }

  /** Throws `UnreadableLine`. */
  take(line: unknown): Told {
    if (!EtcdLines.is(line)) return { skipped: 'other lines' };
    const parsed = v.safeParse(eventSchema, (line as { readonly event: unknown }).event);
    if (!parsed.success) throw new UnreadableLine(issueText(parsed.issues[0], 'event'));
    const event = parsed.output;
    const { nid, name, conf } = event;
    const beginning = this.#beginning.get(nid);
    if (name === 'InitState' && (conf[0] ?? []).length === 0) {
      this.#beginning.set(nid, event);
      return { events: [] };
    }
    if (beginning === undefined) return this.#events(event);
    if (name === 'BecomeFollower' || name === 'ApplyConfChange') {
      this.#beginning.set(nid, event);
      return { events: [] };
    }
    this.#beginning.delete(nid);
    if (beginning.log > mostEntries)
      throw new UnreadableLine(`event.log: Invalid log: node ${nid} begins with ${beginning.log} entries`);
    // The members that it was set up with stand in its log, in term 1.
    const terms = Array.from({ length: beginning.log }, () => 1);
    const started = {
      ...observed(name === 'Bootstrap' ? event : beginning, this.#ids),
      what: 'started' as const,
      when: 'after' as const,
    };
    const first: ObservedEvent = { ...started, state: { ...started.state, log: terms } };
    if (name === 'Bootstrap') return { events: [first] };
    const rest = this.#events(event);
    return { events: [first, ...('events' in rest ? rest.events : [])] };
  }

  #events(event: EtcdEvent): Told {
    const all = observed(event, this.#ids);
    const { name, state } = event;
    switch (name) {
      case 'InitState':
        return { events: [{ ...all, what: 'started', when: 'after' }] };
      case 'BecomeCandidate':
        return { events: [{ ...all, what: 'timeout', when: 'after', turn: 'role' }] };
      case 'BecomeFollower':
        return { events: [{ ...withoutVoteOfNobody(all), what: 'state', when: 'during' }] };
      case 'BecomeLeader':
        return { events: [{ ...all, what: 'state', when: 'during', turn: 'role' }] };
      case 'Commit':
        return { events: [{ ...all, what: 'state', when: 'after', turn: 'commit' }] };
      case 'Ready':
        // It persists and sends together.
        return {
          events: [
            { ...all, what: 'state', when: 'after' },
            { node: all.node, what: 'durable', when: 'after' },
          ],
        };
      case 'Replicate':
      case 'ChangeConf': {
        // Of several entries each is told before the first of them is appended.
        const { lastIndex: _, ...rest } = all.state!;
        return { events: [{ ...all, state: rest, what: 'proposed', when: 'before', isAppended: true }] };
      }
      case 'Persist': {
        const durable = v.safeParse(durableSchema, event);
        if (!durable.success) throw new UnreadableLine(issueText(durable.issues[0], 'event'));
        const { term, vote, log } = durable.output.prop.durable;
        return {
          events: [
            { ...all, what: 'state', when: 'after' },
            {
              node: all.node,
              what: 'durable',
              when: 'after',
              state: { term, votedFor: voteOf(vote, this.#ids), lastIndex: log },
            },
          ],
        };
      }
      case 'AdoptTerm': {
        const other = all.voters?.find((id) => id !== all.node) ?? all.node + 1;
        const message: ObservedMessage = {
          type: 'PreVoteResponse',
          from: other,
          to: all.node,
          term: state.term,
          voteGranted: false,
        };
        return {
          events: [
            { node: all.node, what: 'received', when: 'after', message, isUnseen: true },
            { ...all, what: 'state', when: 'after' },
          ],
        };
      }
      default:
    }
    if (!('msg' in event)) return { skipped: name };
    const message = messageOf(event.msg, this.#ids);
    if (name.startsWith('Receive')) {
      if (message.to !== all.node)
        throw new UnreadableLine(`event.msg.to: Invalid node: expected ${all.node}, got ${message.to}`);
      return { events: [{ ...all, what: 'received', when: 'before', message }] };
    }
    if (message.from !== all.node)
      throw new UnreadableLine(`event.msg.from: Invalid node: expected ${all.node}, got ${message.from}`);
    // A vote is told before it is noted.
    const isVote = message.type === 'RequestVoteResponse' && message.from !== message.to;
    return {
      events: [{ ...(isVote ? withoutVoteOfNobody(all) : all), what: 'sent', when: 'during', message }],
    };
  }
}

const durableSchema = v.object({
  prop: v.object({ durable: v.object({ term: countSchema, vote: idSchema, log: countSchema }) }),
});

/** What is wrong where, in one line; `whole`: the name of the value as a whole, or empty. */
export const issueText = (issue: v.BaseIssue<unknown>, whole: string): string => {
  const inner = issue.issues?.find(({ path }) => path !== undefined);
  const path = [whole, v.getDotPath(inner ?? issue) ?? ''].filter(Boolean).join('.');
  const { message } = inner ?? issue;
  return path === '' ? message : `${path}: ${message}`;
};

const observed = (
  { nid, state, role, log, conf }: EtcdEvent,
  ids: EtcdIds,
): Omit<ObservedEvent, 'what' | 'when'> => {
  const told: ObservedState = {
    role: roles[role],
    term: state.term,
    votedFor: voteOf(state.vote, ids),
    commitIndex: state.commit,
    lastIndex: log,
  };
  const [voters = [], outgoing = []] = conf.map((each) => each.map((id) => ids.of(id)).sort((a, b) => a - b));
  return { node: ids.of(nid), state: told, voters, outgoing };
};

const withoutVoteOfNobody = (
  event: Omit<ObservedEvent, 'what' | 'when'>,
): Omit<ObservedEvent, 'what' | 'when'> => {
  const { votedFor, ...rest } = event.state!;
  return votedFor === null ? { ...event, state: rest } : event;
};

const roles: Readonly<Record<EtcdEvent['role'], ObservedRole>> = {
  StateFollower: 'follower',
  StatePreCandidate: 'preCandidate',
  StateCandidate: 'candidate',
  StateLeader: 'leader',
};

const voteOf = (id: string, ids: EtcdIds): NodeId | null => (Number(id) === 0 ? null : ids.of(id));

const messageOf = (msg: v.InferOutput<typeof messageSchema>, ids: EtcdIds): ObservedMessage => {
  const { term, index, logTerm, entries, commit, reject } = msg;
  const ends = { from: ids.of(msg.from), to: ids.of(msg.to), term };
  switch (msg.type) {
    case 'MsgVote':
      return { ...ends, type: 'RequestVote', lastLogIndex: index, lastLogTerm: logTerm };
    case 'MsgVoteResp':
      return { ...ends, type: 'RequestVoteResponse', voteGranted: !reject };
    case 'MsgApp':
      return {
        ...ends,
        type: 'AppendEntries',
        prevLogIndex: index,
        prevLogTerm: logTerm,
        entries,
        leaderCommit: commit,
      };
    case 'MsgAppResp':
      return {
        ...ends,
        type: 'AppendEntriesResponse',
        success: !reject,
        ...(reject ? {} : { matchIndex: index }),
      };
    case 'MsgHeartbeat':
      return { ...ends, type: 'AppendEntries', isHeartbeat: true, entries: 0, leaderCommit: commit };
    case 'MsgHeartbeatResp':
      return { ...ends, type: 'AppendEntriesResponse', isHeartbeat: true, success: !reject };
    case 'MsgSnap':
      return { ...ends, type: 'InstallSnapshot', lastIncludedIndex: entries };
  }
};

/** What etcd lacks of the chart, or does not tell: neither pre-votes nor when a lease ends; the entry that opens a term is told as a proposal. */
export const etcdLacks: readonly Dispensable[] = ['preVote', 'leaderLease', 'leaseEnd', 'noop'];

export const etcdHabits: ObservedHabits = {
  mayIgnoreVotes: true,
  acknowledgesCommitted: true,
  queuesSends: true,
  tellsTurns: true,
};
