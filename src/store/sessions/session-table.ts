import { assert } from '../../raft/assert.ts';
import type { LogIndex, Term } from '../../raft/types.ts';
import { type LogTime, logStart, logTimeAfter } from '../log-time.ts';
import type { CommandKey } from './envelope.ts';
import type { SessionLimits } from './limits.ts';

/** What became of one command. */
export interface RememberedAnswer {
  /** Within the session; 0 for an idempotency key. */
  readonly sequence: number;
  /** Of the command. */
  readonly digest: number;
  readonly index: LogIndex;
  readonly term: Term;
  /** Encoded. */
  readonly result: Uint8Array;
}

/** A session, or one idempotency key. */
export interface Session {
  readonly id: string;
  /** In log time. */
  usedMs: number;
  /** The client has the answers up to this command: they are forgotten. */
  received: number;
  /** To later commands, in the order in which these were applied. */
  answers: RememberedAnswer[];
  /** Which watch of the table has been told of a change of it, or need not be. */
  toldIn: number;
}

/** Why a command was not applied. */
export type Refusal =
  /** This key was used for another command. */
  | { readonly type: 'keyReused' }
  /** It was applied once, and the client has said that it has the answer. */
  | { readonly type: 'answerForgotten' }
  /** Its session is not known any more, or never was: whether the command was applied is not known either. */
  | { readonly type: 'sessionExpired' }
  /** No room for another answer: neither this command nor, if it is the first, its session has left a trace. */
  | { readonly type: 'sessionsFull'; readonly of: 'sessions' | 'answers' | 'bytes' };

export type Judgement =
  | { readonly type: 'new' }
  | { readonly type: 'repeated'; readonly answer: RememberedAnswer }
  | Refusal;

const isNew: Judgement = { type: 'new' };
const keyReused: Judgement = { type: 'keyReused' };
const answerForgotten: Judgement = { type: 'answerForgotten' };
const sessionExpired: Judgement = { type: 'sessionExpired' };
const full = (of: 'sessions' | 'answers' | 'bytes'): Judgement => ({ type: 'sessionsFull', of });

/** About what an engine takes for the objects around these. */
const sessionBytes = 200;
const answerBytes = 120;

/** What two bytes of a snapshot can count. */
const mostAnswers = 0xffff;

/** So many are forgotten per command at most: a thousand that expire at once must not hold up heartbeats. */
const expiredPerCommand = 64;

/**
 * Which commands were applied, and with what result: what makes a retried command take effect once. Thesis §6.3. A function of the
 * commands in the log alone, so that it is the same on every node.
 *
 * What a client can do, all told: a session that was forgotten is never opened again by one of its later commands, and not by its
 * first either once that is older than half of `ttlMs`, by the client's own clock. A node's clock has no say in this; the other half
 * is the margin for clocks that disagree when the leader changes.
 */
export class SessionTable {
  readonly #limits: SessionLimits;
  /** By id, those unused for longest first. */
  #sessions = new Map<string, Session>();
  #time: LogTime = logStart;
  #bytes = 0;
  #beforeChange: ((session: Session) => void) | null = null;
  #watches = 0;

  constructor(limits: SessionLimits) {
    for (const [name, limit] of Object.entries(limits)) {
      if (!(Number.isInteger(limit) && limit > 0))
        throw new RangeError(`${name} is a whole number above 0: ${limit}`);
    }
    if (limits.maxAnswersPerSession > mostAnswers) {
      throw new RangeError(`maxAnswersPerSession is at most ${mostAnswers}: ${limits.maxAnswersPerSession}`);
    }
    this.#limits = limits;
  }

  get time(): LogTime {
    return this.#time;
  }

  /** Sessions and idempotency keys. */
  get size(): number {
    return this.#sessions.size;
  }

