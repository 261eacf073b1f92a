import type { AnyActorRef, InspectionEvent } from 'xstate';
import { actorNameOf, functionNameOf } from '../read/walk.ts';
import { actorEndType, configOf, parentOf } from '../read/xstate-internals.ts';
import { type PlainLimits, plainLimits, plainValue } from './plain-value.ts';

/** Of the protocol that is spoken: the version of `@statelyai/inspect`, whose receivers look for it. */
const protocolVersion = '0.7.2';

/** A definition is read as a whole, or not at all. */
const definitionLimits: PlainLimits = {
  depth: 64,
  items: 5000,
  characters: 10_000,
  parts: 100_000,
  allCharacters: 3_000_000,
};

export interface MessageOptions {
  /** Stands before the names and the session ids of the actors, so that several programs may share one inspector; null: nothing does. */
  readonly prefix: string | null;
  readonly sanitizeContext?: (context: unknown) => unknown;
  readonly sanitizeEvent?: (event: { readonly type: string }) => { readonly type: string };
}

/** Writes what XState tells of actors as messages of `@statelyai/inspect`: JSON texts of bounded size that no longer touch the actors. */
export class StatelyMessages {
  readonly #options: MessageOptions;
  /** By the config of a machine, which all its actors have. */
  readonly #definitions = new WeakMap<object, string>();

  constructor(options: MessageOptions) {
    this.#options = options;
  }

  /** The registration of an actor, as it is now. */
  actor(actor: AnyActorRef): string {
    const { id, sessionId } = actor;
    const config = configOf(actor);
    const parent = parentOf(actor);
    const machine = typeof config === 'object' && config !== null ? config : null;
    const name = id === sessionId && machine !== null ? String((machine as { id?: unknown }).id ?? id) : id;
    return this.#message({
      type: '@xstate.actor',
      name: this.#options.prefix === null ? name : `${this.#options.prefix} ${name}`,
      definition: machine === null ? JSON.stringify({ id: name }) : this.#definition(machine),
      rootId: this.idOf(rootOf(actor).sessionId),
      parentId: parent && this.idOf(parent.sessionId),
      sessionId: this.idOf(sessionId),
      // An actor that is being made has none.
      snapshot: this.#snapshot(id, actor.getSnapshot() ?? { status: 'active' }),
    });
  }

  event(told: Extract<InspectionEvent, { type: '@xstate.event' }>): string {
    return this.#message({
      type: '@xstate.event',
      event: this.#event(told.event),
      sourceId: told.sourceRef && this.idOf(told.sourceRef.sessionId),
      sessionId: this.idOf(told.actorRef.sessionId),
      rootId: this.idOf(told.rootId),
    });
  }

  snapshot(told: Extract<InspectionEvent, { type: '@xstate.snapshot' }>): string {
    return this.#message({
      type: '@xstate.snapshot',
      event: this.#event(told.event),
      snapshot: this.#snapshot((told.actorRef as AnyActorRef).id, told.snapshot),
      sessionId: this.idOf(told.actorRef.sessionId),
      rootId: this.idOf(told.rootId),
    });
  }

  /** What an actor is called in messages, from its session id. */
  idOf(sessionId: string): string {
    const { prefix } = this.#options;
    return prefix === null ? sessionId : `${prefix}/${sessionId}`;
  }

  #message(fields: object): string {
    const createdAt = Date.now().toString();
    return JSON.stringify({ ...fields, _version: protocolVersion, createdAt, id: null });
  }

  #definition(config: object): string {
    const known = this.#definitions.get(config);
    if (known !== undefined) return known;
    const { sanitizeContext } = this.#options;
    const shown = sanitizeContext === undefined ? config : { ...config, context: undefined };
    const definition = JSON.stringify(
      plainValue(shown, definitionLimits, { functionName: functionNameOf, logicName: actorNameOf }),
    );
    this.#definitions.set(config, definition);
    return definition;
  }

  #event(event: { readonly type: string }): unknown {
    const { sanitizeEvent } = this.#options;
    return this.#plain(sanitizeEvent === undefined ? event : sanitizeEvent(event));
  }

  #snapshot(actor: string, snapshot: unknown): unknown {
    const { status, value, context, output, error } = snapshot as Readonly<Record<string, unknown>>;
    const { sanitizeContext } = this.#options;
    const isAsItIs = context === undefined || sanitizeContext === undefined;
    return this.#plain({
      status,
      value,
      context: isAsItIs ? context : sanitizeContext(context),
      output: this.#ending(actorEndType('done', actor), 'output', output),
      error: this.#ending(actorEndType('error', actor), 'error', error),
    });
  }

  /** What an actor ends with, as it is shown in the event by which its parent hears of it. */
  #ending(type: string, field: 'output' | 'error', value: unknown): unknown {
    const { sanitizeEvent } = this.#options;
    if (value === undefined || sanitizeEvent === undefined) return value;
    const event: { readonly type: string; readonly output?: unknown; readonly error?: unknown } = {
      type,
      [field]: value,
    };
    return (sanitizeEvent(event) as typeof event)[field];
  }

  #plain(value: unknown): unknown {
    return plainValue(value, plainLimits, { actorName: (sessionId) => this.idOf(sessionId) });
  }
}

const rootOf = (actor: AnyActorRef): AnyActorRef => {
  const parent = parentOf(actor);
  return parent === undefined ? actor : rootOf(parent);
};
