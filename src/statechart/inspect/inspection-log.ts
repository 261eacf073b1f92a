import { type KnownActor, KnownProgram, noSuchActor, type SendingFault } from './known-program.ts';
import type { ActorEvent, ActorNews, ActorSnapshot, SentEvent } from './news.ts';
import { NewsStore, type StoredNews, type StoreLimits, type Unnumbered } from './news-store.ts';
import { plainSnapshot } from './plain-snapshot.ts';
import { type PlainLimits, plainLimits, plainValue } from './plain-value.ts';
import type {
  ActorMessage,
  EventMessage,
  HelloMessage,
  ProgramMessage,
  RefusedMessage,
  SentSnapshot,
  SnapshotMessage,
} from './protocol.ts';

export interface LogLimits extends StoreLimits {
  /** Of one program. */
  readonly actors: number;
  /** Of programs that are gone, how many are still shown. */
  readonly gonePrograms: number;
  /** Of contexts, events and the like. */
  readonly plain: PlainLimits;
}

const defaultLimits: LogLimits = {
  news: 20_000,
  characters: 64 * 1024 * 1024,
  actors: 5000,
  gonePrograms: 10,
  plain: { ...plainLimits, depth: 32 },
};

export interface LogParts {
  readonly nowMs: () => number;
  /** The chart of a definition that a program sent, by its name on the page, or why there is none. */
  readonly chartOf: (definition: string, program: number) => Pick<ActorNews, 'chart' | 'problem'>;
  readonly limits?: Partial<LogLimits>;
}

/** News before the log says when it was. */
type Untimed = Unnumbered extends infer Each ? (Each extends Unnumbered ? Omit<Each, 'atMs'> : never) : never;

/**
 * What inspected programs have told, as news for the page. The oldest news go when there are too many; of each actor the newest registration
 * and snapshot stay, and what is said of its program, so that whoever reads late knows all actors.
 */
