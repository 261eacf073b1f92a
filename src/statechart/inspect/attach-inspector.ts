import type { AnyActorRef, InspectionEvent } from 'xstate';
import { EventSampler } from './event-sampler.ts';
import { InspectorSocket, type InspectorSocketTimes, patientTimer } from './inspector-socket.ts';
import { type HelloMessage, readSend } from './protocol.ts';
import { type MessageOptions, StatelyMessages } from './stately-messages.ts';

export interface AttachOptions extends Partial<MessageOptions> {
  /** `ws://…` or `wss://…`, as `parseInspectUrl` returns it. */
  readonly url: string;
  /** What the program is called. */
  readonly name: string;
  /** Events a second, besides those that change a state; null: all. */
  readonly maxEventsPerSecond: number | null;
  /** Whether the inspector may send events to the actors. */
  readonly takesEvents: boolean;
  /** Called with one line when the inspector comes and goes. Must not throw. */
  readonly tell?: (message: string) => void;
  readonly times?: InspectorSocketTimes;
}

export interface Inspector {
  /** For `inspect` of an actor system. Never throws, never waits. */
  readonly inspect: (event: InspectionEvent) => void;
  /** Ends the connection; a connected inspector keeps a program of Node.js alive. */
  readonly close: () => void;
}

/** Of a program that makes more and stops none, the oldest are no longer told to an inspector that comes late. */
const maxActors = 10_000;
const catchUpMs = 100;

/**
 * Sends what an actor system does to an inspector, by the protocol of `@statelyai/inspect`. On each connection all actors are told of
 * first, as they are then. An inspector that is missing, slow or broken costs events, never the program: a failure in here ends the inspection.
 */
export const attachInspector = (options: AttachOptions): Inspector => {
  const attached = new Attachment(options);
  return { inspect: (event) => attached.inspect(event), close: () => attached.close() };
};

class Attachment {
  readonly #options: AttachOptions;
  readonly #messages: StatelyMessages;
  readonly #sampler: EventSampler | null;
  readonly #socket: InspectorSocket;
  /** The same for all connections of this program. */
  readonly #instance = Math.random().toString(36).slice(2);
  /** By what they are called in messages: those that may still be active. */
  readonly #actors = new Map<string, AnyActorRef>();
  /** Made just now: they have no state yet. */
  #fresh: AnyActorRef[] = [];
  /** Of which something was not sent: their newest state will be. */
  readonly #behind = new Set<AnyActorRef>();
  #catchUp: ReturnType<typeof setTimeout> | null = null;
  #isBroken = false;

  constructor(options: AttachOptions) {
    this.#options = options;
    this.#messages = new StatelyMessages({ prefix: null, ...options });
    const { url, maxEventsPerSecond, tell = () => {}, times } = options;
    this.#sampler = maxEventsPerSecond === null ? null : new EventSampler(maxEventsPerSecond);
    this.#socket = new InspectorSocket({
      url,
      tell,
      ...(times === undefined ? {} : { times }),
      opened: () => this.#safely(() => this.#greet()),
      received: (text) => this.#safely(() => this.#receive(text)),
    });
  }

  inspect(event: InspectionEvent): void {
    this.#safely(() => this.#take(event));
  }

  close(): void {
    this.#isBroken = true;
    this.#socket.stop();
    if (this.#catchUp !== null) clearTimeout(this.#catchUp);
    this.#actors.clear();
    this.#behind.clear();
    this.#fresh = [];
  }

  #take(event: InspectionEvent): void {
    const actor = event.actorRef as AnyActorRef;
    if (event.type === '@xstate.actor') {
      this.#know(actor);
      return;
    }
    if (event.type !== '@xstate.event' && event.type !== '@xstate.snapshot') return;
    this.#tellFresh();
    if (this.#socket.isOpen) {
      for (const chosen of this.#sampler?.choose(event) ?? [event]) {
        if (chosen.type === '@xstate.event') this.#send(actor, () => this.#messages.event(chosen));
        if (chosen.type === '@xstate.snapshot') this.#send(actor, () => this.#messages.snapshot(chosen));
      }
    }
    if (event.type === '@xstate.snapshot' && !isActive(event.snapshot)) {
      this.#actors.delete(this.#messages.idOf(actor.sessionId));
      this.#sampler?.forget(actor.sessionId);
    }
  }

  #know(actor: AnyActorRef): void {
    this.#actors.set(this.#messages.idOf(actor.sessionId), actor);
    if (this.#actors.size > maxActors) this.#actors.delete(this.#actors.keys().next().value!);
    if (!this.#socket.isOpen) return;
    if (this.#fresh.length === 0) queueMicrotask(() => this.#safely(() => this.#tellFresh()));
    this.#fresh.push(actor);
  }

  #tellFresh(): void {
    if (this.#fresh.length === 0) return;
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const actor of fresh) this.#send(actor, () => this.#messages.actor(actor));
  }

  #greet(): void {
    const { name, takesEvents } = this.#options;
    const hello: HelloMessage = {
      type: '@raftchart.hello',
      name,
      takesEvents,
      instance: this.#instance,
      origin: null,
    };
    this.#socket.send(JSON.stringify(hello));
    this.#fresh = [];
    for (const actor of this.#actors.values()) this.#send(actor, () => this.#messages.actor(actor));
  }

  /** Only what this very inspector sends comes here: it was dialled. */
  #receive(text: string): void {
    const sent = this.#options.takesEvents ? readSend(text) : null;
    const actor = sent === null ? undefined : this.#actors.get(sent.actor);
    if (sent === null || actor === undefined || !isActive(actor.getSnapshot())) return;
    actor.send(sent.event);
  }

  /** `write` costs more than anything else in here: it is called only if there is room. */
  #send(actor: AnyActorRef, write: () => string): void {
    if (this.#socket.hasRoom) {
      this.#socket.send(write());
      return;
    }
    this.#behind.add(actor);
    if (this.#behind.size > maxActors) this.#behind.delete(this.#behind.values().next().value!);
    this.#catchUpLater();
  }

  #catchUpLater(): void {
    this.#catchUp ??= patientTimer(() => this.#safely(() => this.#sendBehind()), catchUpMs);
  }

  #sendBehind(): void {
    this.#catchUp = null;
    if (!this.#socket.isOpen) {
      // All are told of on the next connection.
      this.#behind.clear();
      return;
    }
    for (const actor of [...this.#behind]) {
      if (!this.#socket.hasRoom) break;
      this.#behind.delete(actor);
      this.#send(actor, () => this.#messages.actor(actor));
    }
    if (this.#behind.size > 0) this.#catchUpLater();
  }

  #safely(act: () => void): void {
    if (this.#isBroken) return;
    try {
      act();
    } catch (error) {
      this.close();
      this.#options.tell?.(`inspection ends: ${(error as Error).message}`);
    }
  }
}

const isActive = (snapshot: unknown): boolean =>
  ((snapshot as { readonly status?: unknown } | undefined)?.status ?? 'active') === 'active';