  /** What it takes in memory, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Those unused for longest first. */
  get sessions(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** Lets the log's time pass up to a command stamped `stampMs`, and forgets what has expired by then. */
  pass(stampMs: number): void {
    this.#time = logTimeAfter(this.#time, stampMs, Math.ceil(this.#limits.ttlMs / 60));
    let left = expiredPerCommand;
    for (const session of this.#sessions.values()) {
      if (left-- === 0 || !this.#isExpired(session)) return;
      this.#forget(session);
    }
  }

  /** What is to be done with a command of `key`, sent `ageMs` ago for the first time. One that is new must be applied and remembered. */
  judge(key: CommandKey, digest: number, ageMs: number): Judgement {
    const session = this.#find(key);
    if (session === null) {
      // Whoever numbers a command 2 had a session; and an old command may have been applied in one that is forgotten.
      const isLate = (key.type === 'session' && key.sequence > 1) || ageMs >= this.#limits.ttlMs / 2;
      if (isLate) return sessionExpired;
      if (this.#sessions.size >= this.#limits.maxSessions) return full('sessions');
      return this.#isFull ? full('bytes') : isNew;
    }
    this.#use(session);
    const sequence = sequenceOf(key);
    if (key.type === 'session') {
      this.#dropReceived(session, key.received);
      if (sequence <= session.received) return answerForgotten;
    }
    const answer = session.answers.find((each) => each.sequence === sequence);
    if (answer !== undefined) return answer.digest === digest ? { type: 'repeated', answer } : keyReused;
    if (session.answers.length >= this.#limits.maxAnswersPerSession) return full('answers');
    return this.#isFull ? full('bytes') : isNew;
  }

  /** A command that was judged to be new was applied. */
  remember(key: CommandKey, answer: Omit<RememberedAnswer, 'sequence'>): void {
    const session = this.#find(key) ?? this.#open(key);
    this.#changes(session);
    session.answers.push({ sequence: sequenceOf(key), ...answer });
    this.#bytes += answerBytes + answer.result.length;
  }

  /**
   * Forgets everything and takes over these, by id and those unused for longest first, with the sum of their sizes. At once, however many there are; a watch
   * is not told, since those that are forgotten change no more.
   */
  replace(time: LogTime, sessions: Map<string, Session>, bytes: number): void {
    this.#time = time;
    this.#sessions = sessions;
    this.#bytes = bytes;
  }

  /**
   * Calls `listener` before the first change of each session, unless it was `excused` before, until the function that is returned is
   * called. One watch at a time.
   */
  watch(listener: (session: Session) => void): () => void {
    assert(this.#beforeChange === null, 'a table of sessions is watched once at a time', this.#watches);
    this.#watches++;
    this.#beforeChange = listener;
    return () => {
      if (this.#beforeChange === listener) this.#beforeChange = null;
    };
  }

  /** The watch need not be told of changes of `session` any more. */
  excuse(session: Session): void {
    session.toldIn = this.#watches;
  }

  get #isFull(): boolean {
    return this.#bytes >= this.#limits.maxBytes;
  }

  #isExpired(session: Session): boolean {
    return this.#time.nowMs - session.usedMs > this.#limits.ttlMs;
  }

  /** One that has expired may still be there for a while, and is none. */
  #find(key: CommandKey): Session | null {
    const session = this.#sessions.get(idOf(key));
    if (session === undefined) return null;
    if (!this.#isExpired(session)) return session;
    this.#forget(session);
    return null;
  }

  #open(key: CommandKey): Session {
    const received = key.type === 'session' ? key.received : 0;
    const session = { id: idOf(key), usedMs: this.#time.nowMs, received, answers: [], toldIn: this.#watches };
    this.#sessions.set(session.id, session);
    this.#bytes += sizeOf(session);
    return session;
  }

  #use(session: Session): void {
    this.#changes(session);
    session.usedMs = this.#time.nowMs;
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
  }

  #dropReceived(session: Session, received: number): void {
    if (received <= session.received) return;
    const before = sizeOf(session);
    session.received = received;
    session.answers = session.answers.filter(({ sequence }) => sequence > received);
    this.#bytes += sizeOf(session) - before;
  }

  #forget(session: Session): void {
    this.#changes(session);
    this.#sessions.delete(session.id);
    this.#bytes -= sizeOf(session);
  }

  #changes(session: Session): void {
    if (this.#beforeChange === null || session.toldIn === this.#watches) return;
    session.toldIn = this.#watches;
    this.#beforeChange(session);
  }
}

/** The two kinds of name do not meet. */
const idOf = (key: CommandKey): string => (key.type === 'session' ? `s${key.session}` : `k${key.name}`);

const sequenceOf = (key: CommandKey): number => (key.type === 'session' ? key.sequence : 0);

/** What it takes in memory, about. */
export const sizeOf = ({ id, answers }: Session): number =>
  answers.reduce((sum, { result }) => sum + answerBytes + result.length, sessionBytes + id.length);