export class InspectionLog {
  readonly #parts: LogParts;
  readonly #limits: LogLimits;
  readonly #news: NewsStore;
  readonly #programs = new Map<number, KnownProgram>();
  readonly #listeners = new Set<() => void>();
  #connections = 0;

  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#limits = { ...defaultLimits, ...parts.limits };
    this.#news = new NewsStore(this.#limits);
  }

  /** The number of the newest piece of news; 0 for none. */
  get newest(): number {
    return this.#news.newest;
  }

  /** The news after this number, in order, at most `most`; those that are gone are missing. */
  after(number: number, most?: number): readonly StoredNews[] {
    return this.#news.after(number, most);
  }

  /** Whether `after` has everything that came after this number. */
  isWholeAfter(number: number): boolean {
    return this.#news.isWholeAfter(number);
  }

  /** Calls `listener`, which must not throw, whenever there is news. Returns what ends that. */
  follow(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A program has connected; returns its number. */
  connect(): number {
    this.#connections += 1;
    const number = this.#connections;
    const program = new KnownProgram(number);
    this.#programs.set(number, program);
    this.#tellProgram(program);
    return number;
  }

  /** It is gone; its actors stay as they were. */
  disconnect(number: number): void {
    const program = this.#programs.get(number);
    if (program === undefined || !program.isConnected) return;
    program.isConnected = false;
    // Behind those that went before it.
    this.#programs.delete(number);
    this.#programs.set(number, program);
    this.#tellProgram(program);
    const gone = [...this.#programs.values()].filter(({ isConnected }) => !isConnected);
    for (const each of gone.slice(0, -this.#limits.gonePrograms)) this.#forget(each);
  }

  /** What a program has sent. Returns its number from now on, which is another one if it says that it was connected before. */
  receive(number: number, message: ProgramMessage): number | RefusedMessage {
    const program = this.#programs.get(number);
    if (program === undefined) return { problem: 'its program is not connected' };
    switch (message.type) {
      case '@raftchart.hello':
        return this.#greet(program, message);
      case '@xstate.actor':
        return this.#register(program, message) ?? number;
      case '@xstate.event':
        return this.#tellEvent(program, message) ?? number;
      case '@xstate.snapshot':
        return this.#tellSnapshot(program, message) ?? number;
    }
  }

  nameOf(number: number): string {
    return this.#programs.get(number)?.name ?? `program ${number}`;
  }

  /** Tells of the actors of a chart again, which is there only now; with a problem, that it is not there after all. */
  retellChart(chart: string, problem: string | null): void {
    for (const program of this.#programs.values()) {
      for (const actor of program.actors.values()) {
        if (actor.chart !== chart) continue;
        const snapshot = this.#newestSnapshot(program, actor);
        this.#tellActor(program, problem === null ? actor : { ...actor, chart: null, problem }, snapshot);
      }
    }
  }

  /** Why an event cannot be sent to this actor; null where it can. */
  sendingFault({ program: number, actor }: SentEvent): SendingFault | null {
    const program = this.#programs.get(number);
    return program === undefined ? noSuchActor(number, actor) : program.sendingFault(actor);
  }

  #greet(program: KnownProgram, message: HelloMessage): number {
    const { instance } = message;
    const before = [...this.#programs.values()].find(
      (each) => instance !== null && each.instance === instance && !each.isConnected,
    );
    if (before === undefined || program.actors.size > 0) {
      program.introduce(message);
      this.#tellProgram(program);
      return program.number;
    }
    this.#forget(program);
    before.introduce(message);
    before.isConnected = true;
    this.#tellProgram(before);
    return before.number;
  }

  #register(program: KnownProgram, message: ActorMessage): RefusedMessage | null {
    const { sessionId, parentId, name, definition, snapshot } = message;
    const chart =
      definition === null ? { chart: null, problem: null } : this.#parts.chartOf(definition, program.number);
    if (!this.#hasRoom(program, sessionId)) return tooManyActors(program, this.#limits.actors);
    const known = program.tellsPresent ? undefined : program.actors.get(sessionId);
    const now = known === undefined ? this.#snapshotOf(snapshot) : this.#newestSnapshot(program, known);
    this.#tellActor(program, { actor: sessionId, parent: parentId, name, ...chart }, now);
    if (program.isNamed || parentId !== null) return null;
    // Nothing else says which program it is.
    program.name = name;
    program.isNamed = true;
    this.#tellProgram(program);
    return null;
  }

  #tellEvent(program: KnownProgram, { sessionId, sourceId, event }: EventMessage): RefusedMessage | null {
    if (!this.#isKnown(program, sessionId)) return tooManyActors(program, this.#limits.actors);
    this.#add(null, {
      program: program.number,
      kind: 'event',
      actor: sessionId,
      source: sourceId,
      event: this.#eventOf(event),
    });
    return null;
  }

  #tellSnapshot(program: KnownProgram, message: SnapshotMessage): RefusedMessage | null {
    const { sessionId, event } = message;
    if (!this.#isKnown(program, sessionId)) return tooManyActors(program, this.#limits.actors);
    const snapshot = this.#snapshotOf(message.snapshot);
    program.actors.set(sessionId, { ...program.actors.get(sessionId)!, status: statusOf(snapshot) });
    this.#add(program.subject('snapshot', sessionId), {
      program: program.number,
      kind: 'snapshot',
      actor: sessionId,
      event: this.#eventOf(event),
      snapshot,
    });
    return null;
  }

  /** An actor of which only the registration is missing is shown without a chart: Stately's inspector drops what is too old when it connects. */
  #isKnown(program: KnownProgram, actor: string): boolean {
    if (program.actors.has(actor)) return true;
    if (!this.#hasRoom(program, actor)) return false;
    const problem = 'the program started it before it was connected: start raftchart view first';
    this.#tellActor(program, { actor, parent: null, name: actor, chart: null, problem }, {});
    return true;
  }

  /** Makes room by forgetting the actor that is not active any more and was registered first. */
  #hasRoom(program: KnownProgram, actor: string): boolean {
    const { actors } = program;
    if (actors.has(actor) || actors.size < this.#limits.actors) return true;
    const ended = program.firstEnded();
    if (ended === null) return false;
    actors.delete(ended);
    this.#news.release(program.subject('actor', ended));
    this.#news.release(program.subject('snapshot', ended));
    return true;
  }

  #tellProgram(program: KnownProgram): void {
    const { number, name, isConnected, takesEvents } = program;
    this.#add(program.subject('program'), {
      program: number,
      kind: 'program',
      name,
      isConnected,
      takesEvents,
    });
  }

  #tellActor(program: KnownProgram, told: Omit<KnownActor, 'status'>, snapshot: ActorSnapshot): void {
    const { actor, parent, name, chart, problem } = told;
    program.actors.set(actor, { actor, parent, name, chart, problem, status: statusOf(snapshot) });
    // It says the newest state itself.
    this.#news.release(program.subject('snapshot', actor));
    this.#add(program.subject('actor', actor), {
      program: program.number,
      kind: 'actor',
      actor,
      parent,
      name,
      chart,
      problem,
      snapshot,
    });
  }

  /** Of what is still kept. */
  #newestSnapshot(program: KnownProgram, { actor, status }: KnownActor): ActorSnapshot {
    const text =
      this.#news.lastWord(program.subject('snapshot', actor)) ??
      this.#news.lastWord(program.subject('actor', actor));
    return text === null ? { status } : (JSON.parse(text) as { readonly snapshot: ActorSnapshot }).snapshot;
  }

  #add(subject: string | null, news: Untimed): void {
    this.#news.add({ atMs: this.#parts.nowMs(), ...news }, subject);
    for (const tell of this.#listeners) tell();
  }

  #forget({ number }: KnownProgram): void {
    this.#programs.delete(number);
    this.#news.forget(number);
  }

  #eventOf(event: ActorEvent): ActorEvent {
    return plainValue(event, this.#limits.plain) as ActorEvent;
  }

  #snapshotOf(sent: SentSnapshot): ActorSnapshot {
    return plainSnapshot(sent, this.#limits.plain);
  }
}

const statusOf = ({ status = 'active' }: ActorSnapshot): string => status;

const tooManyActors = ({ name }: KnownProgram, most: number): RefusedMessage => ({
  problem: `${name} has more than ${most} actors`,
});
